-- Usage by what is grouped by: the first by list cost, the rest in one row, and what lacks the key. From $from on, which is before
-- $since where the days before are to be held against the whole days shown.
with groups as (
  select
    grp.name as name,
    grp.kind = 'absent' as is_untagged,
    coalesce(sum(completions) filter (where created_date >= $since::date), 0)::bigint as completions,
    sum(input_tokens) filter (where created_date >= $since::date)::bigint as input_tokens,
    sum(input_cached_tokens) filter (where created_date >= $since::date)::bigint as input_cached_tokens,
    sum(input_tokens_of_known_cache) filter (where created_date >= $since::date)::bigint as input_tokens_of_known_cache,
    sum(output_tokens) filter (where created_date >= $since::date)::bigint as output_tokens,
    sum(output_reasoning_tokens) filter (where created_date >= $since::date)::bigint as output_reasoning_tokens,
    sum(output_tokens_of_known_reasoning) filter (where created_date >= $since::date)::bigint as output_tokens_of_known_reasoning,
    sum(total_tokens) filter (where created_date >= $since::date)::bigint as total_tokens,
    sum(priced_tokens) filter (where created_date >= $since::date)::bigint as priced_tokens,
    sum(list_cost_usd) filter (where created_date >= $since::date and priced_tokens > 0) as list_cost_usd,
    coalesce(sum(completions) filter (where created_date between $since::date and $whole_until::date - 1), 0)::bigint as whole_completions,
    sum(total_tokens) filter (where created_date between $since::date and $whole_until::date - 1)::bigint as whole_total_tokens,
    sum(list_cost_usd) filter (where created_date between $since::date and $whole_until::date - 1 and priced_tokens > 0) as whole_list_cost_usd,
    coalesce(sum(completions) filter (where created_date < $since::date), 0)::bigint as before_completions,
    sum(total_tokens) filter (where created_date < $since::date)::bigint as before_total_tokens,
    sum(list_cost_usd) filter (where created_date < $since::date and priced_tokens > 0) as before_list_cost_usd
  from usage_by
  group by all
),
ranked as (
  select
    *,
    row_number() over (order by list_cost_usd desc nulls last, total_tokens desc nulls last, before_list_cost_usd desc nulls last, name) as place,
    row_number() over (
      partition by is_untagged
      order by list_cost_usd desc nulls last, total_tokens desc nulls last, before_list_cost_usd desc nulls last, name
    ) as place_of_kind
  from groups
)
select
  case when is_untagged or place_of_kind <= $top then name end as name,
  is_untagged,
  not is_untagged and place_of_kind > $top as is_other,
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
  sum(list_cost_usd) as list_cost_usd,
  sum(whole_completions)::bigint as whole_completions,
  sum(whole_total_tokens)::bigint as whole_total_tokens,
  sum(whole_list_cost_usd) as whole_list_cost_usd,
  sum(before_completions)::bigint as before_completions,
  sum(before_total_tokens)::bigint as before_total_tokens,
  sum(before_list_cost_usd) as before_list_cost_usd
from ranked
group by 1, 2, 3
order by is_other, min(place);
