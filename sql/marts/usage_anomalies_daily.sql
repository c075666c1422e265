-- Days out of line: each whole day against the same weekdays before it, as a weekend is no outage and a Monday no runaway. Usual
-- is the median of the last eight of them, or of the last two where both lie on one side of that, as a new level is news for two
-- weeks only. How far chance goes is made of three parts: that of few calls, as of any count; that from week to week, of all
-- weekdays together, as eight days tell little of it; and that weekday's own. A day without usage counts as 0, one that was not
-- read does not count.
create or replace view marts.usage_anomalies_daily as
with daily as (
  select
    created_date,
    case when grouping(model) = 1 then '(all)' else model end as model,
    sum(completions)::double as completions,
    coalesce(sum(total_tokens), 0)::double as total_tokens,
    coalesce(sum(list_cost_usd), 0)::double as list_cost_usd
  from marts.usage_daily
  group by grouping sets ((created_date, model), (created_date))
),
-- With a hole in it; what lies beyond the last second of a source is not this day's hole.
unread as (
  select distinct created_date
  from marts.coverage_daily
  where covered_share < 0.99
  qualify created_date <= max(created_date) filter (where covered_seconds > 0) over (partition by source)
),
days as (
  select calendar.day::date as created_date, unread.created_date is null as is_read
  from marts.as_of
  cross join unnest(generate_series(complete_from, open_from - 1, interval 1 day)) as calendar (day)
  left join unread on unread.created_date = calendar.day::date
),
series as (
  select
    days.created_date,
    models.model,
    unnest(['completions', 'total_tokens', 'list_cost_usd']) as metric,
    unnest(
      case
        when is_read then [coalesce(daily.completions, 0), coalesce(daily.total_tokens, 0), coalesce(daily.list_cost_usd, 0)]
        else [null, null, null]
      end
    ) as value,
    case when is_read then daily.completions end as calls
  from days
  cross join (select distinct model from daily) as models
  left join daily on daily.created_date = days.created_date and daily.model = models.model
),
weekdays as (
  select
    *,
    count(value) over last_eight as baseline_days,
    median(value) over last_eight as median_of_eight,
    mad(value) over last_eight as baseline_mad,
    lag(value, 1) over by_weekday as week_before,
    lag(value, 2) over by_weekday as two_weeks_before
  from series
  window
    by_weekday as (partition by model, metric, isodow(created_date) order by created_date),
    last_eight as (partition by model, metric, isodow(created_date) order by created_date rows between 8 preceding and 1 preceding)
),
measured as (
  select
    *,
    list_median([median_of_eight, coalesce(week_before, median_of_eight), coalesce(two_weeks_before, median_of_eight)]) as baseline_median,
    median(abs(value - week_before) / nullif(value + week_before, 0)) over before_it as weekly_change,
    coalesce(nullif(median(value / nullif(calls, 0)) over before_it, 0), value / nullif(calls, 0), 0) as per_call
  from weekdays
  window before_it as (partition by model, metric order by created_date rows between 56 preceding and 1 preceding)
),
spread as (
  select
    *,
    greatest(
      1.4826 * baseline_mad,
      sqrt(
        -- A count of calls goes by its root, and four calls more or less prove nothing; calls differ in length besides.
        case when metric = 'completions' then 1 else 2 end * per_call * (baseline_median + 4 * per_call)
        -- Half the difference of two days over their mean, to a deviation of one day; a tenth at the least.
        + pow(greatest(0.1, 1.4826 * sqrt(2) * coalesce(weekly_change, 0)) * baseline_median, 2)
      )
    ) as baseline_spread
  from measured
)
select
  created_date,
  model,
  metric,
  value,
  baseline_days,
  baseline_median,
  baseline_mad,
  baseline_spread,
  (value - baseline_median) / nullif(baseline_spread, 0) as robust_z,
  case when baseline_days >= 3 then coalesce(abs((value - baseline_median) / nullif(baseline_spread, 0)) > 3.5, false) end as is_anomaly
from spread
where value is not null;

comment on view marts.usage_anomalies_daily is 'Each whole day against the same weekdays before it, one row per UTC day, model (and all together) and metric. The open day, days not read from their first second, and days with a hole are left out.';
comment on column marts.usage_anomalies_daily.created_date is 'UTC day of the calls, DATE.';
comment on column marts.usage_anomalies_daily.model is 'Model that answered; (all) for all together.';
comment on column marts.usage_anomalies_daily.metric is 'completions, total_tokens or list_cost_usd.';
comment on column marts.usage_anomalies_daily.value is 'The days completions, tokens or list cost in US dollars; 0 without usage.';
comment on column marts.usage_anomalies_daily.baseline_days is 'Same weekdays it is measured by, 8 at the most.';
comment on column marts.usage_anomalies_daily.baseline_median is 'What is usual: the median of those days; that of the last two where both lie on one side of it.';
comment on column marts.usage_anomalies_daily.baseline_mad is 'Median absolute deviation of those days.';
comment on column marts.usage_anomalies_daily.baseline_spread is 'How far chance goes, as a standard deviation: of so few calls and from week to week, or of those days where that is more.';
comment on column marts.usage_anomalies_daily.robust_z is 'How far out of line, signed: (value - baseline_median) / baseline_spread. NULL without a spread.';
comment on column marts.usage_anomalies_daily.is_anomaly is 'Whether |robust_z| is above 3.5; NULL with fewer than 3 same weekdays to measure by.';
