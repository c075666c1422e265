-- Usage by hour: every sum the other marts are made of. Sums only, so that rows may be added up again; no ratio is stored.
create or replace view marts.usage_hourly as
select
  created_date,
  created_at - to_seconds(epoch(created_at)::bigint % 3_600) as created_hour,
  source,
  model,
  base_model,
  model_family,
  service_tier,
  count(*) as completions,
  count(*) filter (where not has_usage) as completions_without_usage,
  sum(input_tokens)::bigint as input_tokens,
  sum(input_cached_tokens)::bigint as input_cached_tokens,
  sum(input_cache_write_tokens)::bigint as input_cache_write_tokens,
  sum(input_audio_tokens)::bigint as input_audio_tokens,
  sum(input_tokens) filter (where input_cached_tokens is not null)::bigint as input_tokens_of_known_cache,
  sum(output_tokens)::bigint as output_tokens,
  sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(output_audio_tokens)::bigint as output_audio_tokens,
  sum(output_tokens) filter (where output_reasoning_tokens is not null)::bigint as output_tokens_of_known_reasoning,
  sum(total_tokens)::bigint as total_tokens,
  sum(priced_tokens)::bigint as priced_tokens,
  count(*) filter (where is_unpriced) as unpriced_completions,
  sum(list_cost_usd) as list_cost_usd,
  sum(assumed_cost_usd) as assumed_cost_usd,
  sum(standard_cost_usd - list_cost_usd) filter (where not is_unpriced) as tier_saving_usd,
  sum(choice_count)::bigint as choices,
  count(*) filter (where is_truncated) as truncated_completions,
  count(*) filter (where is_content_filtered) as content_filtered_completions,
  count(*) filter (where is_refused) as refused_completions,
  count(*) filter (where tool_call_count > 0) as tool_calling_completions,
  sum(tool_call_count)::bigint as tool_calls
from marts.completions
group by created_date, created_hour, source, model, base_model, model_family, service_tier;

comment on view marts.usage_hourly is 'Tokens and list cost, one row per hour (UTC), source, model and tier.';
comment on column marts.usage_hourly.created_date is 'UTC day of the calls, DATE.';
comment on column marts.usage_hourly.created_hour is 'First second of the hour, UTC.';
comment on column marts.usage_hourly.source is 'Name of the source; from the settings.';
comment on column marts.usage_hourly.model is 'Model that answered, dated; (unknown) when the API named none.';
comment on column marts.usage_hourly.base_model is 'The model without its date and owner; dim_models.base_model.';
comment on column marts.usage_hourly.model_family is 'Generation of the model, such as gpt-4.1; dim_models.model_family.';
comment on column marts.usage_hourly.service_tier is 'Tier that served the calls; default where the API said auto or nothing, priority where it said fast.';
comment on column marts.usage_hourly.completions is 'Completions, a count.';
comment on column marts.usage_hourly.completions_without_usage is 'Completions whose tokens the API did not tell, a count; they are in no sum of tokens.';
comment on column marts.usage_hourly.input_tokens is 'Tokens of the prompts, cached ones included, a sum.';
comment on column marts.usage_hourly.input_cached_tokens is 'Part of input_tokens read from the cache, a sum over those that tell; NULL when none does.';
comment on column marts.usage_hourly.input_cache_write_tokens is 'Part of input_tokens written to the cache, a sum over those that tell; NULL when none does.';
comment on column marts.usage_hourly.input_audio_tokens is 'Part of input_tokens that is audio, a sum over those that tell; NULL when none does.';
comment on column marts.usage_hourly.input_tokens_of_known_cache is 'input_tokens of the completions that tell their cached tokens, a sum: what a cache hit ratio is to be divided by.';
comment on column marts.usage_hourly.output_tokens is 'Tokens of the answers, reasoning included, a sum.';
comment on column marts.usage_hourly.output_reasoning_tokens is 'Part of output_tokens spent on reasoning, a sum over those that tell; NULL when none does.';
comment on column marts.usage_hourly.output_audio_tokens is 'Part of output_tokens that is audio, a sum over those that tell; NULL when none does.';
comment on column marts.usage_hourly.output_tokens_of_known_reasoning is 'output_tokens of the completions that tell their reasoning tokens, a sum: what a reasoning share is to be divided by.';
comment on column marts.usage_hourly.total_tokens is 'Tokens of the calls, a sum.';
comment on column marts.usage_hourly.priced_tokens is 'Part of total_tokens that has a price, a sum.';
comment on column marts.usage_hourly.unpriced_completions is 'Completions of which some token has no price, a count.';
comment on column marts.usage_hourly.list_cost_usd is 'Cost of priced_tokens at the list (or contract) price of the day, US dollars; not what was billed. NULL when nothing has a price.';
comment on column marts.usage_hourly.assumed_cost_usd is 'Part of list_cost_usd that rests on assumed prices, US dollars: caching that the price list is silent on, at the price of input; list_prices.is_assumed. 0 when none does.';
comment on column marts.usage_hourly.tier_saving_usd is 'What the served tier saved against the default tier, US dollars: above 0 for flex, below 0 for priority; over completions priced in full.';
comment on column marts.usage_hourly.choices is 'Answers of the completions, a count.';
comment on column marts.usage_hourly.truncated_completions is 'Completions of which an answer ended for length, a count.';
comment on column marts.usage_hourly.content_filtered_completions is 'Completions of which an answer ended by the content filter, a count.';
comment on column marts.usage_hourly.refused_completions is 'Completions of which an answer is a refusal, a count; 0 in a warehouse kept without content.';
comment on column marts.usage_hourly.tool_calling_completions is 'Completions with a tool call, a count.';
comment on column marts.usage_hourly.tool_calls is 'Tool calls, a count.';
