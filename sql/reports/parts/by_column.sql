-- Usage of a period grouped by what stands in a column of its own, or by day, week or month: what the reports with --by read.
with dated as (
  select
    *,
    case $by::varchar
      when 'day' then created_date
      when 'week' then date_trunc('week', created_date)::date
      when 'month' then date_trunc('month', created_date)::date
    end as group_from,
    case $by::varchar when 'week' then open_week_from when 'month' then open_month_from else open_from end as group_open_from
  from marts.usage_hourly cross join marts.as_of
  where created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source::varchar)
)
select
  created_date,
  case $by::varchar
    when 'day' then group_from::varchar
    when 'week' then group_from::varchar
    when 'month' then strftime(group_from, '%Y-%m')
    when 'model' then model
    when 'model_family' then model_family
    when 'service_tier' then service_tier
    when 'source' then source
  end as group_name,
  false as is_untagged,
  case
    when group_from is null then null
    when group_from >= group_open_from then 'open'
    -- It begins before the period, or before the first day that was read in full, or the period cuts it short.
    when group_from < greatest($since::date, coalesce(complete_from, $since::date)) then 'partial'
    when case $by::varchar
      when 'week' then group_from + 7
      when 'month' then (group_from + interval 1 month)::date
      else group_from + 1
    end > $until::date then 'partial'
  end as state,
  completions,
  input_tokens,
  input_cached_tokens,
  input_tokens_of_known_cache,
  output_tokens,
  output_reasoning_tokens,
  output_tokens_of_known_reasoning,
  total_tokens,
  priced_tokens,
  -- What has no price has no cost, not one of 0.
  case when priced_tokens > 0 then list_cost_usd end as list_cost_usd
from dated
