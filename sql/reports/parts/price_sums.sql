-- Tokens and cost summed up by day, group, model, tier, kind of token, size of input and price.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  model,
  service_tier,
  token_type,
  min_input_tokens,
  usd_per_mtok,
  sum(tokens)::bigint as tokens,
  sum(list_cost_usd) as list_cost_usd
from chosen
group by created_date, hour_from, group_1, group_2, model, service_tier, token_type, min_input_tokens, usd_per_mtok
