-- A hash of the messages of each call that are held with their text: of all that makes two of them the same, which their ids do not.
select
  source,
  completion_id,
  created_at,
  date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date,
  md5(string_agg(message, ' ' order by message_index)) as prompt
from (
  select
    *,
    md5(to_json({
      'role': role,
      'name': name,
      'content': content,
      'content_parts': content_parts,
      'tool_call_id': tool_call_id,
      'tool_calls': tool_calls
    })::varchar) as message
  from main.completion_messages
  where date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer >= $from::date
    and date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer < $to::date
) as hashed
group by source, completion_id, created_at
having bool_or(content is not null or content_parts is not null)
union all
select
  source,
  id as completion_id,
  created_at,
  date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date,
  md5(input_messages::varchar) as prompt
from main.completions
where input_messages is not null
  and date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer >= $from::date
  and date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer < $to::date
  -- Both may be held of one call, whose repeats would count twice.
  and not exists (
    select 1
    from main.completion_messages as message
    where message.source = main.completions.source
      and message.completion_id = main.completions.id
      and message.created_at = main.completions.created_at
      and (message.content is not null or message.content_parts is not null)
  )
