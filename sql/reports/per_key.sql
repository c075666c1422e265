-- What the values of a metadata key (or of what else --by names) come to, such as users, customers, features, sessions or conversations:
-- how many there are, and the calls, tokens and list cost of one of them: mean, median, 95th percentile and largest, and the share
-- that the ten largest have of all values. What lacks the key is told apart. Values without a price are not in the figures of cost.
with valued as (
  select
    grp.kind as kind,
    sum(completions)::double as completions,
    sum(total_tokens)::double as total_tokens,
    sum(list_cost_usd)::double as list_cost_usd
  from usage_by
  group by grp
),
long as (
  select
    kind,
    unnest([
      {'place': 1, 'metric': 'completions', 'value': completions},
      {'place': 2, 'metric': 'total_tokens', 'value': total_tokens},
      {'place': 3, 'metric': 'list_cost_usd', 'value': list_cost_usd}
    ], recursive := true)
  from valued
)
select
  metric,
  count(value) filter (where kind = 'value') as distinct_values,
  round(sum(value) filter (where kind = 'value'), 9) as all_values,
  round(avg(value) filter (where kind = 'value'), 9) as mean,
  round(quantile_cont(value, 0.5) filter (where kind = 'value'), 9) as median,
  round(quantile_cont(value, 0.95) filter (where kind = 'value'), 9) as p95,
  max(value) filter (where kind = 'value') as largest,
  round(list_sum(max(value, 10) filter (where kind = 'value')) / nullif(sum(value) filter (where kind = 'value'), 0), 9) as top_ten_share,
  round(sum(value) filter (where kind = 'absent'), 9) as without_value,
  round(coalesce(sum(value) filter (where kind = 'absent'), 0) / nullif(sum(value), 0), 9) as without_value_share
from long
group by place, metric
order by place
