-- "Now" for every mart: where the data ends, taken from the sync's own records and never from the clock of whoever asks, so that
-- a view says the same today and tomorrow until the next sync. Days from `open_from` on are not over; days before
-- `complete_from` were not read from their first second.
create or replace view marts.as_of as
with run as (
  select max(started_at) as started_at from sync.runs
),
covered as (
  select to_timestamp(min(from_second)) as covered_from, to_timestamp(max(to_second) + 1) as covered_until from sync.coverage
),
held as (
  select min(created_at) as oldest_at from main.completion_usage
),
ends as (
  select
    run.started_at as as_of,
    -- The youngest minutes of a run are loaded and not covered, as rows still turn up there.
    least(run.started_at, coalesce(covered.covered_until, run.started_at)) as settled_until,
    coalesce(covered.covered_from, held.oldest_at) as data_from
  from run cross join covered cross join held
)
select
  as_of,
  settled_until,
  data_from,
  date '1970-01-01' + (epoch_us(settled_until) // 86_400_000_000)::integer as open_from,
  date '1970-01-01' + ((epoch_us(data_from) + 86_399_999_999) // 86_400_000_000)::integer as complete_from,
  date_trunc('week', date '1970-01-01' + (epoch_us(settled_until) // 86_400_000_000)::integer)::date as open_week_from,
  date_trunc('month', date '1970-01-01' + (epoch_us(settled_until) // 86_400_000_000)::integer)::date as open_month_from
from ends;

comment on view marts.as_of is 'Where the data begins and ends, one row: what the other marts take for now. From the records of the sync, so it moves with a sync and not with the clock.';
comment on column marts.as_of.as_of is 'When the last run began, UTC: no later completion was looked for. NULL before the first run.';
comment on column marts.as_of.settled_until is 'End of the newest stretch that was read in full, UTC; the youngest minutes of a run are not in it.';
comment on column marts.as_of.data_from is 'First second that was read in full, UTC; that of the oldest completion where nothing is covered.';
comment on column marts.as_of.open_from is 'First UTC day that is not over, DATE: it and later days are open, and kept out of comparisons.';
comment on column marts.as_of.complete_from is 'First UTC day read from its first second on, DATE: earlier ones are kept out of comparisons.';
comment on column marts.as_of.open_week_from is 'Monday of the week of open_from, DATE.';
comment on column marts.as_of.open_month_from is 'First day of the month of open_from, DATE.';
