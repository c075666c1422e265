-- Each whole week of the period against the whole week before it, and what the change is made of: the volume of calls, the mix
-- of models and tiers, tokens a call, and for cost also the make-up of the tokens (cached share, output against input, long
-- contexts) and prices. The effects add up to the change. With --by, each week of each group.
select
  week_from,
  grp,
  completions,
  completions_before,
  total_tokens,
  tokens_delta,
  tokens_volume_effect,
  tokens_mix_effect,
  tokens_per_call_effect,
  list_cost_usd,
  cost_delta_usd,
  cost_volume_effect_usd,
  cost_mix_effect_usd,
  cost_per_call_effect_usd,
  cost_composition_effect_usd,
  cost_rate_effect_usd,
  priced_token_share
from weeks_told
where week_to > $since::date and week_to <= $until::date
  -- All together are told of for every week.
  and (grp.name is null or completions > 0 or completions_before > 0)
order by week_from, abs(cost_delta_usd) desc, abs(tokens_delta) desc, grp.name, grp.kind desc
