-- When the newest run that ended did so; NULL: none has.
select max(finished_at) as finished_at
from sync.runs;
