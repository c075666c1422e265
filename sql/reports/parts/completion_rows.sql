-- Completions one by one, with all that may be asked of them.
select *, created_at - to_seconds(epoch(created_at)::bigint % 3_600) as created_hour
from marts.completions
where created_date >= $from::date and created_date < $to::date
  and ($source::varchar is null or source = $source::varchar)
