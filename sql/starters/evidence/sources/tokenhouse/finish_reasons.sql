select created_date, model, finish_reason, sum(choices)::double as choices
from marts.finish_reasons_daily
group by created_date, model, finish_reason
