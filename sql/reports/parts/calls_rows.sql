-- Tool calls of each completion by tool, with what is known of the completion: for what no rollup has together.
with called as (
  select
    source,
    completion_id,
    created_at,
    date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date,
    coalesce(name, '(unnamed)') as tool_name,
    coalesce(type, '(unknown)') as tool_type,
    count(*) as calls
  from main.completion_tool_calls
  group by all
)
select
  completion.created_date,
  completion.created_at - to_seconds(epoch(completion.created_at)::bigint % 3_600) as created_hour,
  completion.source,
  completion.model,
  completion.base_model,
  completion.model_family,
  completion.service_tier,
  completion.finish_reason,
  completion.input_user,
  completion.tags,
  called.tool_name,
  called.tool_type,
  called.calls,
  1 as completions
from marts.completions as completion
join called
  on called.source = completion.source
  and called.completion_id = completion.completion_id
  and called.created_at = completion.created_at
  and called.created_date = completion.created_date
where completion.created_date >= $from::date and completion.created_date < $to::date
  and ($source::varchar is null or completion.source = $source::varchar)
