-- Tokens and list cost by the tier that served the calls, and what it came to against the default tier: flex saves, priority
-- adds. standard_cost_usd is what the same tokens cost at the default tier. A tier without prices is unpriced, not free.
select
  service_tier,
  sum(completions)::bigint as completions,
  sum(total_tokens)::bigint as total_tokens,
  sum(total_tokens) / nullif(sum(sum(total_tokens)) over (), 0) as token_share,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd,
  sum(list_cost_usd) filter (where priced_tokens > 0) + sum(tier_saving_usd) as standard_cost_usd,
  -- greatest() passes over NULL, and an unknown saving is none of 0.
  case when service_tier <> 'default' and sum(tier_saving_usd) is not null then greatest(sum(tier_saving_usd), 0) end as saved_usd,
  case when service_tier <> 'default' and sum(tier_saving_usd) is not null then greatest(-sum(tier_saving_usd), 0) end as added_usd,
  sum(priced_tokens) / nullif(sum(total_tokens), 0) as priced_token_share
from marts.usage_hourly
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source::varchar)
group by service_tier
order by total_tokens desc nulls last, service_tier
