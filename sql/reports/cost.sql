-- List cost and tokens by whatever --by names: an hour, day, week or month, a column, or a metadata key with a row (untagged) for
-- what lacks it. The rows sum to the whole; those beyond --top are one row (others).
with grouped as (
  select
    grp,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) as list_cost_usd
  from folded_by
  group by grp
)
select
  grp,
  completions,
  input_tokens,
  output_tokens,
  total_tokens,
  total_tokens / nullif(sum(total_tokens) over (), 0) as token_share,
  list_cost_usd,
  (list_cost_usd / nullif(sum(list_cost_usd) over (), 0))::double as cost_share,
  priced_tokens / nullif(total_tokens, 0) as priced_token_share
from grouped
order by
  case when $time_place::integer = 1 then grp.name end,
  'others' in (grp.kind, grp.kind_2),
  case when $time_place::integer = 2 then sum(list_cost_usd) over (partition by grp.rest) else list_cost_usd end desc nulls last,
  case when $time_place::integer = 2 then sum(total_tokens) over (partition by grp.rest) else total_tokens end desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
