-- Prompts that were sent again, to the same model with the same messages, and what the repeats cost: all but the first. Messages
-- are compared by a hash; their text is not shown. The id is the first call's, for `tokenhouse get`. Only calls whose messages are
-- held with their text can be compared: a line under the table says how many those are.
with sent as (
  select
    call.grp,
    call.model,
    call.completion_id,
    call.created_at,
    call.total_tokens,
    call.list_cost_usd,
    prompt.prompt,
    row_number() over (
      partition by call.grp, call.model, prompt.prompt
      order by call.created_at, call.completion_id, call.source
    ) as place
  from completions_by as call
  join prompts_held as prompt
    on prompt.source = call.source
    and prompt.completion_id = call.completion_id
    and prompt.created_at = call.created_at
    and prompt.created_date = call.created_date
),
repeated as (
  select
    grp,
    model,
    arg_min(completion_id, place) as completion_id,
    count(*) as completions,
    count(*) - 1 as repeats,
    min(created_at) as first_at,
    max(created_at) as last_at,
    sum(total_tokens) filter (where place > 1)::bigint as repeated_tokens,
    sum(list_cost_usd) filter (where place > 1) as repeated_list_cost_usd
  from sent
  group by grp, model, prompt
  having count(*) > 1
)
select
  grp,
  completion_id,
  model,
  completions,
  repeats,
  strftime(first_at, '%Y-%m-%dT%H:%M:%SZ') as first_at,
  strftime(last_at, '%Y-%m-%dT%H:%M:%SZ') as last_at,
  repeated_tokens,
  repeated_list_cost_usd,
  count(*) over () as rows_in_all
from repeated
order by
  repeated_list_cost_usd desc nulls last,
  repeated_tokens desc nulls last,
  repeats desc,
  first_at,
  completion_id,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
limit $top::integer
