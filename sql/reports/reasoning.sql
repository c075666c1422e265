-- Share of the output tokens that was spent on reasoning, by whatever --by names: sum over sum, of the completions that tell
-- their reasoning tokens. told_share says how much of the output that is.
with grouped as (
  select
    group_name,
    is_untagged,
    max(state) as state,
    sum(completions)::bigint as completions,
    sum(output_tokens)::bigint as output_tokens,
    sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
    sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning
  from usage_by
  group by group_name, is_untagged
)
select
  group_name,
  completions,
  output_tokens,
  output_reasoning_tokens,
  output_reasoning_tokens / nullif(output_tokens_of_known_reasoning, 0) as reasoning_share,
  coalesce(output_tokens_of_known_reasoning, 0) / nullif(output_tokens, 0) as told_share,
  state,
  count(*) over () as rows_in_all
from grouped
order by
  case when $by::varchar in ('day', 'week', 'month') then group_name end,
  output_tokens desc nulls last,
  group_name,
  is_untagged
limit case when $by::varchar in ('day', 'week', 'month') then 1000000 else $top::integer end
