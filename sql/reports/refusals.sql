-- Answers that were cut off (`length`), stopped by the content filter or refused, by model or by whatever --by names, as shares
-- of its answers. Refusals are told from the text of answers: in a warehouse kept without content there are none to see.
with counted as (
  select
    grp,
    sum(choices)::bigint as choices,
    coalesce(sum(choices) filter (where finish_reason = 'length'), 0)::bigint as truncated_choices,
    coalesce(sum(choices) filter (where finish_reason = 'content_filter'), 0)::bigint as content_filtered_choices,
    sum(refused_choices)::bigint as refused_choices
  from choices_by
  group by grp
)
select
  grp,
  choices,
  truncated_choices,
  truncated_choices / choices as truncation_rate,
  content_filtered_choices,
  content_filtered_choices / choices as content_filter_rate,
  refused_choices,
  refused_choices / choices as refusal_rate,
  case when truncated_choices / choices > 0.1 then 'above 10 % cut off' end as warning
from counted
order by
  case when $time_place::integer = 1 then grp.name end,
  case when $time_place::integer = 2 then sum(choices) over (partition by grp.rest) else choices end desc,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
