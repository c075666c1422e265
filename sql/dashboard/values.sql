-- The values of a metadata key, one page of those whose name has $search in it: each with its usage and its place among all of them by
-- $sort. What lacks the key is a row too, which no search finds.
with valued as (
  select
    grp.name as name,
    grp.kind = 'absent' as is_untagged,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) as list_cost_usd
  from usage_by
  group by all
),
placed as (
  select
    *,
    row_number() over (
      order by
        case $sort when 'name' then lower(name) end,
        case $sort when 'tokens' then total_tokens when 'completions' then completions end desc nulls last,
        case $sort when 'mean' then list_cost_usd / completions end desc nulls last,
        list_cost_usd desc nulls last,
        total_tokens desc nulls last,
        is_untagged,
        name
    ) as place,
    sum(list_cost_usd) over () as whole_list_cost_usd,
    sum(total_tokens) over ()::bigint as whole_total_tokens,
    count(*) filter (not is_untagged) over () as value_count
  from valued
)
select *, (list_cost_usd / completions)::double as mean_list_cost_usd, count(*) over () as found_count
from placed
where $search = '' or (not is_untagged and contains(lower(name), lower($search)))
order by place
limit $limit offset $offset;
