-- Answers by the reason they ended.
select finish_reason, sum(choices)::bigint as choices, sum(refused_choices)::bigint as refused_choices
from marts.finish_reasons_daily
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source)
group by finish_reason
order by choices desc, finish_reason;
