-- Every price that is held, whatever its source; figures and days as text.
select
  model,
  service_tier,
  token_type,
  min_input_tokens,
  valid_from::varchar as valid_from,
  valid_to::varchar as valid_to,
  regexp_replace(usd_per_mtok::varchar, '\.?0+$', '') as usd_per_mtok,
  source,
  source_version,
  note
from main.model_prices
order by all;
