-- Tokens without a price of the days from $since on, and why they have none.
select
  usage.model,
  usage.service_tier,
  usage.token_type,
  why.reason,
  sum(usage.completions)::bigint as completions,
  sum(usage.tokens)::bigint as tokens,
  min(usage.created_date)::varchar as first_date,
  max(usage.created_date)::varchar as last_date
from marts.usage_costs_daily as usage
left join marts.unpriced_usage as why
  on why.model = usage.model and why.service_tier = usage.service_tier and why.token_type = usage.token_type
where usage.is_unpriced
  and usage.created_date >= $since::date
group by all
order by tokens desc, usage.model, usage.service_tier, usage.token_type;
