-- How much of each day of the period is known to be read, by source.
select created_date, source, covered_seconds, covered_share, open_gaps, rows_missing_estimate, is_complete, is_open
from marts.coverage_daily
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source)
order by created_date, source;
