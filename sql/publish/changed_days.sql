-- Days to be copied, with the completions each has, those of the days between it and the one before it that need not be, and the
-- stretch of it where rows changed, with its completions (NULL: none did): days that changed after commit $after, and those from
-- $open_day on, whose marts may say that they are not over yet. A commit of 0 stands before all: every day, as a whole.
with changed as (
  select
    created_date,
    bool_or(change_number > $after::bigint) as has_new_rows,
    min(first_created_at) filter (change_number > $after::bigint) as first_created_at,
    max(last_created_at) filter (change_number > $after::bigint) as last_created_at,
    -- A commit that does not say where may have changed any of its rows.
    $after::bigint = 0 or bool_or(change_number > $after::bigint and first_created_at is null) as is_whole
  from sync.changes
  where created_date is not null
    and (change_number > $after::bigint or created_date >= $open_day::date)
  group by all
),
spans as (
  select
    created_date,
    case
      when is_whole then created_date::timestamp at time zone 'UTC'
      when has_new_rows then first_created_at
    end as changed_from,
    case
      when is_whole then (created_date + 1)::timestamp at time zone 'UTC'
      when has_new_rows then last_created_at + interval 1 second
    end as changed_to
  from changed
),
bounds as (
  select min(created_date) as first_day, max(created_date) + 1 as end_day from changed
),
counted as (
  select
    date '1970-01-01' + (epoch_us(completions.created_at) // 86_400_000_000)::integer as created_date,
    count(*) as row_count,
    count(*) filter (created_at >= spans.changed_from and created_at < spans.changed_to) as changed_count
  from main.completions as completions
  left join spans on spans.created_date = date '1970-01-01' + (epoch_us(completions.created_at) // 86_400_000_000)::integer
  where created_at >= (select first_day from bounds)::timestamp at time zone 'UTC'
    and created_at < (select end_day from bounds)::timestamp at time zone 'UTC'
  group by all
),
days as (
  select
    coalesce(spans.created_date, counted.created_date) as created_date,
    spans.created_date is not null as is_changed,
    spans.changed_from,
    spans.changed_to,
    coalesce(counted.row_count, 0) as row_count,
    coalesce(counted.changed_count, 0) as changed_count
  from spans
  full join counted on counted.created_date = spans.created_date
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
  (rows_left - coalesce(lag(rows_left) over (order by created_date), 0))::bigint as row_count_between,
  epoch_us(changed_from) // 1_000_000 as from_second,
  epoch_us(changed_to) // 1_000_000 as to_second,
  changed_count
from running
where is_changed
order by created_date;
