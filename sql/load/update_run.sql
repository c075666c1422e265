-- Totals of the run so far. It changes no row when the run has ended or a later run of the source has taken over: then
-- the load is refused as a whole.
update sync.runs
set
  pages = $pages::bigint,
  rows_read = $rows_read::bigint,
  rows_inserted = $rows_inserted::bigint,
  rows_updated = $rows_updated::bigint,
  rows_rejected = $rows_rejected::bigint,
  requests = $requests::bigint,
  retries = $retries::bigint
where run_id = $run_id
  and source = $source
  and status = 'running';
