-- Rejected items that are new: one row per distinct text and source.
insert into sync.rejected by name
select staged.*
from temp.staged_rejected as staged
anti join sync.rejected as held
  on held.source = staged.source
  and held.raw_sha256 = staged.raw_sha256;
