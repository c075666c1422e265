-- $rows: one JSON object a line and message.
insert into temp.staged_messages by name
select
  $source::varchar as source,
  completion_id,
  make_timestamptz(created * 1_000_000) as created_at,
  message_index,
  message_id,
  role,
  name,
  content,
  content_parts::json->'$' as content_parts,
  tool_call_id,
  tool_calls::json->'$' as tool_calls,
  raw
from (
  select unnest(from_json_strict(line, '{
    "completion_id": "VARCHAR",
    "created": "BIGINT",
    "message_index": "BIGINT",
    "message_id": "VARCHAR",
    "role": "VARCHAR",
    "name": "VARCHAR",
    "content": "VARCHAR",
    "content_parts": "VARCHAR",
    "tool_call_id": "VARCHAR",
    "tool_calls": "VARCHAR",
    "raw": "VARCHAR"
  }'))
  from (select unnest(string_split($rows, chr(10))) as line)
);
