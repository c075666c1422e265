-- Where the month will end: what its whole days came to, and for each day left the mean of the same weekday over the last 28
-- whole days. By source, so that the rows add up.
create or replace view marts.month_to_date_forecast as
with daily as (
  select
    created_date,
    source,
    coalesce(sum(total_tokens), 0)::double as tokens,
    coalesce(sum(priced_tokens), 0)::double as priced_tokens,
    coalesce(sum(list_cost_usd), 0)::double as cost
  from marts.usage_daily
  group by all
),
bounds as (
  select
    open_from,
    open_month_from as month_from,
    (open_month_from + interval 1 month)::date as month_to,
    greatest(complete_from, open_from - 28) as base_from
  from marts.as_of
),
weekdays as (
  select
    sources.source,
    isodow(day) as weekday,
    avg(coalesce(daily.tokens, 0)) as tokens,
    avg(coalesce(daily.priced_tokens, 0)) as priced_tokens,
    avg(coalesce(daily.cost, 0)) as cost
  from bounds
  cross join unnest(generate_series(bounds.base_from, bounds.open_from - 1, interval 1 day)) as calendar (day)
  cross join (select distinct source from daily) as sources
  left join daily on daily.source = sources.source and daily.created_date = calendar.day::date
  group by all
),
means as (
  select
    source,
    avg(tokens) as tokens,
    avg(cost) as cost,
    sum(priced_tokens) > 0 as has_price
  from weekdays
  group by source
),
ahead as (
  select
    means.source,
    sum(coalesce(weekdays.tokens, means.tokens)) as tokens,
    sum(coalesce(weekdays.cost, means.cost)) as cost,
    any_value(means.has_price) as has_price
  from bounds
  cross join unnest(generate_series(bounds.open_from, bounds.month_to - 1, interval 1 day)) as calendar (day)
  cross join means
  left join weekdays on weekdays.source = means.source and weekdays.weekday = isodow(day)
  group by means.source
),
past as (
  select
    daily.source,
    coalesce(sum(daily.tokens) filter (where daily.created_date < bounds.open_from), 0) as tokens,
    coalesce(sum(daily.priced_tokens) filter (where daily.created_date < bounds.open_from), 0) as priced_tokens,
    coalesce(sum(daily.tokens) filter (where daily.created_date >= bounds.open_from), 0) as open_tokens,
    coalesce(sum(daily.priced_tokens) filter (where daily.created_date >= bounds.open_from), 0) as open_priced_tokens,
    coalesce(sum(daily.cost) filter (where daily.created_date < bounds.open_from), 0) as cost,
    coalesce(sum(daily.cost) filter (where daily.created_date >= bounds.open_from), 0) as open_cost
  from bounds
  join daily on daily.created_date >= bounds.month_from and daily.created_date < bounds.month_to
  group by daily.source
)
select
  sources.source,
  bounds.month_from,
  bounds.month_to,
  bounds.open_from,
  bounds.open_from - bounds.month_from as complete_days,
  bounds.month_to - bounds.open_from as remaining_days,
  bounds.open_from - bounds.base_from as baseline_days,
  coalesce(past.tokens, 0)::bigint as total_tokens,
  -- Calls of which none has a price cost nobody knows what; no calls cost nothing.
  case when coalesce(past.tokens, 0) = 0 then 0 when past.priced_tokens > 0 then past.cost end as list_cost_usd,
  case when coalesce(past.open_tokens, 0) = 0 then 0 when past.open_priced_tokens > 0 then past.open_cost end as open_day_list_cost_usd,
  past.priced_tokens / nullif(past.tokens, 0) as priced_token_share,
  coalesce(past.tokens, 0) + ahead.tokens as forecast_total_tokens,
  case
    when past.priced_tokens > 0 or ahead.has_price or coalesce(past.tokens, 0) + ahead.tokens = 0 then coalesce(past.cost, 0) + ahead.cost
  end as forecast_list_cost_usd,
  case when past.tokens = 0 or past.priced_tokens > 0 then past.cost end
    / nullif(bounds.open_from - bounds.month_from, 0) * (bounds.month_to - bounds.month_from) as run_rate_list_cost_usd,
  greatest(bounds.month_from, bounds.base_from) > bounds.month_from as is_month_partial
from bounds
cross join (select distinct source from daily) as sources
left join past on past.source = sources.source
left join ahead on ahead.source = sources.source;

comment on view marts.month_to_date_forecast is 'The month that is open and where it will end, one row a source; the rows add up. List cost, of what has a price.';
comment on column marts.month_to_date_forecast.source is 'Name of the source; from the settings.';
comment on column marts.month_to_date_forecast.month_from is 'First day of the month, DATE (UTC).';
comment on column marts.month_to_date_forecast.month_to is 'First day of the next month, DATE; excluded.';
comment on column marts.month_to_date_forecast.open_from is 'First day that is not over: it and the rest of the month are forecast.';
comment on column marts.month_to_date_forecast.complete_days is 'Whole days of the month so far.';
comment on column marts.month_to_date_forecast.remaining_days is 'Days that are forecast, the open one included.';
comment on column marts.month_to_date_forecast.baseline_days is 'Whole days the forecast is made from, 28 at the most.';
comment on column marts.month_to_date_forecast.total_tokens is 'Tokens of the months whole days, a sum.';
comment on column marts.month_to_date_forecast.list_cost_usd is 'List cost of the months whole days, US dollars; NULL when there were calls and none has a price.';
comment on column marts.month_to_date_forecast.open_day_list_cost_usd is 'List cost so far of the day that is not over, US dollars; not in list_cost_usd. NULL when there were calls and none has a price.';
comment on column marts.month_to_date_forecast.priced_token_share is 'Share of the months tokens that has a price, 0 to 1: the forecast is of that part only.';
comment on column marts.month_to_date_forecast.forecast_total_tokens is 'Tokens expected for the whole month; NULL when there is no whole day to tell from.';
comment on column marts.month_to_date_forecast.forecast_list_cost_usd is 'List cost expected for the whole month, US dollars: whole days so far, and the mean of the same weekday for each day left. NULL when there is no whole day to tell from, or nothing of it has a price.';
comment on column marts.month_to_date_forecast.run_rate_list_cost_usd is 'List cost a whole day this month, times the days of the month, US dollars; NULL on its first day, and when nothing of it has a price.';
comment on column marts.month_to_date_forecast.is_month_partial is 'Whether the first days of the month were not read, so that list_cost_usd lacks them.';
