insert into sync.runs (
  run_id, source, scope, kind, status, range_from, range_to, started_at,
  pages, rows_read, rows_inserted, rows_updated, rows_rejected, requests, retries
)
values (
  $run_id, $source, $scope, $kind, 'running', $range_from::bigint, $range_to::bigint,
  make_timestamptz($started_at_ms::bigint * 1_000),
  0, 0, 0, 0, 0, 0, 0
);
