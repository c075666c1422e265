-- Unchanged text read again: the newer observation is noted, so that an older one that comes late cannot win.
update main.completions as held
set observed_at = planned.observed_at
from temp.planned as planned
where planned.action = 'touch'
  and held.source = planned.source
  and held.id = planned.id
  and held.created_at = planned.created_at
  and held.created_at between make_timestamptz($from_second::bigint * 1_000_000)
    and make_timestamptz($to_second::bigint * 1_000_000);
