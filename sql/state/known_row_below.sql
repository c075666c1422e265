-- The nearest row below $second and not below $from_second.
select id, created
from main.completions
where source = $source
  and created_at < make_timestamptz($second::bigint * 1_000_000)
  and created_at >= make_timestamptz($from_second::bigint * 1_000_000)
order by created desc, id
limit 1;
