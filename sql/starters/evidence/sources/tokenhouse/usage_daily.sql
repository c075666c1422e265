-- Evidence keeps this as a table of its own: numbers as doubles, which it draws.
select
  created_date,
  model,
  sum(completions)::double as completions,
  sum(total_tokens)::double as total_tokens,
  sum(priced_tokens)::double as priced_tokens,
  sum(list_cost_usd)::double as list_cost_usd
from marts.usage_daily
group by created_date, model
