-- A whole week against the whole week before, and what the change is made of. With, of each model and tier, its share of the
-- calls s, its tokens a call t, and of its tokens the share c of each kind (type and size of input, with a price or without) with
-- its price p, the cost of a week is calls * sum(s * t * sum(c * p)); the effects change one factor after the other and add up to
-- the whole change. What is new is taken to have cost before what it costs now: only what had a price in both weeks changes it.
-- All is one part here; `report week-over-week --by` puts its groups there.
create or replace view marts.usage_week_over_week as
with weekly as (
  select
    date_trunc('week', created_date)::date as week_from,
    '' as part,
    model,
    service_tier,
    sum(completions)::double as calls,
    coalesce(sum(total_tokens), 0)::double as tokens,
    coalesce(sum(priced_tokens), 0)::double as priced_tokens,
    coalesce(sum(list_cost_usd), 0)::double as cost
  from marts.usage_daily
  group by all
),
priced as (
  select
    date_trunc('week', created_date)::date as week_from,
    '' as part,
    model,
    service_tier,
    token_type,
    min_input_tokens,
    is_unpriced,
    sum(tokens)::double as tokens,
    -- To the digit, where there is but one: a mean would be off by a hair, and that is no change of price.
    case
      when min(usd_per_mtok) = max(usd_per_mtok) then min(usd_per_mtok)::double
      else (sum(list_cost_usd) / nullif(sum(tokens), 0) * 1_000_000)::double
    end as usd_per_mtok
  from marts.usage_costs_daily
  group by all
),
rates as (
  select
    this.week_from,
    this.part,
    this.model,
    this.service_tier,
    sum(this.tokens * 0.000001 * (this.usd_per_mtok - last.usd_per_mtok)) as rate_effect
  from priced as this
  join priced as last
    on last.week_from = this.week_from - 7
    and last.part = this.part
    and last.model = this.model
    and last.service_tier = this.service_tier
    and last.token_type = this.token_type
    and last.min_input_tokens = this.min_input_tokens
  where not this.is_unpriced and not last.is_unpriced
  group by this.week_from, this.part, this.model, this.service_tier
),
weeks as (
  select unnest(generate_series(
    date_trunc('week', complete_from + 6)::date + 7,
    open_week_from - 7,
    interval 7 day
  ))::date as week_from
  from marts.as_of
),
parts as (
  select
    weeks.week_from,
    kind.part,
    coalesce(this.model, last.model) as model,
    coalesce(this.service_tier, last.service_tier) as service_tier,
    coalesce(this.calls, 0) as calls_now,
    coalesce(this.tokens, 0) as tokens_now,
    coalesce(this.priced_tokens, 0) as priced_now,
    coalesce(this.cost, 0) as cost_now,
    coalesce(last.calls, 0) as calls_before,
    coalesce(last.tokens, 0) as tokens_before,
    coalesce(last.priced_tokens, 0) as priced_before,
    coalesce(last.cost, 0) as cost_before,
    coalesce(rates.rate_effect, 0) as rate_effect
  from weeks
  cross join (select distinct part, model, service_tier from weekly) as kind
  left join weekly as this
    on this.week_from = weeks.week_from and this.part = kind.part and this.model = kind.model and this.service_tier = kind.service_tier
  left join weekly as last
    on last.week_from = weeks.week_from - 7 and last.part = kind.part and last.model = kind.model and last.service_tier = kind.service_tier
  left join rates
    on rates.week_from = weeks.week_from and rates.part = kind.part and rates.model = kind.model and rates.service_tier = kind.service_tier
),
factors as (
  select
    *,
    sum(calls_now) over (partition by week_from, part) as all_now,
    sum(calls_before) over (partition by week_from, part) as all_before,
    tokens_now / nullif(calls_now, 0) as per_call_now,
    cost_now / nullif(tokens_now, 0) as rate_now,
    coalesce(tokens_before / nullif(calls_before, 0), tokens_now / nullif(calls_now, 0), 0) as per_call_before,
    coalesce(cost_before / nullif(tokens_before, 0), cost_now / nullif(tokens_now, 0), 0) as rate_before
  from parts
),
effects as (
  select
    *,
    coalesce(calls_before / nullif(all_before, 0), 0) as share_before,
    coalesce(calls_now / nullif(all_now, 0), 0) as share_now
  from factors
),
by_part as (
  select
    week_from,
    part,
    week_from + 7 as week_to,
    sum(calls_now)::bigint as completions,
    sum(calls_before)::bigint as completions_before,
    sum(tokens_now)::bigint as total_tokens,
    sum(tokens_before)::bigint as total_tokens_before,
    sum(tokens_now) - sum(tokens_before) as tokens_delta,
    (any_value(all_now) - any_value(all_before)) * sum(share_before * per_call_before)
      + case when any_value(all_before) = 0 then sum(tokens_now) else 0 end as tokens_volume_effect,
    case when any_value(all_before) = 0 then 0 else sum(all_now * (share_now - share_before) * per_call_before) end as tokens_mix_effect,
    case when any_value(all_before) = 0 then 0 else sum(all_now * share_now * (coalesce(per_call_now, 0) - per_call_before)) end as tokens_per_call_effect,
    -- Calls of which none has a price cost nobody knows what; no calls cost nothing.
    case when sum(priced_now) > 0 or sum(tokens_now) = 0 then sum(cost_now) end as list_cost_usd,
    case when sum(priced_before) > 0 or sum(tokens_before) = 0 then sum(cost_before) end as list_cost_usd_before,
    sum(priced_now) + sum(priced_before) > 0 or sum(tokens_now) + sum(tokens_before) = 0 as has_price,
    sum(cost_now) - sum(cost_before) as cost_delta_usd,
    (any_value(all_now) - any_value(all_before)) * sum(share_before * per_call_before * rate_before)
      + case when any_value(all_before) = 0 then sum(cost_now) else 0 end as cost_volume_effect_usd,
    case when any_value(all_before) = 0 then 0 else sum(all_now * (share_now - share_before) * per_call_before * rate_before) end as cost_mix_effect_usd,
    case when any_value(all_before) = 0 then 0 else sum(all_now * share_now * (coalesce(per_call_now, 0) - per_call_before) * rate_before) end as cost_per_call_effect_usd,
    case when any_value(all_before) = 0 then 0 else sum(tokens_now * (coalesce(rate_now, 0) - rate_before) - rate_effect) end as cost_composition_effect_usd,
    case when any_value(all_before) = 0 then 0 else sum(rate_effect) end as cost_rate_effect_usd,
    sum(priced_now) / nullif(sum(tokens_now), 0) as priced_token_share,
    sum(priced_before) / nullif(sum(tokens_before), 0) as priced_token_share_before
  from effects
  group by week_from, part
),
priced_parts as (
  select
    * exclude (has_price) replace (
      case when has_price then cost_delta_usd end as cost_delta_usd,
      case when has_price then cost_volume_effect_usd end as cost_volume_effect_usd,
      case when has_price then cost_mix_effect_usd end as cost_mix_effect_usd,
      case when has_price then cost_per_call_effect_usd end as cost_per_call_effect_usd,
      case when has_price then cost_composition_effect_usd end as cost_composition_effect_usd,
      case when has_price then cost_rate_effect_usd end as cost_rate_effect_usd
    )
  from by_part
)
select * exclude (part)
from priced_parts;

