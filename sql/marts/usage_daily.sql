-- Usage by UTC day, with the ratios: sums over sums, of what is known.
create or replace view marts.usage_daily as
select
  hourly.created_date,
  hourly.source,
  hourly.model,
  hourly.base_model,
  hourly.model_family,
  hourly.service_tier,
  sum(hourly.completions)::bigint as completions,
  sum(hourly.completions_without_usage)::bigint as completions_without_usage,
  sum(hourly.input_tokens)::bigint as input_tokens,
  sum(hourly.input_cached_tokens)::bigint as input_cached_tokens,
  sum(hourly.input_cache_write_tokens)::bigint as input_cache_write_tokens,
  sum(hourly.input_audio_tokens)::bigint as input_audio_tokens,
  sum(hourly.input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
  sum(hourly.output_tokens)::bigint as output_tokens,
  sum(hourly.output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(hourly.output_audio_tokens)::bigint as output_audio_tokens,
  sum(hourly.output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
  sum(hourly.total_tokens)::bigint as total_tokens,
  sum(hourly.priced_tokens)::bigint as priced_tokens,
  sum(hourly.unpriced_completions)::bigint as unpriced_completions,
  sum(hourly.list_cost_usd) as list_cost_usd,
  sum(hourly.assumed_cost_usd) as assumed_cost_usd,
  sum(hourly.tier_saving_usd) as tier_saving_usd,
  sum(hourly.choices)::bigint as choices,
  sum(hourly.truncated_completions)::bigint as truncated_completions,
  sum(hourly.content_filtered_completions)::bigint as content_filtered_completions,
  sum(hourly.refused_completions)::bigint as refused_completions,
  sum(hourly.tool_calling_completions)::bigint as tool_calling_completions,
  sum(hourly.tool_calls)::bigint as tool_calls,
  sum(hourly.input_cached_tokens) / nullif(sum(hourly.input_tokens_of_known_cache), 0) as cache_hit_ratio,
  sum(hourly.output_reasoning_tokens) / nullif(sum(hourly.output_tokens_of_known_reasoning), 0) as reasoning_share,
  sum(hourly.priced_tokens) / nullif(sum(hourly.total_tokens), 0) as priced_token_share,
  hourly.created_date >= (select open_from from marts.as_of) as is_open
from marts.usage_hourly as hourly
group by hourly.created_date, hourly.source, hourly.model, hourly.base_model, hourly.model_family, hourly.service_tier;

comment on view marts.usage_daily is 'Tokens and list cost, one row per UTC day, source, model and tier.';
comment on column marts.usage_daily.created_date is 'UTC day of the calls, DATE.';
comment on column marts.usage_daily.source is 'Name of the source; from the settings.';
comment on column marts.usage_daily.model is 'Model that answered, dated; (unknown) when the API named none.';
comment on column marts.usage_daily.base_model is 'The model without its date and owner; dim_models.base_model.';
comment on column marts.usage_daily.model_family is 'Generation of the model, such as gpt-4.1; dim_models.model_family.';
comment on column marts.usage_daily.service_tier is 'Tier that served the calls; default where the API said auto or nothing, priority where it said fast.';
comment on column marts.usage_daily.completions is 'Completions, a count.';
comment on column marts.usage_daily.completions_without_usage is 'Completions whose tokens the API did not tell, a count; they are in no sum of tokens.';
comment on column marts.usage_daily.input_tokens is 'Tokens of the prompts, cached ones included, a sum.';
comment on column marts.usage_daily.input_cached_tokens is 'Part of input_tokens read from the cache, a sum over those that tell; NULL when none does.';
comment on column marts.usage_daily.input_cache_write_tokens is 'Part of input_tokens written to the cache, a sum over those that tell; NULL when none does.';
comment on column marts.usage_daily.input_audio_tokens is 'Part of input_tokens that is audio, a sum over those that tell; NULL when none does.';
comment on column marts.usage_daily.input_tokens_of_known_cache is 'input_tokens of the completions that tell their cached tokens, a sum: what a cache hit ratio is to be divided by.';
comment on column marts.usage_daily.output_tokens is 'Tokens of the answers, reasoning included, a sum.';
comment on column marts.usage_daily.output_reasoning_tokens is 'Part of output_tokens spent on reasoning, a sum over those that tell; NULL when none does.';
comment on column marts.usage_daily.output_audio_tokens is 'Part of output_tokens that is audio, a sum over those that tell; NULL when none does.';
comment on column marts.usage_daily.output_tokens_of_known_reasoning is 'output_tokens of the completions that tell their reasoning tokens, a sum: what a reasoning share is to be divided by.';
comment on column marts.usage_daily.total_tokens is 'Tokens of the calls, a sum.';
comment on column marts.usage_daily.priced_tokens is 'Part of total_tokens that has a price, a sum.';
comment on column marts.usage_daily.unpriced_completions is 'Completions of which some token has no price, a count.';
comment on column marts.usage_daily.list_cost_usd is 'Cost of priced_tokens at the list (or contract) price of the day, US dollars; not what was billed. NULL when nothing has a price.';
comment on column marts.usage_daily.assumed_cost_usd is 'Part of list_cost_usd that rests on assumed prices, US dollars: caching that the price list is silent on, at the price of input; list_prices.is_assumed. 0 when none does.';
comment on column marts.usage_daily.tier_saving_usd is 'What the served tier saved against the default tier, US dollars: above 0 for flex, below 0 for priority; over completions priced in full.';
comment on column marts.usage_daily.choices is 'Answers of the completions, a count.';
comment on column marts.usage_daily.truncated_completions is 'Completions of which an answer ended for length, a count.';
comment on column marts.usage_daily.content_filtered_completions is 'Completions of which an answer ended by the content filter, a count.';
comment on column marts.usage_daily.refused_completions is 'Completions of which an answer is a refusal, a count; 0 in a warehouse kept without content.';
comment on column marts.usage_daily.tool_calling_completions is 'Completions with a tool call, a count.';
comment on column marts.usage_daily.tool_calls is 'Tool calls, a count.';
comment on column marts.usage_daily.cache_hit_ratio is 'Share of input tokens read from the cache, 0 to 1: sum over sum, of the completions that tell; NULL when none does.';
comment on column marts.usage_daily.reasoning_share is 'Share of output tokens spent on reasoning, 0 to 1: sum over sum, of the completions that tell; NULL when none does.';
comment on column marts.usage_daily.priced_token_share is 'Share of the tokens that has a price, 0 to 1: how much of the usage list_cost_usd stands for. NULL without tokens.';
comment on column marts.usage_daily.is_open is 'Whether the day is not over, as far as the last sync saw: keep it out of comparisons.';
