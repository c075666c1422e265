-- Staged choices of both kinds. The choices of plain completions are numbered by their place, and have no field without a column.
create or replace temp view incoming_choices as
select
  source,
  completion_id,
  created_at,
  (place - 1)::bigint as choice_index,
  choice.finish_reason as finish_reason,
  choice.message."role" as "role",
  choice.message.content as content,
  choice.message.refusal as refusal,
  coalesce(choice.message.reasoning_content, choice.message.reasoning) as reasoning_content,
  coalesce(len(choice.message.tool_calls), 0)::bigint as tool_call_count,
  choice.message.function_call as function_call,
  choice.message.annotations as annotations,
  null::json as audio,
  choice.logprobs as logprobs,
  null::json as extra
from (
  select
    source,
    item.id as completion_id,
    created_at,
    unnest(item.choices) as choice,
    generate_subscripts(item.choices, 1) as place
  from temp.staged_plain
)
union all by name
from temp.staged_choices;
