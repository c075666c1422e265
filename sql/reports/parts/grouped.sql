-- The group of a row in one column, grp, which reports carry along: the names and kinds (value, absent) of up to two groups, what
-- is left of them without the time, and whether that time is over.
with dated as (
  select
    *,
    case $time::varchar
      when 'day' then created_date
      when 'week' then date_trunc('week', created_date)::date
      when 'month' then date_trunc('month', created_date)::date
    end as time_from,
    case $time::varchar when 'week' then open_week_from when 'month' then open_month_from else open_from end as time_open_from
  from summed cross join marts.as_of
),
named as (
  select
    *,
    case when group_1 is null then 'absent' else 'value' end as kind_1,
    case when group_2 is null then 'absent' else 'value' end as kind_2,
    coalesce(group_1, $absent_1::varchar) as name_1,
    coalesce(group_2, $absent_2::varchar) as name_2,
    case
      when $time::varchar is null then null
      when $time::varchar = 'hour' then
        case when hour_from + interval 1 hour > settled_until then 'open' when hour_from < data_from then 'partial' end
      when time_from >= time_open_from then 'open'
      -- It begins before the period, or before the first day that was read in full, or the period cuts it short.
      when time_from < greatest($since::date, coalesce(complete_from, $since::date)) then 'partial'
      when case $time::varchar
        when 'week' then time_from + 7
        when 'month' then (time_from + interval 1 month)::date
        else time_from + 1
      end > $until::date then 'partial'
    end as time_state
  from dated
)
select
  *,
  {
    'name': name_1,
    'kind': kind_1,
    'name_2': name_2,
    'kind_2': kind_2,
    'state': time_state,
    'rest': {
      'name': case when $time_place::integer = 1 then null else name_1 end,
      'kind': kind_1,
      'name_2': case when $time_place::integer = 2 then null else name_2 end,
      'kind_2': kind_2
    }
  } as grp
from named
