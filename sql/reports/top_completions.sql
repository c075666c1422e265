-- The most expensive completions, with their model, id and tags; those without a price come last, larger ones first. With --by, --top of
-- each group. The id is what `tokenhouse get` shows the whole of.
with ranked as (
  select
    *,
    row_number() over (
      partition by grp
      order by list_cost_usd desc nulls last, total_tokens desc nulls last, created_at desc, completion_id, source
    ) as place
  from completions_by
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
  max(list_cost_usd) over (partition by grp.rest) desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc,
  place
