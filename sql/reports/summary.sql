-- The period at a glance: its whole days against as many whole days before them, where those were read. Ratios are sums over
-- sums; list cost is of what has a price.
with days as (
  select
    greatest($since::date, coalesce(complete_from, $since::date)) as first_day,
    least($until::date, coalesce(open_from, $until::date)) as end_day,
    complete_from
  from marts.as_of
),
spans as (
  select
    first_day,
    end_day,
    first_day - (end_day - first_day)::integer as before_from,
    -- Days that were not read cannot be compared with.
    coalesce(first_day - (end_day - first_day)::integer >= complete_from, false) as has_before
  from days
  where end_day > first_day
),
sums as (
  select
    grp,
    created_date >= first_day as is_this,
    sum(completions)::double as completions,
    sum(total_tokens)::double as total_tokens,
    sum(list_cost_usd)::double as list_cost_usd,
    (sum(list_cost_usd) / nullif(sum(priced_tokens), 0) * 1_000_000)::double as list_cost_per_mtok_usd,
    sum(total_tokens) / nullif(sum(completions - completions_without_usage), 0) as tokens_per_completion,
    sum(input_cached_tokens) / nullif(sum(input_tokens_of_known_cache), 0) as cache_hit_ratio,
    sum(output_reasoning_tokens) / nullif(sum(output_tokens_of_known_reasoning), 0) as reasoning_share,
    sum(truncated_completions) / nullif(sum(completions), 0) as truncation_rate,
    sum(priced_tokens) / nullif(sum(total_tokens), 0) as priced_token_share
  from usage_detail_by cross join spans
  where created_date >= case when has_before then before_from else first_day end and created_date < end_day
  group by grp, created_date >= first_day
),
long as (
  unpivot (select * from sums)
  on completions, total_tokens, list_cost_usd, list_cost_per_mtok_usd, tokens_per_completion, cache_hit_ratio, reasoning_share, truncation_rate, priced_token_share
  into name metric value amount
)
select
  grp,
  metric,
  any_value(amount) filter (where is_this) as value,
  any_value(amount) filter (where not is_this) as value_before,
  (any_value(amount) filter (where is_this) - any_value(amount) filter (where not is_this)) as change,
  (any_value(amount) filter (where is_this) - any_value(amount) filter (where not is_this)) / nullif(any_value(amount) filter (where not is_this), 0) as relative_change
from long
group by grp, metric
order by
  max(sum(amount) filter (where metric = 'total_tokens' and is_this)) over (partition by grp) desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc,
  list_position(
    ['completions', 'total_tokens', 'list_cost_usd', 'list_cost_per_mtok_usd', 'tokens_per_completion', 'cache_hit_ratio', 'reasoning_share', 'truncation_rate', 'priced_token_share'],
    metric
  )
