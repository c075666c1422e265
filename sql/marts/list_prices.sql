-- The price in force: of all rows of model_prices that could apply to a model in use, the one that does, for each day and size
-- of input. The user's contract wins over imported prices, and they win over the list; within each the exact name over the alias. A
-- model whose own name is on the list, or was imported, takes nothing from an alias there: gpt-4o-2024-05-13 costs twice what gpt-4o
-- does. Imported prices hold from a day on, and change nothing of the days before it.
-- Sizes of input are the affair of the first that names any: a contract for plain input leaves the long-context price of the list
-- from its size on. A row without a price takes the tokens out of the list whatever the size.
-- Where no list names a price for caching, cached tokens are assumed to cost what input does, and the row says so: whatever is named
-- anywhere for the tier and the day comes before what is assumed.
create or replace view marts.list_prices as
with names as (
  select model, priced_as, min(name_rank) as name_rank
  from (
    select
      model,
      unnest([model, pricing_model, pricing_alias]) as priced_as,
      unnest([0, 1, 2]) as name_rank
    from marts.dim_models
  ) as every_name
  group by model, priced_as
),
offers as (
  select
    names.model,
    names.priced_as,
    names.name_rank,
    case price.source when 'contract' then 0 when 'imported' then 1 when 'overlay' then 2 else 3 end as source_rank,
    -- A price of input is an offer for both kinds of caching as well, after all others.
    unnest(case when price.token_type = 'input' then ['input', 'input_cached', 'input_cache_write'] else [price.token_type] end) as token_type,
    unnest(case when price.token_type = 'input' then [false, true, true] else [false] end) as is_assumed,
    price.service_tier,
    price.min_input_tokens,
    coalesce(price.valid_from, date '0001-01-01') as valid_from,
    coalesce(price.valid_to, date '9999-12-31') as valid_to,
    price.usd_per_mtok,
    price.source,
    price.source_version
  from names
  join main.model_prices as price on price.model = names.priced_as
),
applicable as (
  -- The lowest rank wins.
  select *, 3 * source_rank + name_rank + case when is_assumed then 1_000 else 0 end as offer_rank
  from offers
  -- An imported name of lower rank than the list's own gives nothing, one of higher rank leaves the list as it is.
  qualify
    source_rank = 0
    or name_rank = min(name_rank) filter (where source_rank > 1) over (partition by model)
    or (source_rank = 1 and name_rank <= coalesce(min(name_rank) filter (where source_rank > 1) over (partition by model), 2))
),
periods as (
  select model, day as valid_from, coalesce(lead(day) over (partition by model order by day), date '9999-12-31') as valid_to
  from (
    select model, date '0001-01-01' as day from applicable
    union
    select model, valid_from from applicable
    union
    select model, valid_to from applicable where valid_to < date '9999-12-31'
  ) as days
),
bands as (
  select
    model,
    tokens as min_input_tokens,
    coalesce(lead(tokens) over (partition by model order by tokens), 9_223_372_036_854_775_807) as max_input_tokens
  from (
    select model, 0::bigint as tokens from applicable
    union
    select model, min_input_tokens from applicable
  ) as thresholds
),
held as (
  select
    offer.*,
    period.valid_from as period_from,
    period.valid_to as period_to,
    bool_or(offer.min_input_tokens > 0 or offer.usd_per_mtok is null) over (
      partition by offer.model, offer.service_tier, offer.token_type, period.valid_from, offer.offer_rank
    ) as names_sizes
  from applicable as offer
  join periods as period
    on period.model = offer.model and offer.valid_from <= period.valid_from and offer.valid_to > period.valid_from
  qualify
    source_rank <> 1
    or name_rank = min(name_rank) filter (where source_rank = 1) over (partition by offer.model, period.valid_from)
),
reached as (
  select
    held.model,
    held.service_tier,
    held.token_type,
    held.period_from,
    held.period_to,
    band.min_input_tokens as band_from,
    band.max_input_tokens as band_to,
    arg_min(held, (offer_rank, -held.min_input_tokens)) as first_offer,
    arg_min(held, (offer_rank, -held.min_input_tokens)) filter (where names_sizes) as offer_of_size
  from held
  join bands as band on band.model = held.model and held.min_input_tokens <= band.min_input_tokens
  group by all
),
chosen as (
  select
    *,
    case
      when offer_of_size.min_input_tokens > 0 and offer_of_size.is_assumed = first_offer.is_assumed then offer_of_size
      else first_offer
    end as offer
  from reached
)
select
  model,
  service_tier,
  token_type,
  band_from as min_input_tokens,
  band_to as max_input_tokens,
  period_from as valid_from,
  period_to as valid_to,
  offer.usd_per_mtok as usd_per_mtok,
  -- To the digit: a price has six decimals at the most.
  (offer.usd_per_mtok * 0.000001)::decimal(18, 12) as usd_per_token,
  offer.is_assumed and offer.usd_per_mtok is not null as is_assumed,
  offer.priced_as as priced_as,
  offer.source as price_source,
  offer.source_version as price_source_version
from chosen;

comment on view marts.list_prices is 'Price in force of every model in use, one row per model, tier, token type, period and size of input; periods and sizes never overlap.';
comment on column marts.list_prices.model is 'Model as the API names it; dim_models.model.';
comment on column marts.list_prices.service_tier is 'Tier the price holds for: default, flex, priority, ultrafast.';
comment on column marts.list_prices.token_type is 'What is priced: input, input_cached, input_cache_write, input_audio, output, output_audio.';
comment on column marts.list_prices.min_input_tokens is 'Holds for calls of so many input tokens or more; above 0 for long contexts.';
comment on column marts.list_prices.max_input_tokens is 'Holds for calls of fewer input tokens than this.';
comment on column marts.list_prices.valid_from is 'First UTC day it holds for, DATE; 0001-01-01 when it always did.';
comment on column marts.list_prices.valid_to is 'First UTC day it does not hold for any more, DATE; 9999-12-31 when no end is known.';
comment on column marts.list_prices.usd_per_mtok is 'US dollars per million tokens, DECIMAL; NULL when it is known that there is no price.';
comment on column marts.list_prices.usd_per_token is 'US dollars per token, DECIMAL, exact.';
comment on column marts.list_prices.is_assumed is 'Whether no list names this price: caching of a model whose list is silent on it, at the price of its input. Counted beside the cost as assumed_cost_usd.';
comment on column marts.list_prices.priced_as is 'Name the price stands under in model_prices: the model''s own or its alias.';
comment on column marts.list_prices.price_source is 'Where it is from: contract (PRICES_FILE), imported (tokenhouse prices import), overlay (reviewed rows of this program) or genai-prices.';
comment on column marts.list_prices.price_source_version is 'Version of that source, of an imported price the list and the day of its import (litellm 2026-11-29); model_prices.source_version.';
