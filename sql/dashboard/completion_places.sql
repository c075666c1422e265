-- Where a completion is held: an id may be that of several sources.
select source, created_at
from main.completions
where id = $id
order by source, created_at desc
limit 50;
