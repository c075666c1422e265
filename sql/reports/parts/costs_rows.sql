-- Tokens of each completion by kind of token, with what is known of the completion: for what no rollup has together. Of one whose
-- tokens all have a price only their sum is asked for, so that few of the lines are joined: half the time over a million calls.
with told as (
  select
    *,
    created_at - to_seconds(epoch(created_at)::bigint % 3_600) as created_hour
  from marts.completions
  where created_date >= $from::date and created_date < $to::date
    and ($source::varchar is null or source = $source::varchar)
)
select
  created_date, created_hour, source, model, base_model, model_family, service_tier, finish_reason, input_user, tags,
  null::varchar as token_type, false as is_unpriced, 1 as completions, total_tokens as tokens
from told
where not is_unpriced and total_tokens > 0
union all
select
  told.created_date, created_hour, told.source, told.model, base_model, model_family, told.service_tier, finish_reason, input_user,
  tags, line.token_type, line.is_unpriced, 1 as completions, line.tokens
from told
join marts.usage_costs as line
  on line.source = told.source
  and line.completion_id = told.completion_id
  and line.created_at = told.created_at
  and line.created_date = told.created_date
where told.is_unpriced
