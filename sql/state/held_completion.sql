-- The completion as it was read last; $source null: of any source.
select source, raw, observed_at
from main.completions
where id = $id
  and ($source::varchar is null or source = $source)
order by observed_at desc, source
limit 1;
