-- What was known of the same seconds and kind; resolved gaps stay as history. An unreadable stretch is tried whole each time,
-- so what is left of it replaces what was.
delete from sync.gaps as held
using temp.staged_gaps as staged
where held.resolved_at is null
  and held.source = staged.source
  and held.scope = staged.scope
  and held.kind = staged.kind
  and (
    (held.from_second = staged.from_second and held.to_second = staged.to_second)
    or (held.kind = 'unreadable' and held.from_second <= staged.to_second and held.to_second >= staged.from_second)
  );
