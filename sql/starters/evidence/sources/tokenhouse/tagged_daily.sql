-- One row a day, metadata key and value, with (untagged) for what lacks the key: filter on one key.
select
  created_date,
  key,
  value,
  sum(completions)::double as completions,
  sum(list_cost_usd)::double as list_cost_usd
from marts.usage_daily_by_tag
group by created_date, key, value
