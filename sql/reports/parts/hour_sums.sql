-- Usage summed up by hour and group, whatever it is grouped by.
select
  created_date,
  created_hour,
  hour_from,
  group_1,
  group_2,
  sum(completions)::bigint as completions,
  sum(total_tokens)::bigint as total_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
from chosen
group by created_date, created_hour, hour_from, group_1, group_2
