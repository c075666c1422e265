-- A rejected item met again.
update sync.rejected as held
set last_seen_at = staged.last_seen_at, run_id = staged.run_id
from temp.staged_rejected as staged
where held.source = staged.source
  and held.raw_sha256 = staged.raw_sha256;
