-- Tool calls summed up by day, group, model and tool.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  model,
  tool_name,
  tool_type,
  sum(calls)::bigint as calls,
  sum(completions)::bigint as completions
from chosen
group by created_date, hour_from, group_1, group_2, model, tool_name, tool_type
