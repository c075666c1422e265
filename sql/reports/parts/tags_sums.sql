-- Usage summed up by tag, of the rollup by day.
select
  key,
  value,
  sum(completions)::bigint as completions,
  sum(total_tokens)::bigint as total_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
from chosen
group by key, value
