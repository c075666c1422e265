-- Usage summed up by day and group. What has no price has no cost, not one of 0.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  sum(completions)::bigint as completions,
  sum(input_tokens)::bigint as input_tokens,
  sum(input_cached_tokens)::bigint as input_cached_tokens,
  sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
  sum(output_tokens)::bigint as output_tokens,
  sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
  sum(total_tokens)::bigint as total_tokens,
  sum(priced_tokens)::bigint as priced_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
from chosen
group by created_date, hour_from, group_1, group_2
