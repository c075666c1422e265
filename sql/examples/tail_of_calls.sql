-- Tokens a call by model: the usual one and the long ones.
select
  model,
  count(*) as completions,
  quantile_cont(total_tokens, 0.5) as tokens_p50,
  quantile_cont(total_tokens, 0.95) as tokens_p95,
  max(total_tokens) as tokens_max
from marts.completions
where total_tokens is not null
group by model
order by tokens_p95 desc
