-- Answers by day, source, model, tier and the reason they ended.
select * rename (finish_reason as choice_finish_reason)
from marts.finish_reasons_daily
where created_date >= $from::date and created_date < $to::date
  and ($source::varchar is null or source = $source::varchar)
