-- Tools the models called: calls of each, and the share of all completions that call it. A completion may call several.
with whole as (
  select sum(completions)::bigint as completions
  from marts.usage_hourly
  where created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source::varchar)
),
tools as (
  select
    tool_name,
    tool_type,
    sum(calls)::bigint as calls,
    sum(completions)::bigint as completions,
    count(distinct model) as models
  from marts.tool_usage_daily
  where created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source::varchar)
  group by tool_name, tool_type
)
select
  tool_name,
  tool_type,
  calls,
  calls / nullif(sum(calls) over (), 0) as call_share,
  tools.completions,
  tools.completions / nullif(whole.completions, 0) as completion_share,
  models,
  count(*) over () as rows_in_all
from tools cross join whole
order by calls desc, tool_name, tool_type
limit $top::integer
