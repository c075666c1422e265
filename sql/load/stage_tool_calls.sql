-- $rows: one JSON object a line and tool call.
insert into temp.staged_tool_calls by name
select
  $source::varchar as source,
  completion_id,
  make_timestamptz(created * 1_000_000) as created_at,
  choice_index,
  tool_call_index,
  tool_call_id,
  type,
  name,
  arguments
from (
  select unnest(from_json_strict(line, '{
    "completion_id": "VARCHAR",
    "created": "BIGINT",
    "choice_index": "BIGINT",
    "tool_call_index": "BIGINT",
    "tool_call_id": "VARCHAR",
    "type": "VARCHAR",
    "name": "VARCHAR",
    "arguments": "VARCHAR"
  }'))
  from (select unnest(string_split($rows, chr(10))) as line)
);
