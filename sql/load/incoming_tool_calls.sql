-- Staged tool calls of both kinds.
create or replace temp view incoming_tool_calls as
select
  source,
  completion_id,
  created_at,
  choice_index,
  (place - 1)::bigint as tool_call_index,
  tool_call.id as tool_call_id,
  tool_call.type as type,
  coalesce(tool_call.function.name, tool_call.custom.name) as name,
  coalesce(tool_call.function.arguments, tool_call.custom.input) as arguments
from (
  select
    source,
    completion_id,
    created_at,
    choice_index,
    unnest(tool_calls) as tool_call,
    generate_subscripts(tool_calls, 1) as place
  from (
    select
      source,
      item.id as completion_id,
      created_at,
      (generate_subscripts(item.choices, 1) - 1)::bigint as choice_index,
      unnest(item.choices).message.tool_calls as tool_calls
    from temp.staged_plain
  )
  where len(tool_calls) > 0
)
union all by name
from temp.staged_tool_calls;
