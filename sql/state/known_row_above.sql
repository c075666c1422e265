-- The $rank-th distinct second above $second, up to $to_second, that has a row, and one row of it.
select min(id) as id, created
from main.completions
where source = $source
  and created_at > make_timestamptz($second::bigint * 1_000_000)
  and created_at <= make_timestamptz($to_second::bigint * 1_000_000)
group by created
order by created
limit 1
offset $rank::bigint - 1;
