-- Answers that were cut off (`length`), stopped by the content filter or refused, by model, as shares of its answers. Refusals
-- are told from the text of answers: in a warehouse kept without content there are none to see.
with counted as (
  select
    model,
    sum(choices)::bigint as choices,
    coalesce(sum(choices) filter (where finish_reason = 'length'), 0)::bigint as truncated_choices,
    coalesce(sum(choices) filter (where finish_reason = 'content_filter'), 0)::bigint as content_filtered_choices,
    sum(refused_choices)::bigint as refused_choices
  from marts.finish_reasons_daily
  where created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source::varchar)
  group by model
)
select
  model,
  choices,
  truncated_choices,
  truncated_choices / choices as truncation_rate,
  content_filtered_choices,
  content_filtered_choices / choices as content_filter_rate,
  refused_choices,
  refused_choices / choices as refusal_rate,
  case when truncated_choices / choices > 0.1 then 'above 10 % cut off' end as warning
from counted
order by choices desc, model
