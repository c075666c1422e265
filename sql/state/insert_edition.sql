insert into sync.editions (part, edition, program_version, applied_at)
values ($part, $edition, $program_version, make_timestamptz($now_ms::bigint * 1_000));
