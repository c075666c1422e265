-- How complete each UTC day is: the seconds of it that are proven to be read, of what its source's newest run lists.
create or replace view marts.coverage_daily as
with scopes as (
  -- A run that got no answer does not know whose rows would have come.
  select source, coalesce(arg_max(scope, started_at) filter (where pages > 0), arg_max(scope, started_at)) as scope
  from sync.runs
  group by source
),
covered as (
  select coverage.source, coverage.from_second, coverage.to_second
  from sync.coverage as coverage
  join scopes on scopes.source = coverage.source and scopes.scope = coverage.scope
),
gaps as (
  select gap.source, gap.from_second, gap.to_second, gap.rows_missing_estimate
  from sync.gaps as gap
  join scopes on scopes.source = gap.source and scopes.scope = gap.scope
  where gap.resolved_at is null
),
bounds as (
  select
    source,
    min(from_second) // 86_400 as first_day,
    greatest(max(to_second), epoch((select as_of from marts.as_of))::bigint) // 86_400 as last_day
  from (select source, from_second, to_second from covered union all select source, from_second, to_second from gaps) as known
  group by source
),
days as (
  select source, unnest(generate_series(first_day, last_day)) * 86_400 as day_second from bounds
),
read_of as (
  select
    days.source,
    days.day_second,
    sum(least(covered.to_second, days.day_second + 86_399) - greatest(covered.from_second, days.day_second) + 1)::bigint as seconds
  from days
  join covered
    on covered.source = days.source
    and covered.from_second <= days.day_second + 86_399
    and covered.to_second >= days.day_second
  group by days.source, days.day_second
),
missing_of as (
  select
    days.source,
    days.day_second,
    count(*) as gap_count,
    -- An estimate is spread evenly over its gap, as a gap may last for days.
    sum(
      gaps.rows_missing_estimate
      * (least(gaps.to_second, days.day_second + 86_399) - greatest(gaps.from_second, days.day_second) + 1)
      / (gaps.to_second - gaps.from_second + 1)
    ) as rows_missing_estimate
  from days
  join gaps
    on gaps.source = days.source and gaps.from_second <= days.day_second + 86_399 and gaps.to_second >= days.day_second
  group by days.source, days.day_second
)
select
  date '1970-01-01' + (days.day_second // 86_400)::integer as created_date,
  days.source,
  coalesce(read_of.seconds, 0) as covered_seconds,
  coalesce(read_of.seconds, 0) / 86_400 as covered_share,
  coalesce(missing_of.gap_count, 0) as open_gaps,
  missing_of.rows_missing_estimate,
  coalesce(read_of.seconds, 0) = 86_400 as is_complete,
  date '1970-01-01' + (days.day_second // 86_400)::integer >= (select open_from from marts.as_of) as is_open
from days
left join read_of on read_of.source = days.source and read_of.day_second = days.day_second
left join missing_of on missing_of.source = days.source and missing_of.day_second = days.day_second;

comment on view marts.coverage_daily is 'How much of each UTC day is proven to be read, one row per day and source, from the first day covered to the last sync.';
comment on column marts.coverage_daily.created_date is 'UTC day that is told of, DATE.';
comment on column marts.coverage_daily.source is 'Name of the source; from the settings.';
comment on column marts.coverage_daily.covered_seconds is 'Seconds of the day known to be read in full, 86400 for a whole day.';
comment on column marts.coverage_daily.covered_share is 'The same as a share of the day, 0 to 1; below 1 on the open day.';
comment on column marts.coverage_daily.open_gaps is 'Open gaps that touch the day, a count; sync.gaps has them.';
comment on column marts.coverage_daily.rows_missing_estimate is 'Completions of the day that were not read, an estimate; NULL when nothing is known of any.';
comment on column marts.coverage_daily.is_complete is 'Whether every second of the day is known to be read.';
comment on column marts.coverage_daily.is_open is 'Whether the day is not over, as far as the last sync saw: keep it out of comparisons.';
