-- How fresh and how complete each source is: its last run, the stretch it was read from and to, how much of that is proven to
-- be read, and the gaps in it.
select
  source,
  strftime(last_run_at, '%Y-%m-%dT%H:%M:%SZ') as last_run_at,
  last_run_status,
  strftime(last_landed_at, '%Y-%m-%dT%H:%M:%SZ') as last_landed_at,
  completions,
  strftime(newest_created_at, '%Y-%m-%dT%H:%M:%SZ') as newest_created_at,
  strftime(covered_from, '%Y-%m-%dT%H:%M:%SZ') as covered_from,
  strftime(covered_until, '%Y-%m-%dT%H:%M:%SZ') as covered_until,
  covered_share,
  hole_seconds,
  open_gaps,
  rows_missing_estimate,
  rejected_items
from marts.sync_health
where $source::varchar is null or source = $source::varchar
order by source