comment on view marts.usage_week_over_week is 'Each whole week against the whole week before it, one row a week, and what the change is made of: the effects add up to the delta. The open week, and weeks not read from their first day, are left out.';
comment on column marts.usage_week_over_week.week_from is 'Monday of the week, DATE (UTC).';
comment on column marts.usage_week_over_week.week_to is 'Monday after it, DATE; excluded.';
comment on column marts.usage_week_over_week.completions is 'Completions of the week, a count.';
comment on column marts.usage_week_over_week.completions_before is 'Completions of the week before, a count.';
comment on column marts.usage_week_over_week.total_tokens is 'Tokens of the week, a sum.';
comment on column marts.usage_week_over_week.total_tokens_before is 'Tokens of the week before, a sum.';
comment on column marts.usage_week_over_week.tokens_delta is 'Change of the tokens.';
comment on column marts.usage_week_over_week.tokens_volume_effect is 'Part of tokens_delta that more (or fewer) calls make.';
comment on column marts.usage_week_over_week.tokens_mix_effect is 'Part of tokens_delta that another mix of models and tiers makes.';
comment on column marts.usage_week_over_week.tokens_per_call_effect is 'Part of tokens_delta that longer (or shorter) calls of the same models make.';
comment on column marts.usage_week_over_week.list_cost_usd is 'List cost of the week, US dollars, of what has a price; NULL when there were calls and none has one.';
comment on column marts.usage_week_over_week.list_cost_usd_before is 'List cost of the week before, US dollars, of what has a price; NULL when there were calls and none has one.';
comment on column marts.usage_week_over_week.cost_delta_usd is 'Change of the list cost, US dollars, of what has a price; it and its parts are NULL when nothing has one in either week.';
comment on column marts.usage_week_over_week.cost_volume_effect_usd is 'Part of cost_delta_usd that more (or fewer) calls make.';
comment on column marts.usage_week_over_week.cost_mix_effect_usd is 'Part of cost_delta_usd that another mix of models and tiers makes.';
comment on column marts.usage_week_over_week.cost_per_call_effect_usd is 'Part of cost_delta_usd that longer (or shorter) calls of the same models make.';
comment on column marts.usage_week_over_week.cost_composition_effect_usd is 'Part of cost_delta_usd that another make-up of the tokens makes: cached share, output against input, long contexts, tokens that have a price against those that have none.';
comment on column marts.usage_week_over_week.cost_rate_effect_usd is 'Part of cost_delta_usd that other prices make: 0 unless the price of a model, tier, token type and size of input changed.';
comment on column marts.usage_week_over_week.priced_token_share is 'Share of the weeks tokens that has a price, 0 to 1.';
comment on column marts.usage_week_over_week.priced_token_share_before is 'The same of the week before.';
