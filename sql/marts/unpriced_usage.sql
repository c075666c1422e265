-- Tokens without a price, and why: what list cost leaves out.
create or replace view marts.unpriced_usage as
with unpriced as (
  select
    model,
    service_tier,
    token_type,
    sum(tokens)::bigint as tokens,
    sum(completions)::bigint as completions,
    min(created_date) as first_date,
    max(created_date) as last_date
  from marts.usage_costs_daily
  where is_unpriced
  group by model, service_tier, token_type
),
priced as (
  select distinct model, service_tier from marts.list_prices where usd_per_mtok is not null
)
select
  model,
  service_tier,
  token_type,
  case
    when token_type = 'other' then 'no split'
    when model not in (select model from priced) then 'unknown model'
    when service_tier = 'scale' then 'prepaid tier'
    when (model, service_tier) not in (select (model, service_tier) from priced) then 'no price for the tier'
    else 'no price for the token type or day'
  end as reason,
  completions,
  tokens,
  tokens / nullif((select sum(tokens) from marts.usage_costs_daily), 0) as token_share,
  first_date,
  last_date
from unpriced;

comment on view marts.unpriced_usage is 'Tokens that have no price, one row per model, tier and token type, over all that is held. PRICES_FILE can give them one.';
comment on column marts.unpriced_usage.model is 'Model that answered, dated; (unknown) when the API named none.';
comment on column marts.unpriced_usage.service_tier is 'Tier that served the calls; default where the API said auto or nothing, priority where it said fast.';
comment on column marts.unpriced_usage.token_type is 'Billable type of the tokens; usage_costs.token_type.';
comment on column marts.unpriced_usage.reason is 'unknown model, prepaid tier (scale), no price for the tier, no price for the token type or day, or no split (the API did not say what the tokens are).';
comment on column marts.unpriced_usage.completions is 'Completions with such tokens, a count.';
comment on column marts.unpriced_usage.tokens is 'Tokens without a price, a sum.';
comment on column marts.unpriced_usage.token_share is 'Their share of all tokens, 0 to 1.';
comment on column marts.unpriced_usage.first_date is 'First UTC day of such tokens, DATE.';
comment on column marts.unpriced_usage.last_date is 'Last UTC day of such tokens, DATE.';
