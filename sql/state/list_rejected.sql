-- Last met first, without their text; $source null: of all sources.
select source, raw_sha256, id, created_at, reason, raw_length, run_id, first_seen_at, last_seen_at
from sync.rejected
where $source::varchar is null or source = $source
order by last_seen_at desc, raw_sha256
limit $limit::bigint;
