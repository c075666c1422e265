-- The lists that prices are from, with their versions; of imported ones those that are in force or will be.
select
  source,
  source_version,
  count(*) as prices,
  count(distinct model) as models
from main.model_prices
where source <> 'imported' or valid_to is null or valid_to > $today::date
group by source, source_version
order by case source when 'contract' then 0 when 'imported' then 1 when 'overlay' then 2 else 3 end, source_version;
