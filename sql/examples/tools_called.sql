-- Tools that the models called, and how often.
select tool_name, sum(calls) as calls, count(distinct model) as models
from marts.tool_usage_daily
group by tool_name
order by calls desc
