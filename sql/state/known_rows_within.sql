-- Rows held within a stretch of seconds, at the most one of each $bucket_seconds of it: where it can be cut, and
-- how many rows each stands for.
select arg_max(id, created) as id, max(created) as created, count(*) as row_count
from main.completions
where source = $source
  and created_at between make_timestamptz($from_second::bigint * 1_000_000)
    and make_timestamptz($to_second::bigint * 1_000_000)
group by (created - $from_second::bigint) // $bucket_seconds::bigint
order by created desc;
