-- Answers by the reason they ended.
select finish_reason, sum(choices)::bigint as choices, sum(refused_choices)::bigint as refused_choices
from choices_by
group by finish_reason
order by choices desc, finish_reason;
