-- Usage summed up by day, group, model and tier.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  model,
  service_tier,
  sum(completions)::bigint as completions,
  sum(total_tokens)::bigint as total_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
from chosen
group by created_date, hour_from, group_1, group_2, model, service_tier
