-- Share of the output tokens that was spent on reasoning, by whatever --by names: sum over sum, of the completions that tell
-- their reasoning tokens. told_share says how much of the output that is.
with grouped as (
  select
    grp,
    sum(completions)::bigint as completions,
    sum(output_tokens)::bigint as output_tokens,
    sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
    sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning
  from usage_by
  group by grp
)
select
  grp,
  completions,
  output_tokens,
  output_reasoning_tokens,
  output_reasoning_tokens / nullif(output_tokens_of_known_reasoning, 0) as reasoning_share,
  coalesce(output_tokens_of_known_reasoning, 0) / nullif(output_tokens, 0) as told_share,
  count(*) over () as rows_in_all
from grouped
order by
  case when $time_place::integer = 1 then grp.name end,
  case when $time_place::integer = 2 then sum(output_tokens) over (partition by grp.rest) else output_tokens end desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
limit case when $time_place::integer > 0 then 1000000 else $top::integer end
