-- List cost and tokens by whatever --by names: a day, week or month, a column, or a metadata key with a row (untagged) for what
-- lacks it. The rows sum to the whole; those beyond --top are one row (others).
with grouped as (
  select
    group_name,
    is_untagged,
    max(state) as state,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) as list_cost_usd
  from usage_by
  group by group_name, is_untagged
),
ranked as (
  select
    *,
    -- Days, weeks and months are never cut off, and what is untagged always has its row.
    $by::varchar in ('day', 'week', 'month') or is_untagged
      or row_number() over (
        partition by is_untagged order by list_cost_usd desc nulls last, total_tokens desc nulls last, group_name
      ) <= $top::integer as is_shown
  from grouped
),
folded as (
  select
    case when is_shown then group_name else '(others)' end as group_name,
    is_untagged,
    is_shown,
    max(state) as state,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) as list_cost_usd
  from ranked
  group by case when is_shown then group_name else '(others)' end, is_untagged, is_shown
)
select
  group_name,
  completions,
  input_tokens,
  output_tokens,
  total_tokens,
  total_tokens / nullif(sum(total_tokens) over (), 0) as token_share,
  list_cost_usd,
  (list_cost_usd / nullif(sum(list_cost_usd) over (), 0))::double as cost_share,
  priced_tokens / nullif(total_tokens, 0) as priced_token_share,
  state
from folded
order by
  case when $by::varchar in ('day', 'week', 'month') then group_name end,
  not is_shown,
  list_cost_usd desc nulls last,
  total_tokens desc nulls last,
  group_name,
  is_untagged
