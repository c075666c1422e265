-- Answers one by one, with what is known of their completion: for what no rollup has together. Where there is one answer the
-- completion tells all of it, so that the answers of the few others are joined alone. A published copy without content shows no
-- refusal; there a completion of several answers that is known to be refused counts for one refused answer, its first.
with told as (
  select
    *,
    created_at - to_seconds(epoch(created_at)::bigint % 3_600) as created_hour
  from marts.completions
  where created_date >= $from::date and created_date < $to::date
    and ($source::varchar is null or source = $source::varchar)
)
select
  created_at, created_date, created_hour, source, model, base_model, model_family, service_tier, system_fingerprint, finish_reason,
  input_user, tags,
  coalesce(finish_reason, '(none)') as choice_finish_reason,
  1 as choices,
  case when is_refused then 1 else 0 end as refused_choices
from told
where choice_count = 1
union all
select
  told.created_at, told.created_date, created_hour, told.source, model, base_model, model_family, service_tier, system_fingerprint,
  told.finish_reason, input_user, tags,
  coalesce(choice.finish_reason, '(none)') as choice_finish_reason,
  1 as choices,
  case
    when choice.refusal is not null then 1
    when told.is_refused and choice.choice_index = 0
      and not exists (select 1 from main.completion_choices where refusal is not null) then 1
    else 0
  end as refused_choices
from told
join (
  select *, date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date from main.completion_choices
) as choice
  on choice.source = told.source
  and choice.completion_id = told.completion_id
  and choice.created_at = told.created_at
  and choice.created_date = told.created_date
where told.choice_count is distinct from 1
