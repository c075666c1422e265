-- How fresh and how complete each source is.
create or replace view marts.sync_health as
with runs as (
  select
    source,
    max(started_at) as last_run_at,
    arg_max(status, started_at) as last_run_status,
    max(finished_at) filter (where status = 'landed') as last_landed_at
  from sync.runs
  group by source
),
held as (
  select source, count(*) as completions, min(created_at) as oldest_created_at, max(created_at) as newest_created_at
  from main.completion_usage
  group by source
),
scopes as (
  select source, coalesce(arg_max(scope, started_at) filter (where pages > 0), arg_max(scope, started_at)) as scope
  from sync.runs
  group by source
),
covered as (
  select
    coverage.source,
    min(coverage.from_second) as from_second,
    max(coverage.to_second) as to_second,
    sum(coverage.to_second - coverage.from_second + 1)::bigint as seconds
  from sync.coverage as coverage
  join scopes on scopes.source = coverage.source and scopes.scope = coverage.scope
  group by coverage.source
),
gaps as (
  select gap.source, count(*) as open_gaps, sum(gap.rows_missing_estimate) as rows_missing_estimate
  from sync.gaps as gap
  join scopes on scopes.source = gap.source and scopes.scope = gap.scope
  where gap.resolved_at is null
  group by gap.source
),
refused as (
  select source, count(*) as rejected_items from sync.rejected group by source
)
select
  coalesce(runs.source, held.source) as source,
  runs.last_run_at,
  runs.last_run_status,
  runs.last_landed_at,
  coalesce(held.completions, 0) as completions,
  held.oldest_created_at,
  held.newest_created_at,
  to_timestamp(covered.from_second) as covered_from,
  to_timestamp(covered.to_second + 1) as covered_until,
  coalesce(covered.seconds, 0) as covered_seconds,
  covered.to_second - covered.from_second + 1 - covered.seconds as hole_seconds,
  covered.seconds / nullif(covered.to_second - covered.from_second + 1, 0) as covered_share,
  coalesce(gaps.open_gaps, 0) as open_gaps,
  gaps.rows_missing_estimate,
  coalesce(refused.rejected_items, 0) as rejected_items
from runs
full join held on held.source = runs.source
left join covered on covered.source = runs.source
left join gaps on gaps.source = runs.source
left join refused on refused.source = coalesce(runs.source, held.source);

comment on view marts.sync_health is 'How fresh and how complete each source is, one row a source; by the day: coverage_daily.';
comment on column marts.sync_health.source is 'Name of the source; from the settings.';
comment on column marts.sync_health.last_run_at is 'When its last run began, UTC.';
comment on column marts.sync_health.last_run_status is 'How that run ended: landed, interrupted, failed, abandoned; running while it does.';
comment on column marts.sync_health.last_landed_at is 'When a run last read all it was to read, UTC; NULL when none did.';
comment on column marts.sync_health.completions is 'Completions held, a count.';
comment on column marts.sync_health.oldest_created_at is 'created_at of the oldest completion held, UTC.';
comment on column marts.sync_health.newest_created_at is 'created_at of the newest completion held, UTC.';
comment on column marts.sync_health.covered_from is 'First second known to be read in full, UTC; NULL when none is.';
comment on column marts.sync_health.covered_until is 'End of the last second known to be read in full, UTC; later ones are loaded but not proven.';
comment on column marts.sync_health.covered_seconds is 'Seconds in between known to be read in full.';
comment on column marts.sync_health.hole_seconds is 'Seconds in between that are not.';
comment on column marts.sync_health.covered_share is 'covered_seconds as a share of the stretch, 0 to 1.';
comment on column marts.sync_health.open_gaps is 'Open gaps, a count; sync.gaps has them.';
comment on column marts.sync_health.rows_missing_estimate is 'Completions in them that were not read, an estimate; NULL when nothing is known of any.';
comment on column marts.sync_health.rejected_items is 'Items that could not be loaded, a count; sync.rejected has them.';
