-- The text of one completion, where it is held: the messages of its request in their order, then its answers. $length signs of each
-- at the most. A copy without text has none of it.
with texts as (
  select
    'message' as part,
    message_index as place,
    role,
    coalesce(content, content_parts::varchar, tool_calls::varchar) as text
  from main.completion_messages
  where source = $source and completion_id = $id and created_at = $created_at::timestamptz
  union all
  select
    'message' as part,
    0 as place,
    'all messages (JSON)' as role,
    input_messages::varchar as text
  from main.completions
  where source = $source and id = $id and created_at = $created_at::timestamptz
    and not exists (
      select 1 from main.completion_messages
      where source = $source and completion_id = $id and created_at = $created_at::timestamptz
    )
  union all
  select 'answer' as part, choice_index as place, role, coalesce(nullif(content, ''), refusal, function_call::varchar) as text
  from main.completion_choices
  where source = $source and completion_id = $id and created_at = $created_at::timestamptz
  union all
  select 'reasoning' as part, choice_index as place, role, reasoning_content as text
  from main.completion_choices
  where source = $source and completion_id = $id and created_at = $created_at::timestamptz
  union all
  select 'tool call' as part, choice_index as place, name as role, arguments as text
  from main.completion_tool_calls
  where source = $source and completion_id = $id and created_at = $created_at::timestamptz
)
select part, place, role, left(text, $length::bigint) as text, length(text) > $length::bigint as is_cut
from texts
where text is not null
order by array_position(['message', 'reasoning', 'answer', 'tool call'], part), place
limit 500;
