-- Whose list cost grew most against as many days before, and why: how much of the change is more or fewer calls (volume), other models
-- and tiers among them (mix), more or fewer tokens a call of each kind (input, cached, output, long contexts) and other prices. The
-- four add up to the change. Nothing asked for, it is the last whole week against the week before. The mix is the one within the
-- group; what is new costs before what it costs now; a price that turns up where there was none is a change of price. The --top
-- largest changes are told, the rest is one row (others); a period whose days before were not all read is not compared.
with days as (
  select
    $since::date as first_day,
    least($until::date, coalesce(open_from, $until::date)) as end_day,
    complete_from
  from marts.as_of
),
spans as (
  select first_day, end_day, first_day - (end_day - first_day)::integer as before_from
  from days
  where end_day > first_day and first_day - (end_day - first_day)::integer >= complete_from
),
called as materialized (
  select
    bucket.grp,
    bucket.model,
    bucket.service_tier,
    bucket.created_date >= first_day as is_now,
    bucket.completions,
    bucket.total_tokens,
    coalesce(card.min_input_tokens, 0) as min_input_tokens,
    [
      {'token_type': 'input', 'tokens': bucket.input_tokens, 'usd': card.input_usd},
      {'token_type': 'input_cached', 'tokens': bucket.input_cached_tokens, 'usd': card.input_cached_usd},
      {'token_type': 'input_cache_write', 'tokens': bucket.input_cache_write_tokens, 'usd': card.input_cache_write_usd},
      {'token_type': 'input_audio', 'tokens': bucket.input_audio_tokens, 'usd': card.input_audio_usd},
      {'token_type': 'output', 'tokens': bucket.output_tokens, 'usd': card.output_usd},
      {'token_type': 'output_audio', 'tokens': bucket.output_audio_tokens, 'usd': card.output_audio_usd}
    ] as lines
  from buckets_by as bucket
  join spans on bucket.created_date >= before_from and bucket.created_date < end_day
  left join marts.price_cards as card
    on card.model = bucket.model
    and card.service_tier = bucket.service_tier
    and bucket.created_date >= card.valid_from and bucket.created_date < card.valid_to
    and bucket.input_size >= card.min_input_tokens and bucket.input_size < card.max_input_tokens
),
calls as (
  select
    grp,
    model,
    service_tier,
    coalesce(sum(completions) filter (where is_now), 0)::double as calls_now,
    coalesce(sum(completions) filter (where not is_now), 0)::double as calls_before,
    coalesce(sum(total_tokens) filter (where is_now), 0)::double as tokens_now,
    coalesce(sum(total_tokens) filter (where not is_now), 0)::double as tokens_before
  from called
  group by grp, model, service_tier
),
lines as (
  select
    grp,
    model,
    service_tier,
    is_now,
    min_input_tokens,
    line.token_type as token_type,
    sum(line.tokens) as tokens,
    coalesce(sum(line.tokens) filter (where line.usd is not null), 0) as priced_tokens,
    coalesce(sum(line.tokens * line.usd), 0) as cost,
    -- To the digit, where there is but one: a mean would be off by a hair, and that is no change of price.
    case
      when min(coalesce(line.usd, 0)) = max(coalesce(line.usd, 0)) then min(coalesce(line.usd, 0))::double
      else coalesce(sum(line.tokens * line.usd), 0) / sum(line.tokens)
    end as usd_per_token
  from (select * exclude (lines), unnest(lines) as line from called) as unnested
  where line.tokens > 0
  group by grp, model, service_tier, is_now, min_input_tokens, line.token_type
),
kinds as (
  select
    grp,
    model,
    service_tier,
    coalesce(any_value(tokens) filter (where is_now), 0) as tokens_now,
    coalesce(any_value(tokens) filter (where not is_now), 0) as tokens_before,
    coalesce(any_value(priced_tokens) filter (where is_now), 0) as priced_now,
    coalesce(any_value(priced_tokens) filter (where not is_now), 0) as priced_before,
    coalesce(any_value(cost) filter (where is_now), 0) as cost_now,
    coalesce(any_value(cost) filter (where not is_now), 0) as cost_before,
    any_value(usd_per_token) filter (where is_now) as usd_now,
    -- A kind that is new costs before what it costs now.
    coalesce(any_value(usd_per_token) filter (where not is_now), any_value(usd_per_token) filter (where is_now)) as usd_before
  from lines
  group by grp, model, service_tier, token_type, min_input_tokens
),
models as (
  select
    calls.grp,
    calls.model,
    calls.service_tier,
    coalesce(sum(kinds.cost_now), 0) as cost_now,
    coalesce(sum(kinds.cost_before), 0) as cost_before,
    -- Of a model that is new all is mix.
    case
      when calls_before > 0
        then coalesce(sum((kinds.tokens_now - calls_now * kinds.tokens_before / calls_before) * kinds.usd_before), 0)
      else 0
    end as per_call_effect,
    case when calls_before > 0 then coalesce(sum(kinds.tokens_now * (coalesce(usd_now, usd_before) - usd_before)), 0) else 0 end as price_effect,
    calls_now,
    calls_before,
    calls.tokens_now,
    calls.tokens_before,
    coalesce(sum(kinds.priced_now), 0) as priced_now,
    coalesce(sum(kinds.priced_before), 0) as priced_before
  from calls
  left join kinds on kinds.grp = calls.grp and kinds.model = calls.model and kinds.service_tier = calls.service_tier
  group by
    calls.grp, calls.model, calls.service_tier, calls_now, calls_before, calls.tokens_now, calls.tokens_before
),
shares as (
  select
    *,
    sum(calls_now) over (partition by grp) as all_now,
    sum(calls_before) over (partition by grp) as all_before,
    sum(cost_before) over (partition by grp) as all_cost_before
  from models
),
explained as (
  select
    grp,
    sum(calls_now) as calls_now,
    sum(calls_before) as calls_before,
    sum(tokens_now) as tokens_now,
    sum(tokens_before) as tokens_before,
    sum(priced_now) as priced_now,
    sum(priced_before) as priced_before,
    sum(cost_now) as cost_now,
    sum(cost_before) as cost_before,
    -- Of a group that is new all is volume.
    case
      when any_value(all_before) = 0 then sum(cost_now)
      else (any_value(all_now) - any_value(all_before)) * any_value(all_cost_before) / any_value(all_before)
    end as volume_effect,
    case
      when any_value(all_before) = 0 then 0
      else sum(
        (calls_now - all_now * calls_before / all_before)
        * coalesce(cost_before / nullif(calls_before, 0), cost_now / nullif(calls_now, 0), 0)
      )
    end as mix_effect,
    case when any_value(all_before) = 0 then 0 else sum(per_call_effect) end as per_call_effect,
    case when any_value(all_before) = 0 then 0 else sum(price_effect) end as price_effect
  from shares
  group by grp
),
ranked as (
  select
    *,
    row_number() over (
      order by
        abs(cost_now - cost_before) desc, greatest(tokens_now, tokens_before) desc, grp.name, grp.name_2, grp.kind desc, grp.kind_2 desc
    ) > $top::integer as is_rest
  from explained
),
folded as (
  select
    {
      'name': case when is_rest and grp.kind = 'value' then '(others)' else grp.name end,
      'kind': case when is_rest and grp.kind = 'value' then 'others' else grp.kind end,
      'name_2': case when is_rest and grp.kind_2 = 'value' then '(others)' else grp.name_2 end,
      'kind_2': case when is_rest and grp.kind_2 = 'value' then 'others' else grp.kind_2 end
    } as grp,
    sum(calls_now) as calls_now,
    sum(calls_before) as calls_before,
    sum(tokens_now) as tokens_now,
    sum(tokens_before) as tokens_before,
    sum(priced_now) as priced_now,
    sum(priced_before) as priced_before,
    sum(cost_now) as cost_now,
    sum(cost_before) as cost_before,
    sum(volume_effect) as volume_effect,
    sum(mix_effect) as mix_effect,
    sum(per_call_effect) as per_call_effect,
    sum(price_effect) as price_effect
  from ranked
  group by all
),
-- What has no price on either side has no change, not one of 0. Rounded, as doubles leave a hair where there is nothing.
told as (
  select
    *,
    priced_now > 0 or priced_before > 0 or (tokens_now = 0 and tokens_before = 0) as is_told,
    sign(round(cost_now - cost_before, 9)) as direction
  from folded
)
select
  grp,
  case when priced_before > 0 or tokens_before = 0 then round(cost_before, 9) end as list_cost_before_usd,
  case when priced_now > 0 or tokens_now = 0 then round(cost_now, 9) end as list_cost_usd,
  case when is_told then round(cost_now - cost_before, 9) end as cost_change_usd,
  case when is_told then round(volume_effect, 9) end as volume_effect_usd,
  case when is_told then round(mix_effect, 9) end as mix_effect_usd,
  case when is_told then round(per_call_effect, 9) end as tokens_per_call_effect_usd,
  case when is_told then round(price_effect, 9) end as price_effect_usd,
  case
    when calls_before = 0 then 'new'
    when calls_now = 0 then 'gone'
    when not is_told or direction = 0 then null
    else list_max([
      {'amount': round(volume_effect * direction, 9), 'name': 'volume'},
      {'amount': round(mix_effect * direction, 9), 'name': 'mix'},
      {'amount': round(per_call_effect * direction, 9), 'name': 'tokens a call'},
      {'amount': round(price_effect * direction, 9), 'name': 'price'}
    ]).name
  end as main_driver,
  calls_before::bigint as completions_before,
  calls_now::bigint as completions,
  tokens_before::bigint as total_tokens_before,
  tokens_now::bigint as total_tokens,
  priced_now / nullif(tokens_now, 0) as priced_token_share,
  priced_before / nullif(tokens_before, 0) as priced_token_share_before,
  before_from as earlier_since,
  first_day as earlier_until,
  first_day as later_since,
  end_day as later_until
from told cross join spans
order by
  'others' in (grp.kind, grp.kind_2),
  cost_change_usd desc nulls last,
  total_tokens - total_tokens_before desc,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
