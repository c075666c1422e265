-- The answers of one completion and the tools they call: why each ended, none of its text.
select
  choice.choice_index,
  choice.finish_reason,
  choice.refusal <> '' as is_refused,
  choice.tool_call_count,
  (
    select string_agg(coalesce(call.name, '(unknown)'), ', ' order by call.tool_call_index)
    from main.completion_tool_calls as call
    where call.source = $source
      and call.completion_id = $id
      and call.created_at = $created_at::timestamptz
      and call.choice_index = choice.choice_index
  ) as tools
from main.completion_choices as choice
where choice.source = $source
  and choice.completion_id = $id
  and choice.created_at = $created_at::timestamptz
order by choice.choice_index
limit 128;
