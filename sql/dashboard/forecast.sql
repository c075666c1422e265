-- The month that is open, all sources together.
select
  min(month_from) as month_from,
  min(month_to) as month_to,
  max(complete_days) as complete_days,
  max(remaining_days) as remaining_days,
  max(baseline_days) as baseline_days,
  sum(list_cost_usd) as list_cost_usd,
  sum(open_day_list_cost_usd) as open_day_list_cost_usd,
  sum(forecast_list_cost_usd) as forecast_list_cost_usd,
  sum(priced_token_share * total_tokens) / nullif(sum(total_tokens), 0) as priced_token_share,
  bool_or(is_month_partial) as is_month_partial
from marts.month_to_date_forecast
having count(*) > 0;
