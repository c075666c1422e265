-- Answers that were cut off or filtered, by day.
select
  created_date,
  sum(choices) as answers,
  sum(choices) filter (where finish_reason = 'length') as cut_off,
  sum(choices) filter (where finish_reason = 'content_filter') as filtered
from marts.finish_reasons_daily
group by created_date
order by created_date
