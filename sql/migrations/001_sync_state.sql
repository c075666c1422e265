-- What the sync knows about itself: which seconds are read, what is missing, what was refused, who ran when.

create schema sync;

create table sync.migrations (
  number integer not null,
  name varchar not null,
  applied_at timestamptz not null
);
comment on table sync.migrations is 'Tokenhouse: schema changes applied to this file, one row each. The highest number is the version of the file.';
comment on column sync.migrations.number is 'Number of the migration, 1 upwards without a hole; from the name of its file in sql/migrations.';
comment on column sync.migrations.name is 'File name of the migration in sql/migrations, without the extension.';
comment on column sync.migrations.applied_at is 'When it was applied, UTC; clock of the machine that ran it.';

create table sync.runs (
  run_id varchar not null,
  source varchar not null,
  scope varchar not null,
  kind varchar not null,
  status varchar not null,
  range_from bigint not null,
  range_to bigint not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  pages bigint not null,
  rows_read bigint not null,
  rows_inserted bigint not null,
  rows_updated bigint not null,
  rows_rejected bigint not null,
  requests bigint not null,
  retries bigint not null,
  unproven_seconds bigint,
  error varchar
);
comment on table sync.runs is 'Sync runs, one row each; the totals are those of the last committed batch.';
comment on column sync.runs.run_id is 'Random UUID given at the start of the run.';
comment on column sync.runs.source is 'Name of the source that was read; from the settings.';
comment on column sync.runs.scope is 'Endpoint, organization, project and filter that were listed, as text without a key.';
comment on column sync.runs.kind is 'What was asked for: sync (holes above the usual cutoff), backfill (an older cutoff) or sweep (covered seconds again).';
comment on column sync.runs.status is 'running, landed (the whole range was walked), interrupted, failed, or abandoned (it never ended and a later run of the source began).';
comment on column sync.runs.range_from is 'First second of the stretch the run was to fill; Unix seconds.';
comment on column sync.runs.range_to is 'Last second of the stretch the run was to fill; Unix seconds.';
comment on column sync.runs.started_at is 'When the run began, UTC; clock of the machine that ran it.';
comment on column sync.runs.finished_at is 'When the run ended, UTC; NULL while it is running or when it was abandoned.';
comment on column sync.runs.pages is 'Pages read, a count; from the walk.';
comment on column sync.runs.rows_read is 'Items on these pages, repeats included, a count; from the walk.';
comment on column sync.runs.rows_inserted is 'Completions that were not in the warehouse before, a count; from the merge.';
comment on column sync.runs.rows_updated is 'Completions that were in the warehouse with another content, a count; from the merge.';
comment on column sync.runs.rows_rejected is 'Items newly put into sync.rejected, a count; from the merge.';
comment on column sync.runs.requests is 'HTTP requests sent, retries included, a count; from the source.';
comment on column sync.runs.retries is 'HTTP requests that repeated a failed one, a count; from the source.';
comment on column sync.runs.unproven_seconds is 'Seconds of the range that stay unproven, open gaps included; NULL until the run has ended.';
comment on column sync.runs.error is 'Class and message of the error that ended the run; NULL when none did.';

create table sync.coverage (
  source varchar not null,
  scope varchar not null,
  from_second bigint not null,
  to_second bigint not null
);
comment on table sync.coverage is 'Seconds known to be read in full: disjoint ranges that never touch, per source and scope. A run reads what is not in here.';
comment on column sync.coverage.source is 'Name of the source; from the settings.';
comment on column sync.coverage.scope is 'What was listed: the proof holds for this endpoint, organization, project and filter only.';
comment on column sync.coverage.from_second is 'First second of the range, included; Unix seconds on the scale of a completion''s created.';
comment on column sync.coverage.to_second is 'Last second of the range, included; Unix seconds on the scale of a completion''s created.';

