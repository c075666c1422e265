-- Days out of line with the 28 whole days before them, of all models together and of each: completions, tokens or list cost
-- whose distance from the median is more than 3.5 median deviations. The open day is left out; 14 days must be known.
select
  created_date,
  model,
  metric,
  value,
  baseline_median,
  value - baseline_median as difference,
  robust_z,
  baseline_days
from marts.usage_anomalies_daily
where is_anomaly and created_date >= $since::date and created_date < $until::date
order by created_date desc, model <> '(all)', abs(robust_z) desc nulls first, model, metric
limit $top::integer
