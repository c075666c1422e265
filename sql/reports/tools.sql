-- Tools the models called: calls of each, and the share of all completions that call it. A completion may call several. With
-- --by, the tools of each group, and their shares of it.
with whole as (
  select grp, sum(completions)::bigint as completions from usage_by group by grp
),
tools as (
  select
    grp,
    tool_name,
    tool_type,
    sum(calls)::bigint as calls,
    sum(completions)::bigint as completions,
    count(distinct model) as models
  from calls_by
  group by grp, tool_name, tool_type
)
select
  tools.grp,
  tool_name,
  tool_type,
  calls,
  calls / nullif(sum(calls) over (partition by tools.grp), 0) as call_share,
  tools.completions,
  tools.completions / nullif(whole.completions, 0) as completion_share,
  models,
  count(*) over () as rows_in_all
from tools
left join whole on whole.grp = tools.grp
order by
  case when $time_place::integer = 1 then tools.grp.name end,
  sum(calls) over (partition by tools.grp.rest) desc,
  tools.grp.name,
  tools.grp.name_2,
  tools.grp.kind desc,
  tools.grp.kind_2 desc,
  calls desc,
  tool_name,
  tool_type
limit case when $time_place::integer > 0 then 1000000 else $top::integer end
