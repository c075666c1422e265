-- Sums of the period that is shown, of its whole days, and of as many whole days before it.
with periods as (
  select *
  from (
    values
      ('shown', $since::date, $until::date),
      ('whole', $since::date, $whole_until::date),
      ('before', $before_since::date, $since::date)
  ) as period (period, since, until)
)
select
  periods.period,
  coalesce(sum(completions), 0)::bigint as completions,
  sum(input_tokens)::bigint as input_tokens,
  sum(input_cached_tokens)::bigint as input_cached_tokens,
  sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
  sum(output_tokens)::bigint as output_tokens,
  sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
  sum(total_tokens)::bigint as total_tokens,
  sum(priced_tokens)::bigint as priced_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd,
  coalesce(sum(assumed_cost_usd), 0) as assumed_cost_usd
from periods
left join usage_detail_by as usage on usage.created_date >= periods.since and usage.created_date < periods.until
group by periods.period;
