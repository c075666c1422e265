-- The newest runs first; $source null: of all sources.
select
  run_id, source, scope, kind, status, range_from, range_to, started_at, finished_at,
  pages, rows_read, rows_inserted, rows_updated, rows_rejected, requests, retries, unproven_seconds, error
from sync.runs
where $source::varchar is null or source = $source
order by started_at desc, run_id
limit $limit::bigint;
