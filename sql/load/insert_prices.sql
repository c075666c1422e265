-- Rows as JSON, prices as text, so that no digit goes through a floating-point number.
insert into main.model_prices (
  model, service_tier, token_type, min_input_tokens, valid_from, valid_to, usd_per_mtok, source, source_version, note
)
select
  price->>'model',
  price->>'service_tier',
  price->>'token_type',
  (price->>'min_input_tokens')::bigint,
  (price->>'valid_from')::date,
  (price->>'valid_to')::date,
  (price->>'usd_per_mtok')::decimal(18, 6),
  price->>'source',
  price->>'source_version',
  price->>'note'
from (select unnest($rows::json[]) as price) as prices;
