select key, value
from main.completion_metadata
where source = $source
  and value is not null
group by key, value
order by count(*) desc, key, value
limit $limit::bigint;
