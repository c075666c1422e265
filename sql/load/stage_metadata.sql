-- $rows: one JSON object a line and label.
insert into temp.staged_metadata by name
select
  $source::varchar as source,
  completion_id,
  make_timestamptz(created * 1_000_000) as created_at,
  key,
  value
from (
  select unnest(from_json_strict(line, '{
    "completion_id": "VARCHAR",
    "created": "BIGINT",
    "key": "VARCHAR",
    "value": "VARCHAR"
  }'))
  from (select unnest(string_split($rows, chr(10))) as line)
);
