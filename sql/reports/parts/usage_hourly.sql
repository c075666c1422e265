-- Usage by hour, source, model and tier: enough wherever nothing finer is asked for.
select *
from marts.usage_hourly
where created_date >= $from::date and created_date < $to::date
  and ($source::varchar is null or source = $source::varchar)
union all by name
-- A file that an earlier version has written lacks this column.
select null::decimal(38, 12) as assumed_cost_usd where false
