-- Calls and tokens summed up by day, group, model and tier.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  model,
  service_tier,
  sum(completions)::bigint as completions,
  sum(total_tokens)::bigint as total_tokens,
  sum(priced_tokens)::bigint as priced_tokens
from chosen
group by created_date, hour_from, group_1, group_2, model, service_tier
