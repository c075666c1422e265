insert into sync.sources (source, scope, oldest_served_at, observed_at)
values (
  $source,
  $scope,
  make_timestamptz($oldest_served_second::bigint * 1_000_000),
  make_timestamptz($now_ms::bigint * 1_000)
);
