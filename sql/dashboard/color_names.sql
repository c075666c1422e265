-- Models, families, tiers or sources that have a colour of their own, whatever is shown: those of all that is held with the highest list
-- cost. In the order in which they were first seen, so that a new one takes no colour from those before it.
with names as (
  select
    case $by
      when 'model_family' then model_family
      when 'service_tier' then service_tier
      when 'source' then source
      else model
    end as name,
    min(created_date) as first_date,
    sum(list_cost_usd) as list_cost_usd,
    sum(total_tokens) as total_tokens
  from marts.usage_daily
  group by all
),
ranked as (
  select name, first_date
  from names
  order by list_cost_usd desc nulls last, total_tokens desc nulls last, name
  limit $limit
)
select name
from ranked
order by first_date, name;
