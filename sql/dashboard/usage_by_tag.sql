-- Usage by the values of one metadata key: the first by list cost, the rest in one row, and what lacks the key.
with groups as (
  select
    value as name,
    is_untagged,
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
  from marts.usage_daily_by_tag
  where created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source)
    and key = $key
  group by all
),
ranked as (
  select
    *,
    row_number() over (order by list_cost_usd desc nulls last, total_tokens desc nulls last, name) as place,
    row_number() over (partition by is_untagged order by list_cost_usd desc nulls last, total_tokens desc nulls last, name) as place_of_kind
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
  sum(list_cost_usd) as list_cost_usd
from ranked
group by 1, 2, 3
order by is_other, min(place);
