-- Share of the input tokens that was read from the cache, by whatever --by names: sum over sum, of the completions that tell
-- their cached tokens. told_share says how much of the input that is.
with grouped as (
  select
    grp,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(input_cached_tokens)::bigint as input_cached_tokens,
    sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache
  from usage_by
  group by grp
)
select
  grp,
  completions,
  input_tokens,
  input_cached_tokens,
  input_cached_tokens / nullif(input_tokens_of_known_cache, 0) as cache_hit_ratio,
  coalesce(input_tokens_of_known_cache, 0) / nullif(input_tokens, 0) as told_share,
  count(*) over () as rows_in_all
from grouped
order by
  case when $time_place::integer = 1 then grp.name end,
  case when $time_place::integer = 2 then sum(input_tokens) over (partition by grp.rest) else input_tokens end desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
limit case when $time_place::integer > 0 then 1000000 else $top::integer end
