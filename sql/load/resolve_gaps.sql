-- Gaps that this batch's covered seconds reach into and that coverage now holds in full. Runs before this batch's own
-- gaps are inserted: a gap that is reported with its seconds covered (retention) stays open.
update sync.gaps as gap
set resolved_at = make_timestamptz($now_ms::bigint * 1_000)
where gap.resolved_at is null
  and gap.source = $source
  and gap.scope = $scope
  and exists (
    select 1
    from temp.staged_ranges as staged
    where staged.from_second <= gap.to_second
      and staged.to_second >= gap.from_second
  )
  and exists (
    select 1
    from sync.coverage as held
    where held.source = gap.source
      and held.scope = gap.scope
      and held.from_second <= gap.from_second
      and held.to_second >= gap.to_second
  );
