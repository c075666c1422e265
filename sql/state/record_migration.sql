insert into sync.migrations (number, name, applied_at)
values ($number::integer, $name, make_timestamptz($now_ms::bigint * 1_000));
