-- Tokens that have no price and so are in no list cost, with the reason. PRICES_FILE can give them one.
with period as (
  select
    model,
    service_tier,
    token_type,
    is_unpriced,
    sum(tokens)::bigint as tokens,
    sum(completions)::bigint as completions,
    min(created_date) as first_date,
    max(created_date) as last_date
  from marts.usage_costs_daily
  where created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source::varchar)
  group by model, service_tier, token_type, is_unpriced
)
select
  period.model,
  period.service_tier,
  period.token_type,
  why.reason,
  period.completions,
  period.tokens,
  period.tokens / nullif((select sum(tokens) from period), 0) as token_share,
  period.first_date,
  period.last_date
from period
left join marts.unpriced_usage as why
  on why.model = period.model and why.service_tier = period.service_tier and why.token_type = period.token_type
where period.is_unpriced
order by period.tokens desc, period.model, period.service_tier, period.token_type
