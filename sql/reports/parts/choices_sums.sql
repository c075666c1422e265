-- Answers summed up by day, group and the reason they ended.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  choice_finish_reason as finish_reason,
  sum(choices)::bigint as choices,
  sum(refused_choices)::bigint as refused_choices
from chosen
group by created_date, hour_from, group_1, group_2, choice_finish_reason
