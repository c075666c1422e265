-- Stretches of some $size completions each from $from to before $to: the Unix second where each begins, and how many it has. No second is divided.
with seconds as (
  select epoch_us(created_at) // 1_000_000 as second, count(*) as row_count
  from main.completions
  where created_at >= $from::timestamptz
    and created_at < $to::timestamptz
  group by all
),
running as (
  select second, row_count, sum(row_count) over (order by second) - row_count as rows_before
  from seconds
)
select min(second) as from_second, sum(row_count)::bigint as row_count
from running
group by rows_before // $size::bigint
order by from_second;