create table sync.checkpoints (
  source varchar not null,
  last_synced_id varchar not null,
  last_synced_at timestamptz not null,
  run_id varchar not null,
  updated_at timestamptz not null
);
comment on table sync.checkpoints is 'The newest row of the last landed run, one row a source. For people: the walk trusts sync.coverage.';
comment on column sync.checkpoints.source is 'Name of the source; from the settings.';
comment on column sync.checkpoints.last_synced_id is 'Id of that completion at the API.';
comment on column sync.checkpoints.last_synced_at is 'Its created, UTC, whole seconds.';
comment on column sync.checkpoints.run_id is 'Run that wrote the checkpoint; sync.runs.run_id.';
comment on column sync.checkpoints.updated_at is 'When the checkpoint was written, UTC; clock of the machine that ran it.';

create table sync.gaps (
  source varchar not null,
  scope varchar not null,
  kind varchar not null,
  from_second bigint not null,
  to_second bigint not null,
  rows_seen bigint not null,
  rows_missing_estimate double,
  detail varchar not null,
  first_seen_at timestamptz not null,
  last_tried_at timestamptz not null,
  resolved_at timestamptz,
  run_id varchar not null
);
comment on table sync.gaps is 'Seconds that could not be proven to be read in full; open while resolved_at is NULL.';
comment on column sync.gaps.source is 'Name of the source; from the settings.';
comment on column sync.gaps.scope is 'What was listed: endpoint, organization, project and filter.';
comment on column sync.gaps.kind is 'dense (one second holds more rows than pages could show) or retention (older than the API keeps rows, never read in time).';
comment on column sync.gaps.from_second is 'First second of the gap, included; Unix seconds.';
comment on column sync.gaps.to_second is 'Last second of the gap, included; Unix seconds.';
comment on column sync.gaps.rows_seen is 'Rows of these seconds that were read, a count; from the walk.';
comment on column sync.gaps.rows_missing_estimate is 'Estimated rows of these seconds that were not read (capture-recapture); NULL when nothing is known of them.';
comment on column sync.gaps.detail is 'How it was tried, in words; from the walk.';
comment on column sync.gaps.first_seen_at is 'When the gap was first reported, UTC; clock of the machine that ran it.';
comment on column sync.gaps.last_tried_at is 'When it was last tried in vain, UTC; clock of the machine that ran it.';
comment on column sync.gaps.resolved_at is 'When its seconds were read in full after all, UTC; NULL while open.';
comment on column sync.gaps.run_id is 'Run that reported it last; sync.runs.run_id.';

create table sync.rejected (
  source varchar not null,
  raw_sha256 varchar not null,
  id varchar,
  created_at timestamptz,
  reason varchar not null,
  raw varchar,
  raw_length bigint not null,
  run_id varchar not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null
);
comment on table sync.rejected is 'Items of the API that could not be loaded, one row per distinct text and source.';
comment on column sync.rejected.source is 'Name of the source; from the settings.';
comment on column sync.rejected.raw_sha256 is 'SHA-256 of the item''s JSON text in UTF-8, 64 hex digits.';
comment on column sync.rejected.id is 'Its id at the API; NULL when it has none that can be read.';
comment on column sync.rejected.created_at is 'Its created, UTC, whole seconds; NULL when it has none that can be read.';
comment on column sync.rejected.reason is 'Why it could not be loaded; holds none of its text.';
comment on column sync.rejected.raw is 'Its JSON text as the API sent it; NULL when the warehouse is kept without content (CONTENT=none).';
comment on column sync.rejected.raw_length is 'Length of that text in UTF-16 units.';
comment on column sync.rejected.run_id is 'Run that met it last; sync.runs.run_id.';
comment on column sync.rejected.first_seen_at is 'When it was first met, UTC; clock of the machine that ran it.';
comment on column sync.rejected.last_seen_at is 'When it was last met, UTC; clock of the machine that ran it.';

create table sync.sources (
  source varchar not null,
  scope varchar not null,
  oldest_served_at timestamptz not null,
  observed_at timestamptz not null
);
comment on table sync.sources is 'How far back each source was seen to serve rows, one row per source and scope.';
comment on column sync.sources.source is 'Name of the source; from the settings.';
comment on column sync.sources.scope is 'What was listed: endpoint, organization, project and filter.';
comment on column sync.sources.oldest_served_at is 'created of the oldest row the API listed, UTC, whole seconds.';
comment on column sync.sources.observed_at is 'When the API was asked for it, UTC; clock of the machine that ran it.';
