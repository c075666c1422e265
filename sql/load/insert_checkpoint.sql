insert into sync.checkpoints (source, last_synced_id, last_synced_at, run_id, updated_at)
values (
  $source,
  $last_synced_id,
  make_timestamptz($last_synced_second::bigint * 1_000_000),
  $run_id,
  make_timestamptz($now_ms::bigint * 1_000)
);
