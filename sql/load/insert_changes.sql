-- The days this batch changes, in the transaction that changes them: copies of the rows are kept up with them.
-- $days: days since 1970-01-01, with blanks between them.
insert into sync.changes
select
  (select coalesce(max(change_number), 0) + 1 from sync.changes),
  $change_id,
  date '1970-01-01' + day::integer
from (select unnest(string_split($days, ' ')) as day);
