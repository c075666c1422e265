-- $rows: one JSON object a line and rejected item.
insert into temp.staged_rejected by name
select
  $source::varchar as source,
  raw_sha256,
  id,
  make_timestamptz(created * 1_000_000) as created_at,
  reason,
  raw,
  raw_length,
  $run_id::varchar as run_id,
  make_timestamptz($now_ms::bigint * 1_000) as first_seen_at,
  make_timestamptz($now_ms::bigint * 1_000) as last_seen_at
from (
  select unnest(from_json_strict(line, '{
    "raw_sha256": "VARCHAR",
    "id": "VARCHAR",
    "created": "BIGINT",
    "reason": "VARCHAR",
    "raw": "VARCHAR",
    "raw_length": "BIGINT"
  }'))
  from (select unnest(string_split($rows, chr(10))) as line)
);
