-- Tokens and list cost by UTC day and model, or by whatever --by names, with the shares of the input read from the cache and of
-- the output spent on reasoning. The largest of a day comes first.
with grouped as (
  select
    grp,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(input_cached_tokens)::bigint as input_cached_tokens,
    sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
    sum(output_tokens)::bigint as output_tokens,
    sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
    sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
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
  input_cached_tokens,
  output_tokens,
  output_reasoning_tokens,
  total_tokens,
  list_cost_usd,
  priced_tokens / nullif(total_tokens, 0) as priced_token_share,
  input_cached_tokens / nullif(input_tokens_of_known_cache, 0) as cache_hit_ratio,
  output_reasoning_tokens / nullif(output_tokens_of_known_reasoning, 0) as reasoning_share
from grouped
order by
  case when $time_place::integer = 1 then grp.name end,
  'others' in (grp.kind, grp.kind_2),
  case when $time_place::integer = 2 then sum(total_tokens) over (partition by grp.rest) else total_tokens end desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
