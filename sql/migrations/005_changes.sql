-- Which UTC days each commit changed: whoever keeps a copy of the rows (the published copy, an export) copies these days again
-- and no others. It only grows, by a row or two a commit; its random ids tell a warehouse from any other, and from its own past
-- when a backup was put back.

create table sync.changes (
  change_number bigint not null,
  change_id varchar not null,
  created_date date
);
comment on table sync.changes is 'Days whose completions a commit changed: one row per commit and day. A copy that knows the number it was made at is behind in the days of higher numbers.';
comment on column sync.changes.change_number is 'Number of the commit, 1 upwards in the order of the commits; the first stands for the creation of this table.';
comment on column sync.changes.change_id is 'Random UUID of the commit: the same number of another warehouse has another one.';
comment on column sync.changes.created_date is 'UTC day of completions.created_at whose rows were inserted, updated, read again or given messages; NULL: none.';

insert into sync.changes
select 1, uuid()::varchar, null;

insert into sync.changes
select 1 + row_number() over (order by created_date), uuid()::varchar, created_date
from (
  select distinct (created_at at time zone 'UTC')::date as created_date
  from main.completions
) as days;
