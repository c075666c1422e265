-- Days to be copied, with the completions each has: those that changed after commit $after, and those from $open_day on, whose
-- marts may say that they are not over yet. A commit of 0 stands before all: every day.
with changed as (
  select distinct created_date
  from sync.changes
  where created_date is not null
    and (change_number > $after::bigint or created_date >= $open_day::date)
),
span as (
  select min(created_date) as first_day, max(created_date) + 1 as end_day from changed
),
counted as (
  select (created_at at time zone 'UTC')::date as created_date, count(*) as row_count
  from main.completions
  where created_at >= (select first_day from span)::timestamp at time zone 'UTC'
    and created_at < (select end_day from span)::timestamp at time zone 'UTC'
  group by all
)
select
  changed.created_date::varchar as day,
  (changed.created_date + 1)::varchar as next_day,
  coalesce(counted.row_count, 0) as row_count
from changed
left join counted on counted.created_date = changed.created_date
order by changed.created_date;
