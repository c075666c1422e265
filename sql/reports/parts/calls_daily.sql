-- Tool calls by day, source, model and tool.
select *
from marts.tool_usage_daily
where created_date >= $from::date and created_date < $to::date
  and ($source::varchar is null or source = $source::varchar)
