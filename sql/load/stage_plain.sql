-- $raws: JSON texts in UTF-8, between them the character 30, which no JSON text can hold. The others: as many words each.
insert into temp.staged_plain
select
  $source::varchar as source,
  created,
  make_timestamptz(created * 1_000_000) as created_at,
  make_timestamptz(observed_at_ms * 1_000) as observed_at,
  make_timestamptz($now_ms::bigint * 1_000) as first_synced_at,
  $run_id::varchar as synced_run_id,
  raw,
  raw_hash,
  plain_item(raw) as item
from (
  select
    unnest(string_split(decode($raws::blob), chr(30))) as raw,
    unnest(string_split($hashes, ' ')) as raw_hash,
    unnest(string_split($seconds, ' '))::bigint as created,
    unnest(string_split($observed_ms, ' '))::bigint as observed_at_ms
);
