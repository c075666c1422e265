-- The most expensive completions, with their model, id and tags; those without a price come last, larger ones first. The id is
-- what `tokenhouse get` shows the whole of.
select
  completion_id,
  strftime(created_at, '%Y-%m-%dT%H:%M:%SZ') as created_at,
  source,
  model,
  service_tier,
  input_tokens,
  output_tokens,
  total_tokens,
  list_cost_usd,
  priced_tokens / nullif(total_tokens, 0) as priced_token_share,
  finish_reason,
  tags
from completions_told
order by list_cost_usd desc nulls last, total_tokens desc nulls last, created_at desc, completion_id, source
limit $top::integer
