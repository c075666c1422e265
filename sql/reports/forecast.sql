-- Where the open month will end, by source or by whatever --by names: the list cost of its whole days, and for each day left the
-- mean of the same weekday over the last 28 whole days. run_rate is the plain mean of the month's days, for comparison.
select
  grp,
  month_from,
  complete_days,
  remaining_days,
  list_cost_usd,
  open_day_list_cost_usd,
  forecast_list_cost_usd,
  run_rate_list_cost_usd,
  total_tokens,
  forecast_total_tokens,
  priced_token_share,
  baseline_days,
  case when is_month_partial then 'partial' end as state
from forecast_told
order by forecast_list_cost_usd desc nulls last, grp.name, grp.kind desc
