insert into sync.gaps by name
select *
from temp.staged_gaps
order by from_second, kind;
