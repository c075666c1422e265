-- Usage of each completion, with the columns of marts.usage_hourly: for what no rollup has together. The sums must be those of
-- usage_hourly; a test holds the two against each other.
select
  created_date,
  created_at - to_seconds(epoch(created_at)::bigint % 3_600) as created_hour,
  source,
  model,
  base_model,
  model_family,
  service_tier,
  completion.finish_reason,
  completion.input_user,
  completion.tags,
  1 as completions,
  case when has_usage then 0 else 1 end as completions_without_usage,
  input_tokens,
  input_cached_tokens,
  case when input_cached_tokens is not null then input_tokens end as input_tokens_of_known_cache,
  output_tokens,
  output_reasoning_tokens,
  case when output_reasoning_tokens is not null then output_tokens end as output_tokens_of_known_reasoning,
  total_tokens,
  priced_tokens,
  completion.list_cost_usd,
  completion.assumed_cost_usd,
  case when not is_unpriced then completion.standard_cost_usd - completion.list_cost_usd end as tier_saving_usd,
  case when is_truncated then 1 else 0 end as truncated_completions
from (
  from marts.completions
  union all by name
  -- A file that an earlier version has written lacks this column.
  select null::decimal(38, 12) as assumed_cost_usd where false
) as completion
where created_date >= $from::date and created_date < $to::date
  and ($source::varchar is null or source = $source::varchar)
