-- How many of the calls asked for have their messages held with their text, and how many there are.
with held as (
  select source, completion_id, created_at
  from main.completion_messages
  where content is not null or content_parts is not null
  union
  select source, id, created_at
  from main.completions
  where input_messages is not null
)
select count(held.completion_id) as looked_at, count(*) as completions
from completions_by as call
left join held
  on held.source = call.source
  and held.completion_id = call.completion_id
  and held.created_at = call.created_at
