select id
from main.completions
where source = $source
  and created_at = make_timestamptz($second::bigint * 1_000_000)
order by id;
