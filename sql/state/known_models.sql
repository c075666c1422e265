select model
from main.completion_usage
where source = $source
  and model is not null
group by model
order by count(*) desc, model
limit $limit::bigint;
