-- Usage by time and what is grouped by; all but the first groups in one row.
with usage as (
  -- By time and name first: there may be far more rows than names.
  select
    date_trunc($grain, created_date)::date as starts_on,
    grp.name as name,
    grp.kind = 'absent' as is_untagged,
    coalesce(sum(completions), 0)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(input_cached_tokens)::bigint as input_cached_tokens,
    sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
    sum(output_tokens)::bigint as output_tokens,
    sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
    sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
  from usage_by
  group by all
),
ranked as (
  select
    name,
    row_number() over (order by sum(list_cost_usd) desc nulls last, sum(total_tokens) desc nulls last, name) as place
  from usage
  where not is_untagged
  group by name
)
select
  usage.starts_on,
  case when usage.is_untagged or ranked.place <= $top then usage.name end as name,
  usage.is_untagged,
  not usage.is_untagged and ranked.place > $top as is_other,
  count(*) as groups,
  coalesce(sum(completions), 0)::bigint as completions,
  sum(input_tokens)::bigint as input_tokens,
  sum(input_cached_tokens)::bigint as input_cached_tokens,
  sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
  sum(output_tokens)::bigint as output_tokens,
  sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
  sum(total_tokens)::bigint as total_tokens,
  sum(priced_tokens)::bigint as priced_tokens,
  sum(list_cost_usd) as list_cost_usd
from usage
left join ranked on ranked.name = usage.name and not usage.is_untagged
group by 1, 2, 3, 4
order by usage.starts_on, is_other, usage.is_untagged, min(ranked.place);
