-- List cost in the shape of FOCUS 1.2 (FinOps Open Cost and Usage Specification): columns by its names, ours as x_*. What was
-- billed is not known here: BilledCost and EffectiveCost stay NULL, and nothing is put in their place.
create or replace view marts.focus_charges as
select
  created_date as x_created_date,
  null::decimal(38, 12) as BilledCost,
  null::decimal(38, 12) as EffectiveCost,
  list_cost_usd as ListCost,
  usd_per_mtok as ListUnitPrice,
  'USD' as BillingCurrency,
  created_date::timestamp as ChargePeriodStart,
  (created_date + 1)::timestamp as ChargePeriodEnd,
  date_trunc('month', created_date)::timestamp as BillingPeriodStart,
  (date_trunc('month', created_date) + interval 1 month)::timestamp as BillingPeriodEnd,
  'Usage' as ChargeCategory,
  'Usage-Based' as ChargeFrequency,
  model || ' ' || service_tier || ' ' || replace(token_type, '_', ' ') || ' tokens' as ChargeDescription,
  'AI and Machine Learning' as ServiceCategory,
  'Generative AI' as ServiceSubcategory,
  'Chat Completions' as ServiceName,
  'OpenAI' as PublisherName,
  model || '/' || token_type as SkuId,
  token_type as SkuMeter,
  model || '/' || service_tier || '/' || token_type || '/' || coalesce(min_input_tokens, 0) as SkuPriceId,
  tokens as ConsumedQuantity,
  'Tokens' as ConsumedUnit,
  tokens::decimal(19, 0) * 0.000001 as PricingQuantity,
  '1000000 Tokens' as PricingUnit,
  source as x_Source,
  model as x_Model,
  service_tier as x_ServiceTier,
  price_source as x_PriceSource,
  is_unpriced as x_IsUnpriced,
  is_assumed as x_IsAssumed,
  created_date >= (select open_from from marts.as_of) as x_IsOpen
from marts.usage_costs_daily;

comment on view marts.focus_charges is 'List cost in the shape of FOCUS 1.2, one row per UTC day, source, model, tier, token type and price. Not conformant: what was billed is unknown and stays NULL.';
comment on column marts.focus_charges.x_created_date is 'UTC day, DATE; the same as ChargePeriodStart.';
comment on column marts.focus_charges.BilledCost is 'FOCUS: what was invoiced. Not known here: always NULL.';
comment on column marts.focus_charges.EffectiveCost is 'FOCUS: cost after discounts. Not known here: always NULL.';
comment on column marts.focus_charges.ListCost is 'Tokens at the list (or contract) price of the day, US dollars; NULL: no price.';
comment on column marts.focus_charges.ListUnitPrice is 'That price, US dollars per PricingUnit; NULL: no price.';
comment on column marts.focus_charges.BillingCurrency is 'Currency of the costs, always USD.';
comment on column marts.focus_charges.ChargePeriodStart is 'Start of the UTC day.';
comment on column marts.focus_charges.ChargePeriodEnd is 'End of the UTC day, excluded.';
comment on column marts.focus_charges.BillingPeriodStart is 'Start of the UTC month.';
comment on column marts.focus_charges.BillingPeriodEnd is 'End of the UTC month, excluded.';
comment on column marts.focus_charges.ChargeCategory is 'FOCUS: kind of charge, always Usage.';
comment on column marts.focus_charges.ChargeFrequency is 'FOCUS: how often it is charged, always Usage-Based.';
comment on column marts.focus_charges.ChargeDescription is 'Model, tier and token type in words.';
comment on column marts.focus_charges.ServiceCategory is 'Always AI and Machine Learning.';
comment on column marts.focus_charges.ServiceSubcategory is 'Always Generative AI.';
comment on column marts.focus_charges.ServiceName is 'Always Chat Completions.';
comment on column marts.focus_charges.PublisherName is 'Always OpenAI, whose API the sources speak.';
comment on column marts.focus_charges.SkuId is 'Model and token type.';
comment on column marts.focus_charges.SkuMeter is 'Billable type of the tokens; usage_costs.token_type.';
comment on column marts.focus_charges.SkuPriceId is 'Model, tier, token type and the size of input the price begins at.';
comment on column marts.focus_charges.ConsumedQuantity is 'Tokens of this type, a sum.';
comment on column marts.focus_charges.ConsumedUnit is 'Unit of ConsumedQuantity, always Tokens.';
comment on column marts.focus_charges.PricingQuantity is 'ConsumedQuantity in PricingUnit.';
comment on column marts.focus_charges.PricingUnit is 'Unit of the price: a million tokens.';
comment on column marts.focus_charges.x_Source is 'Name of the source; from the settings.';
comment on column marts.focus_charges.x_Model is 'Model that answered; (unknown) when the API named none.';
comment on column marts.focus_charges.x_ServiceTier is 'Tier that served the calls.';
comment on column marts.focus_charges.x_PriceSource is 'Where the price is from: contract, imported, overlay or genai-prices.';
comment on column marts.focus_charges.x_IsUnpriced is 'Whether there is no price for these tokens.';
comment on column marts.focus_charges.x_IsAssumed is 'Whether the price is assumed, as no list names one for this caching; list_prices.is_assumed.';
comment on column marts.focus_charges.x_IsOpen is 'Whether the day is not over, as far as the last sync saw.';
