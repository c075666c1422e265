-- Tokens summed up by day, group, model, tier and kind of token, with and without a price.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  model,
  service_tier,
  token_type,
  is_unpriced,
  sum(completions)::bigint as completions,
  sum(tokens)::bigint as tokens
from chosen
group by created_date, hour_from, group_1, group_2, model, service_tier, token_type, is_unpriced
