-- The longest completions by their tokens, input and output together, with their model, id and tags. With --by, --top of each
-- group. The id is what `tokenhouse get` shows the whole of.
with ranked as (
  select
    *,
    row_number() over (
      partition by grp
      order by total_tokens desc, list_cost_usd desc nulls last, created_at desc, completion_id, source
    ) as place
  from completions_by
  where total_tokens is not null
)
select
  grp,
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
from ranked
where place <= $top::integer
order by
  case when $time_place::integer = 1 then grp.name end,
  max(total_tokens) over (partition by grp.rest) desc,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc,
  place
