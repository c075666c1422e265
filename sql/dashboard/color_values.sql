-- As color_names, of the values of a metadata key.
with ranked as (
  select value as name, min(created_date) as first_date
  from marts.tagged_usage_daily
  where key = $key
  group by value
  order by sum(list_cost_usd) desc nulls last, sum(total_tokens) desc nulls last, value
  limit $limit
)
select name
from ranked
order by first_date, name;
