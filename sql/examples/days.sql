-- Tokens and list cost of the last 30 days, with the running sum.
select
  created_date,
  sum(total_tokens) as tokens,
  sum(list_cost_usd) as list_cost_usd,
  sum(sum(list_cost_usd)) over (order by created_date) as list_cost_so_far_usd
from marts.usage_daily
where created_date >= (select max(created_date) from marts.usage_daily) - 29
group by created_date
order by created_date
