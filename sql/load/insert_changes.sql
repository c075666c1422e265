-- What this batch changes of each day, in the transaction that changes it: copies of the rows are kept up with it.
-- $spans: first and last Unix second of each day's rows, as `1764288000-1764291600`, with blanks between them.
insert into sync.changes (change_number, change_id, created_date, first_created_at, last_created_at)
select
  (select coalesce(max(change_number), 0) + 1 from sync.changes),
  $change_id,
  date '1970-01-01' + (first_second // 86_400)::integer,
  make_timestamptz(first_second * 1_000_000),
  make_timestamptz(last_second * 1_000_000)
from (
  select split_part(span, '-', 1)::bigint as first_second, split_part(span, '-', 2)::bigint as last_second
  from (select unnest(string_split($spans, ' ')) as span)
);
