-- Models and when they were first and last seen, over all that is held: with their tiers, and the completions, tokens and list cost of
-- the period. `new`: first seen in the period, though there were calls before; `not used`: seen before it and not in it.
with seen as (
  select
    grp,
    model,
    min(created_date) as first_date,
    max(created_date) as last_date,
    string_agg(distinct service_tier, ', ' order by service_tier) as service_tiers,
    coalesce(sum(completions) filter (where created_date >= $since::date and created_date < $until::date), 0)::bigint as completions,
    coalesce(sum(total_tokens) filter (where created_date >= $since::date and created_date < $until::date), 0)::bigint as total_tokens,
    sum(list_cost_usd) filter (where created_date >= $since::date and created_date < $until::date) as list_cost_usd
  from models_by
  group by grp, model
  having min(created_date) < $until::date
)
select
  grp,
  model,
  first_date,
  last_date,
  case
    when completions = 0 then 'not used'
    when first_date >= $since::date and min(first_date) over (partition by grp) < $since::date then 'new'
    else 'in use'
  end as use,
  service_tiers,
  completions,
  total_tokens,
  list_cost_usd,
  count(*) over () as rows_in_all
from seen
order by
  max(list_cost_usd) over (partition by grp) desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc,
  completions = 0,
  list_cost_usd desc nulls last,
  total_tokens desc,
  last_date desc,
  model
limit $top::integer
