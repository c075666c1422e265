-- Rows of seconds of which this run has met all that the API lists, and has not met: deleted there. $met: the seconds, JSON. Only those that were listed under the
-- same scope, as another filter or project lists other rows, and that are too young to have expired.
insert into main.completion_deletions
select
  held.source,
  held.id,
  held.created_at,
  make_timestamptz($now_ms::bigint * 1_000),
  $run_id::varchar
from main.completions as held
join sync.runs as listed on listed.run_id = held.synced_run_id
where held.source = $source
  and listed.scope = $scope
  and held.observed_at < make_timestamptz($read_since_ms::bigint * 1_000)
  and held.created_at between make_timestamptz($from_second::bigint * 1_000_000)
    and make_timestamptz($to_second::bigint * 1_000_000)
  and exists (
    from (select unnest(from_json_strict($met, '[{"from": "BIGINT", "to": "BIGINT"}]'), recursive := true)) as met
    where held.created between met."from" and met."to"
  )
  and not exists (
    from main.completion_deletions as known
    where known.source = held.source
      and known.completion_id = held.id
      and known.created_at = held.created_at
  );
