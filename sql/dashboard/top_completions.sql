-- The completions that cost most; those without a price after them, by their tokens.
select
  completion_id,
  source,
  created_at,
  model,
  service_tier,
  input_tokens,
  output_tokens,
  total_tokens,
  list_cost_usd,
  priced_tokens / nullif(total_tokens, 0) as priced_token_share,
  finish_reason,
  tags
from completions_by
where created_at >= $since::timestamptz and created_at < $until::timestamptz
order by list_cost_usd desc nulls last, total_tokens desc nulls last, completion_id
limit $top;
