-- Days out of line: each whole day against the 28 whole days before it, by a robust z (median and median absolute deviation,
-- which a few odd days do not move). A day without usage counts as 0; 14 days must be known before any day is judged.
create or replace view marts.usage_anomalies_daily as
with daily as (
  select
    created_date,
    model,
    sum(completions)::double as completions,
    coalesce(sum(total_tokens), 0)::double as total_tokens,
    coalesce(sum(list_cost_usd), 0)::double as list_cost_usd
  from marts.usage_daily
  group by all
  union all
  select
    created_date,
    '(all)' as model,
    sum(completions)::double as completions,
    coalesce(sum(total_tokens), 0)::double as total_tokens,
    coalesce(sum(list_cost_usd), 0)::double as list_cost_usd
  from marts.usage_daily
  group by all
),
days as (
  select unnest(generate_series(complete_from, open_from - 1, interval 1 day))::date as created_date from marts.as_of
),
series as (
  select
    days.created_date,
    models.model,
    unnest(['completions', 'total_tokens', 'list_cost_usd']) as metric,
    unnest([coalesce(daily.completions, 0), coalesce(daily.total_tokens, 0), coalesce(daily.list_cost_usd, 0)]) as value
  from days
  cross join (select distinct model from daily) as models
  left join daily on daily.created_date = days.created_date and daily.model = models.model
),
measured as (
  select
    *,
    count(*) over before_it as baseline_days,
    median(value) over before_it as baseline_median,
    mad(value) over before_it as baseline_mad
  from series
  window before_it as (partition by model, metric order by created_date rows between 28 preceding and 1 preceding)
)
select
  created_date,
  model,
  metric,
  value,
  baseline_days,
  baseline_median,
  baseline_mad,
  0.6745 * (value - baseline_median) / nullif(baseline_mad, 0) as robust_z,
  case
    when baseline_days < 14 then null
    -- Days that were all alike leave nothing to measure by: any other value is out of line.
    when baseline_mad = 0 then value <> baseline_median
    else abs(0.6745 * (value - baseline_median) / baseline_mad) > 3.5
  end as is_anomaly
from measured;

comment on view marts.usage_anomalies_daily is 'Each whole day against the 28 before it, one row per UTC day, model (and all together) and metric. The open day, and days not read from their first second, are left out.';
comment on column marts.usage_anomalies_daily.created_date is 'UTC day of the calls, DATE.';
comment on column marts.usage_anomalies_daily.model is 'Model that answered; (all) for all together.';
comment on column marts.usage_anomalies_daily.metric is 'completions, total_tokens or list_cost_usd.';
comment on column marts.usage_anomalies_daily.value is 'The days completions, tokens or list cost in US dollars; 0 without usage.';
comment on column marts.usage_anomalies_daily.baseline_days is 'Whole days it is measured by, 28 at the most.';
comment on column marts.usage_anomalies_daily.baseline_median is 'Median of those days.';
comment on column marts.usage_anomalies_daily.baseline_mad is 'Median absolute deviation of those days.';
comment on column marts.usage_anomalies_daily.robust_z is '0.6745 * (value - median) / deviation: how far out of line, signed. NULL when those days deviate by nothing.';
comment on column marts.usage_anomalies_daily.is_anomaly is 'Whether |robust_z| is above 3.5, or the value differs from days that were all alike; NULL with fewer than 14 days to measure by.';
