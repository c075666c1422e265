-- One row a completion and billable kind of token, without overlap: the tokens sum to the total, the costs to the cost.
create or replace view marts.usage_costs as
with buckets as (
  select
    source,
    completion_id,
    created_at,
    created_date,
    model,
    service_tier,
    coalesce(input_tokens, 0) as input_tokens,
    unnest([
      {token_type: 'input', tokens: billable_input_tokens},
      {token_type: 'input_cached', tokens: billable_input_cached_tokens},
      {token_type: 'input_cache_write', tokens: billable_input_cache_write_tokens},
      {token_type: 'input_audio', tokens: billable_input_audio_tokens},
      {token_type: 'output', tokens: billable_output_tokens},
      {token_type: 'output_audio', tokens: billable_output_audio_tokens},
      {token_type: 'other', tokens: billable_other_tokens}
    ]) as bucket
  from marts.billable_tokens
)
select
  line.source,
  line.completion_id,
  line.created_at,
  line.created_date,
  line.model,
  line.service_tier,
  line.bucket.token_type as token_type,
  line.bucket.tokens as tokens,
  price.min_input_tokens,
  price.usd_per_mtok,
  (line.bucket.tokens::decimal(13, 0) * price.usd_per_token)::decimal(38, 12) as list_cost_usd,
  price.usd_per_mtok is null as is_unpriced,
  coalesce(price.is_assumed, false) as is_assumed,
  price.price_source
from buckets as line
left join marts.list_prices as price
  on price.model = line.model
  and price.service_tier = line.service_tier
  and price.token_type = line.bucket.token_type
  and line.created_date >= price.valid_from and line.created_date < price.valid_to
  and line.input_tokens >= price.min_input_tokens and line.input_tokens < price.max_input_tokens
where line.bucket.tokens > 0;

comment on view marts.usage_costs is 'Tokens and list cost, one row per completion and billable token type with tokens; the types do not overlap and sum to total_tokens.';
comment on column marts.usage_costs.source is 'Name of the source; from the settings.';
comment on column marts.usage_costs.completion_id is 'Id of the completion at the API; completions.completion_id.';
comment on column marts.usage_costs.created_at is 'When the completion was created, UTC, whole seconds.';
comment on column marts.usage_costs.created_date is 'UTC day of created_at, DATE.';
comment on column marts.usage_costs.model is 'Model that answered; (unknown) when the API named none.';
comment on column marts.usage_costs.service_tier is 'Tier that served the call; default where the API said auto or nothing, priority where it said fast.';
comment on column marts.usage_costs.token_type is 'input, input_cached, input_cache_write, input_audio, output (reasoning included), output_audio, or other: tokens of the total that the API put nowhere.';
comment on column marts.usage_costs.tokens is 'Tokens of this type, above 0. FOCUS: ConsumedQuantity.';
comment on column marts.usage_costs.min_input_tokens is 'Size of input the price begins at, tokens; above 0 for a long context. NULL: no price.';
comment on column marts.usage_costs.usd_per_mtok is 'Price of the day, US dollars per million tokens; NULL: no price. FOCUS: ListUnitPrice.';
comment on column marts.usage_costs.list_cost_usd is 'Tokens at that price, US dollars, exact; NULL: no price. FOCUS: ListCost.';
comment on column marts.usage_costs.is_unpriced is 'Whether there is no price for these tokens.';
comment on column marts.usage_costs.is_assumed is 'Whether the price is assumed, as no list names one for this caching; list_prices.is_assumed.';
comment on column marts.usage_costs.price_source is 'Where the price is from: contract, imported, overlay or genai-prices; list_prices.price_source.';
