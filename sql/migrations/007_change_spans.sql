-- Where in a day a commit changed rows: a day of many rows that got a few new ones is copied in part.

alter table sync.changes add column first_created_at timestamptz;
alter table sync.changes add column last_created_at timestamptz;
comment on column sync.changes.first_created_at is 'completions.created_at of the first row of the day that was changed, UTC, whole seconds; NULL: any row of it may be.';
comment on column sync.changes.last_created_at is 'completions.created_at of the last row of the day that was changed, UTC, whole seconds; NULL: any row of it may be.';
