-- Why answers ended, by model or by whatever --by names: the share of each finish reason, an answer counted once. `length` is an
-- answer cut off; where more than 10 % of a group's answers are, it is marked.
with counted as (
  select grp, finish_reason, sum(choices)::bigint as choices from choices_by group by grp, finish_reason
),
shared as (
  select *, choices / sum(choices) over (partition by grp) as choice_share, sum(choices) over (partition by grp.rest) as rest_choices
  from counted
)
select
  grp,
  finish_reason,
  choices,
  choice_share,
  case when finish_reason = 'length' and choice_share > 0.1 then 'above 10 %' end as warning
from shared
order by
  case when $time_place::integer = 1 then grp.name end,
  rest_choices desc,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc,
  choices desc,
  finish_reason
