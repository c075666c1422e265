update sync.runs
set
  status = $status,
  finished_at = make_timestamptz($finished_at_ms::bigint * 1_000),
  unproven_seconds = $unproven_seconds::bigint,
  error = $error::varchar
where run_id = $run_id;
