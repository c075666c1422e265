-- $rows: one JSON object a line and gap, each kind and seconds once.
insert into temp.staged_gaps by name
select
  $source::varchar as source,
  $scope::varchar as scope,
  kind,
  from_second,
  to_second,
  rows_seen,
  rows_missing_estimate,
  detail,
  make_timestamptz($now_ms::bigint * 1_000) as first_seen_at,
  make_timestamptz($now_ms::bigint * 1_000) as last_tried_at,
  null as resolved_at,
  $run_id::varchar as run_id
from (
  select unnest(from_json_strict(line, '{
    "kind": "VARCHAR",
    "from_second": "BIGINT",
    "to_second": "BIGINT",
    "rows_seen": "BIGINT",
    "rows_missing_estimate": "DOUBLE",
    "detail": "VARCHAR"
  }'))
  from (select unnest(string_split($rows, chr(10))) as line)
);
