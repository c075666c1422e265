-- Tokens and list cost by the tier that served the calls, and what it came to against the default tier: flex saves, priority
-- adds. standard_cost_usd is what the same tokens cost at the default tier. A tier without prices is unpriced, not free. With
-- --by, the tiers of each group, and their share of it.
with grouped as (
  select
    grp,
    service_tier,
    sum(completions)::bigint as completions,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) as list_cost_usd,
    sum(tier_saving_usd) as tier_saving_usd
  from usage_detail_by
  group by grp, service_tier
)
select
  grp,
  service_tier,
  completions,
  total_tokens,
  total_tokens / nullif(sum(total_tokens) over (partition by grp), 0) as token_share,
  list_cost_usd,
  list_cost_usd + tier_saving_usd as standard_cost_usd,
  -- greatest() passes over NULL, and an unknown saving is none of 0.
  case when service_tier <> 'default' and tier_saving_usd is not null then greatest(tier_saving_usd, 0) end as saved_usd,
  case when service_tier <> 'default' and tier_saving_usd is not null then greatest(-tier_saving_usd, 0) end as added_usd,
  priced_tokens / nullif(total_tokens, 0) as priced_token_share
from grouped
order by
  case when $time_place::integer = 1 then grp.name end,
  sum(total_tokens) over (partition by grp.rest) desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc,
  total_tokens desc nulls last,
  service_tier
