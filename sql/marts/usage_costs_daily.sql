-- usage_costs by day: what a bill would list, small enough to read for years.
create or replace view marts.usage_costs_daily as
select
  created_date,
  source,
  model,
  service_tier,
  token_type,
  min_input_tokens,
  usd_per_mtok,
  price_source,
  is_unpriced,
  is_assumed,
  count(*) as completions,
  sum(tokens)::bigint as tokens,
  sum(list_cost_usd) as list_cost_usd
from marts.usage_costs
group by created_date, source, model, service_tier, token_type, min_input_tokens, usd_per_mtok, price_source, is_unpriced, is_assumed;

comment on view marts.usage_costs_daily is 'Tokens and list cost, one row per UTC day, source, model, tier, token type and price; the types do not overlap.';
comment on column marts.usage_costs_daily.created_date is 'UTC day of the calls, DATE.';
comment on column marts.usage_costs_daily.source is 'Name of the source; from the settings.';
comment on column marts.usage_costs_daily.model is 'Model that answered; (unknown) when the API named none.';
comment on column marts.usage_costs_daily.service_tier is 'Tier that served the calls.';
comment on column marts.usage_costs_daily.token_type is 'Billable type of the tokens; usage_costs.token_type.';
comment on column marts.usage_costs_daily.min_input_tokens is 'Size of input the price begins at, tokens; above 0 for long contexts. NULL: no price.';
comment on column marts.usage_costs_daily.usd_per_mtok is 'Price of the day, US dollars per million tokens; NULL: no price.';
comment on column marts.usage_costs_daily.price_source is 'Where the price is from: contract, imported, overlay or genai-prices.';
comment on column marts.usage_costs_daily.is_unpriced is 'Whether there is no price for these tokens.';
comment on column marts.usage_costs_daily.is_assumed is 'Whether the price is assumed, as no list names one for this caching; list_prices.is_assumed.';
comment on column marts.usage_costs_daily.completions is 'Completions with such tokens, a count; one counts for each of its token types.';
comment on column marts.usage_costs_daily.tokens is 'Tokens of this type, a sum.';
comment on column marts.usage_costs_daily.list_cost_usd is 'Tokens at that price, US dollars; NULL: no price.';
