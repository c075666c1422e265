-- The prices in force of the models that stand for answered ones; days as text, none where there is no bound.
select
  model,
  service_tier,
  token_type,
  min_input_tokens,
  nullif(valid_from, date '0001-01-01')::varchar as valid_from,
  nullif(valid_to, date '9999-12-31')::varchar as valid_to,
  regexp_replace(usd_per_mtok::varchar, '\.?0+$', '') as usd_per_mtok,
  price_source as source,
  price_source_version as source_version,
  is_assumed,
  priced_as
from marts.list_prices
order by model, service_tier, token_type, valid_from nulls first, min_input_tokens;
