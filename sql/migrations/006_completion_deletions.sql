-- Completions that were deleted at the API after they were copied. Their rows stay: the tokens were used.

create table main.completion_deletions (
  source varchar not null,
  completion_id varchar not null,
  created_at timestamptz not null,
  noticed_at timestamptz not null,
  run_id varchar not null
);
comment on table main.completion_deletions is 'Completions that the API does not list any more though it still keeps others of their age, one row each; found by a run that read their seconds again (sweep, backfill --reread). Their rows in the other tables stay.';
comment on column main.completion_deletions.source is 'Name of the source; from the settings.';
comment on column main.completion_deletions.completion_id is 'Id of the completion; completions.id.';
comment on column main.completion_deletions.created_at is 'When the completion was created, UTC, whole seconds; completions.created_at.';
comment on column main.completion_deletions.noticed_at is 'When it was found to be gone, UTC: it was deleted between that and the time it was last listed (completions.observed_at).';
comment on column main.completion_deletions.run_id is 'Run that found it gone; sync.runs.run_id.';
