-- Tokens by model, the largest first. Tokens that the API did not tell (NULL) count as none here; `without_usage` says how many rows that is.
select
  model,
  count(*) as completions,
  sum(prompt_tokens)::bigint as prompt_tokens,
  sum(prompt_cached_tokens)::bigint as cached_tokens,
  sum(completion_tokens)::bigint as completion_tokens,
  sum(total_tokens)::bigint as total_tokens,
  count(*) filter (where total_tokens is null) as without_usage
from main.completion_usage
group by model
order by total_tokens desc nulls last, model
