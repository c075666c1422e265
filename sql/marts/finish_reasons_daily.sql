-- Why answers ended, by UTC day: an answer counts once, so the shares of a day, source, model and tier sum to 1.
create or replace view marts.finish_reasons_daily as
select
  tokens.created_date,
  tokens.source,
  tokens.model,
  tokens.service_tier,
  coalesce(nullif(choice.finish_reason, ''), '(none)') as finish_reason,
  count(*) as choices,
  count(*) filter (where choice.refusal <> '') as refused_choices
from marts.billable_tokens as tokens
join (
  select *, date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date from main.completion_choices
) as choice
  on choice.source = tokens.source
  and choice.completion_id = tokens.completion_id
  and choice.created_at = tokens.created_at
  and choice.created_date = tokens.created_date
group by tokens.created_date, tokens.source, tokens.model, tokens.service_tier, coalesce(nullif(choice.finish_reason, ''), '(none)');

comment on view marts.finish_reasons_daily is 'Answers by the reason they ended, one row per UTC day, source, model, tier and reason. A share is sum(choices) over the sum of all reasons.';
comment on column marts.finish_reasons_daily.created_date is 'UTC day of the calls, DATE.';
comment on column marts.finish_reasons_daily.source is 'Name of the source; from the settings.';
comment on column marts.finish_reasons_daily.model is 'Model that answered, dated; (unknown) when the API named none.';
comment on column marts.finish_reasons_daily.service_tier is 'Tier that served the calls; default where the API said auto or nothing, priority where it said fast.';
comment on column marts.finish_reasons_daily.finish_reason is 'stop, length (cut off), tool_calls, content_filter, function_call; (none) when the API did not tell. OpenTelemetry: gen_ai.response.finish_reasons.';
comment on column marts.finish_reasons_daily.choices is 'Answers, a count; one completion may have several.';
comment on column marts.finish_reasons_daily.refused_choices is 'Answers that are refusals, a count; 0 in a warehouse kept without content.';
