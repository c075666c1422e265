-- The staged ranges united with each other and with the held ranges they touch: islands over (from, furthest end so far).
create or replace temp table merged_ranges as
with parts as (
  select from_second, to_second
  from temp.staged_ranges
  union all
  select held.from_second, held.to_second
  from sync.coverage as held
  where held.source = $source
    and held.scope = $scope
    and exists (
      select 1
      from temp.staged_ranges as staged
      where held.from_second <= staged.to_second + 1
        and held.to_second >= staged.from_second - 1
    )
),
reached as (
  select
    from_second,
    to_second,
    max(to_second) over (
      order by from_second, to_second
      rows between unbounded preceding and 1 preceding
    ) as reached_second
  from parts
),
islands as (
  select
    from_second,
    to_second,
    count(*) filter (reached_second is null or from_second > reached_second + 1) over (
      order by from_second, to_second
      rows between unbounded preceding and current row
    ) as island
  from reached
)
select min(from_second) as from_second, max(to_second) as to_second
from islands
group by island;
