-- $rows: one JSON object a line and choice.
insert into temp.staged_choices by name
select
  $source::varchar as source,
  completion_id,
  make_timestamptz(created * 1_000_000) as created_at,
  choice_index,
  finish_reason,
  role,
  content,
  refusal,
  reasoning_content,
  tool_call_count,
  function_call::json->'$' as function_call,
  annotations::json->'$' as annotations,
  audio::json->'$' as audio,
  logprobs::json->'$' as logprobs,
  extra::json->'$' as extra
from (
  select unnest(from_json_strict(line, '{
    "completion_id": "VARCHAR",
    "created": "BIGINT",
    "choice_index": "BIGINT",
    "finish_reason": "VARCHAR",
    "role": "VARCHAR",
    "content": "VARCHAR",
    "refusal": "VARCHAR",
    "reasoning_content": "VARCHAR",
    "tool_call_count": "BIGINT",
    "function_call": "VARCHAR",
    "annotations": "VARCHAR",
    "audio": "VARCHAR",
    "logprobs": "VARCHAR",
    "extra": "VARCHAR"
  }'))
  from (select unnest(string_split($rows, chr(10))) as line)
);
