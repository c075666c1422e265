-- One row a source: what is held and where its sync stands.
select
  known.source,
  held.row_count,
  held.oldest_created_at,
  held.newest_created_at,
  checkpoint.last_synced_id,
  checkpoint.last_synced_at,
  oldest.oldest_served_at,
  covered.covered_seconds,
  open_gaps.gap_count,
  refused.rejected_count
from (
  select source from sync.runs
  union
  select source from main.completion_usage
) as known
left join (
  select source, count(*) as row_count, min(created_at) as oldest_created_at, max(created_at) as newest_created_at
  from main.completion_usage
  group by source
) as held on held.source = known.source
left join sync.checkpoints as checkpoint on checkpoint.source = known.source
left join (
  select source, min(oldest_served_at) as oldest_served_at from sync.sources group by source
) as oldest on oldest.source = known.source
left join (
  select source, sum(to_second - from_second + 1)::bigint as covered_seconds from sync.coverage group by source
) as covered on covered.source = known.source
left join (
  select source, count(*) as gap_count from sync.gaps where resolved_at is null group by source
) as open_gaps on open_gaps.source = known.source
left join (
  select source, count(*) as rejected_count from sync.rejected group by source
) as refused on refused.source = known.source
order by known.source;
