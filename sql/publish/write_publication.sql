-- Into a copy that is attached as published; it has one row.
insert into published.sync.publication by name
select
  make_timestamptz($now_ms::bigint * 1_000) as published_at,
  $warehouse as warehouse,
  $content as content,
  $schema_number::bigint as schema_number,
  $definition as definition,
  $change_number::bigint as change_number,
  $change_id as change_id,
  make_timestamptz($rebuilt_at_ms::bigint * 1_000) as rebuilt_at,
  $rebuilt_bytes::bigint as rebuilt_bytes,
  $rebuilt_completions::bigint as rebuilt_completions;
