-- Share of the input tokens that was read from the cache, by whatever --by names: sum over sum, of the completions that tell
-- their cached tokens. told_share says how much of the input that is.
with grouped as (
  select
    group_name,
    is_untagged,
    max(state) as state,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(input_cached_tokens)::bigint as input_cached_tokens,
    sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache
  from usage_by
  group by group_name, is_untagged
)
select
  group_name,
  completions,
  input_tokens,
  input_cached_tokens,
  input_cached_tokens / nullif(input_tokens_of_known_cache, 0) as cache_hit_ratio,
  coalesce(input_tokens_of_known_cache, 0) / nullif(input_tokens, 0) as told_share,
  state,
  count(*) over () as rows_in_all
from grouped
order by
  case when $by::varchar in ('day', 'week', 'month') then group_name end,
  input_tokens desc nulls last,
  group_name,
  is_untagged
limit case when $by::varchar in ('day', 'week', 'month') then 1000000 else $top::integer end
