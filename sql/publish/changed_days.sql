-- Days to be copied, with the completions each has, and those of the days between it and the one before it that need not be:
-- those that changed after commit $after, and those from $open_day on, whose marts may say that they are not over yet. A commit
-- of 0 stands before all: every day.
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
  select date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date, count(*) as row_count
  from main.completions
  where created_at >= (select first_day from span)::timestamp at time zone 'UTC'
    and created_at < (select end_day from span)::timestamp at time zone 'UTC'
  group by all
),
days as (
  select
    coalesce(changed.created_date, counted.created_date) as created_date,
    changed.created_date is not null as is_changed,
    coalesce(counted.row_count, 0) as row_count
  from changed
  full join counted on counted.created_date = changed.created_date
),
running as (
  select
    *,
    -- Completions of all days before it that need not be copied.
    coalesce(sum(if(is_changed, 0, row_count)) over (order by created_date rows between unbounded preceding and 1 preceding), 0) as rows_left
  from days
)
select
  created_date::varchar as day,
  (created_date + 1)::varchar as next_day,
  row_count,
  (rows_left - coalesce(lag(rows_left) over (order by created_date), 0))::bigint as row_count_between
from running
where is_changed
order by created_date;
