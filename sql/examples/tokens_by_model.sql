-- Tokens and list cost by model, the dearest first.
select model, sum(completions) as completions, sum(total_tokens) as tokens, sum(list_cost_usd) as list_cost_usd
from marts.usage_daily
group by model
order by list_cost_usd desc nulls last
