-- Why answers ended, by model: the share of each finish reason, an answer counted once. `length` is an answer cut off; where
-- more than 10 % of a model's answers are, it is marked.
select
  model,
  finish_reason,
  sum(choices)::bigint as choices,
  sum(choices) / sum(sum(choices)) over (partition by model) as choice_share,
  case
    when finish_reason = 'length' and sum(choices) / sum(sum(choices)) over (partition by model) > 0.1 then 'above 10 %'
  end as warning
from marts.finish_reasons_daily
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source::varchar)
group by model, finish_reason
order by sum(sum(choices)) over (partition by model) desc, model, choices desc, finish_reason
