-- Answers one by one, with what is known of their completion: for what no rollup has together. A published copy without content
-- shows no refusal; there a completion that is known to be refused counts for one refused answer, its first.
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
  coalesce(choice.finish_reason, '(none)') as choice_finish_reason,
  1 as choices,
  case
    when choice.refusal is not null then 1
    when completion.is_refused and choice.choice_index = 0
      and not exists (select 1 from main.completion_choices where refusal is not null) then 1
    else 0
  end as refused_choices
from marts.completions as completion
join (
  select *, date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date from main.completion_choices
) as choice
  on choice.source = completion.source
  and choice.completion_id = completion.completion_id
  and choice.created_at = completion.created_at
  and choice.created_date = completion.created_date
where completion.created_date >= $from::date and completion.created_date < $to::date
  and ($source::varchar is null or completion.source = $source::varchar)
