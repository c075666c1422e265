-- A gap that is still open keeps the time it was first seen.
update temp.staged_gaps as staged
set first_seen_at = held.first_seen_at
from sync.gaps as held
where held.resolved_at is null
  and held.source = staged.source
  and held.scope = staged.scope
  and held.kind = staged.kind
  and held.from_second = staged.from_second
  and held.to_second = staged.to_second;
