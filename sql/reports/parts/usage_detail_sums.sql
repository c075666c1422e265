-- usage_sums, with what the rollup by metadata does not know: calls without usage, calls cut off, what a tier saved.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  service_tier,
  sum(completions)::bigint as completions,
  sum(completions_without_usage)::bigint as completions_without_usage,
  sum(input_tokens)::bigint as input_tokens,
  sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
  sum(input_cached_tokens)::bigint as input_cached_tokens,
  sum(output_tokens)::bigint as output_tokens,
  sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
  sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(total_tokens)::bigint as total_tokens,
  sum(priced_tokens)::bigint as priced_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd,
  sum(assumed_cost_usd) as assumed_cost_usd,
  sum(tier_saving_usd) as tier_saving_usd,
  sum(truncated_completions)::bigint as truncated_completions
from chosen
group by created_date, hour_from, group_1, group_2, service_tier
