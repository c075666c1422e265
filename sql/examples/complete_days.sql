-- Days that are not proven to be read in full.
select created_date, source, covered_share, open_gaps, rows_missing_estimate
from marts.coverage_daily
where not is_complete and not is_open
order by created_date, source
