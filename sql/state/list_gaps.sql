-- Newest seconds first; $source null: of all sources. $open_only: without those that were resolved.
select
  source, scope, kind, from_second, to_second, rows_seen, rows_missing_estimate, detail,
  first_seen_at, last_tried_at, resolved_at, run_id
from sync.gaps
where ($source::varchar is null or source = $source)
  and (resolved_at is null or not $open_only::boolean)
order by from_second desc, kind
limit $limit::bigint;
