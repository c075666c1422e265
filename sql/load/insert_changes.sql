-- The days this batch changes, in the transaction that changes them: copies of the rows are kept up with them.
insert into sync.changes
select
  (select coalesce(max(change_number), 0) + 1 from sync.changes),
  $change_id,
  days.created_date
from (
  select distinct (created_at at time zone 'UTC')::date as created_date
  from temp.planned
  where action <> 'keep'
  union
  select distinct (created_at at time zone 'UTC')::date
  from temp.staged_messages
) as days;
