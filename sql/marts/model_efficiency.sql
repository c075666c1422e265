-- How a model is used, and what a call of it takes: ratios as sums over sums, percentiles from the calls themselves.
create or replace view marts.model_efficiency as
with used as (
  select
    model,
    base_model,
    model_family,
    count(*) as completions,
    sum(total_tokens)::bigint as total_tokens,
    sum(input_cached_tokens) / nullif(sum(input_tokens) filter (where input_cached_tokens is not null), 0) as cache_hit_ratio,
    sum(output_reasoning_tokens) / nullif(sum(output_tokens) filter (where output_reasoning_tokens is not null), 0) as reasoning_share,
    sum(output_tokens) filter (where input_tokens is not null) / nullif(sum(input_tokens) filter (where output_tokens is not null), 0) as output_per_input_token,
    sum(input_tokens) / nullif(count(input_tokens), 0) as input_tokens_mean,
    quantile_cont(input_tokens, [0.5, 0.95, 0.99]) as input_quantiles,
    max(input_tokens) as input_tokens_max,
    sum(output_tokens) / nullif(count(output_tokens), 0) as output_tokens_mean,
    quantile_cont(output_tokens, [0.5, 0.95, 0.99]) as output_quantiles,
    max(output_tokens) as output_tokens_max,
    sum(list_cost_usd) as list_cost_usd,
    (sum(list_cost_usd) / nullif(count(list_cost_usd), 0))::double as list_cost_usd_per_completion,
    sum(priced_tokens) / nullif(sum(total_tokens), 0) as priced_token_share,
    count(*) filter (where is_truncated) / nullif(count(is_truncated), 0) as truncation_rate
  from marts.completions
  group by model, base_model, model_family
)
select
  model,
  base_model,
  model_family,
  completions,
  total_tokens,
  cache_hit_ratio,
  reasoning_share,
  output_per_input_token,
  input_tokens_mean,
  input_quantiles[1] as input_tokens_p50,
  input_quantiles[2] as input_tokens_p95,
  input_quantiles[3] as input_tokens_p99,
  input_tokens_max,
  output_tokens_mean,
  output_quantiles[1] as output_tokens_p50,
  output_quantiles[2] as output_tokens_p95,
  output_quantiles[3] as output_tokens_p99,
  output_tokens_max,
  list_cost_usd,
  list_cost_usd_per_completion,
  priced_token_share,
  truncation_rate
from used;

comment on view marts.model_efficiency is 'How each model is used over all that is held, one row a model: ratios and percentiles of tokens a call.';
comment on column marts.model_efficiency.model is 'Model that answered, dated; (unknown) when the API named none.';
comment on column marts.model_efficiency.base_model is 'The model without its date and owner; dim_models.base_model.';
comment on column marts.model_efficiency.model_family is 'Generation of the model, such as gpt-4.1; dim_models.model_family.';
comment on column marts.model_efficiency.completions is 'Completions, a count.';
comment on column marts.model_efficiency.total_tokens is 'Tokens of the calls, a sum.';
comment on column marts.model_efficiency.cache_hit_ratio is 'Share of input tokens read from the cache, 0 to 1: sum over sum, of the completions that tell; NULL when none does.';
comment on column marts.model_efficiency.reasoning_share is 'Share of output tokens spent on reasoning, 0 to 1: sum over sum, of the completions that tell; NULL when none does.';
comment on column marts.model_efficiency.output_per_input_token is 'Output tokens per input token, of the calls that tell both; NULL without input.';
comment on column marts.model_efficiency.input_tokens_mean is 'Input tokens a call, the mean of the calls that tell.';
comment on column marts.model_efficiency.input_tokens_p50 is 'Median of input tokens a call, interpolated.';
comment on column marts.model_efficiency.input_tokens_p95 is '95th percentile of input tokens a call, interpolated.';
comment on column marts.model_efficiency.input_tokens_p99 is '99th percentile of input tokens a call, interpolated.';
comment on column marts.model_efficiency.input_tokens_max is 'Most input tokens of a call.';
comment on column marts.model_efficiency.output_tokens_mean is 'Output tokens a call, the mean of the calls that tell.';
comment on column marts.model_efficiency.output_tokens_p50 is 'Median of output tokens a call, interpolated.';
comment on column marts.model_efficiency.output_tokens_p95 is '95th percentile of output tokens a call, interpolated.';
comment on column marts.model_efficiency.output_tokens_p99 is '99th percentile of output tokens a call, interpolated.';
comment on column marts.model_efficiency.output_tokens_max is 'Most output tokens of a call.';
comment on column marts.model_efficiency.list_cost_usd is 'Cost of what has a price at the list (or contract) price of the day, US dollars; not what was billed. NULL when nothing has a price.';
comment on column marts.model_efficiency.list_cost_usd_per_completion is 'The same a completion, a mean of those of which something has a price; NULL when none has.';
comment on column marts.model_efficiency.priced_token_share is 'Share of the tokens that has a price, 0 to 1: how much of the usage list_cost_usd stands for. NULL without tokens.';
comment on column marts.model_efficiency.truncation_rate is 'Share of the completions that give a finish reason of which an answer ended for length, 0 to 1.';
