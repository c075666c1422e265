-- How complete a period is, in one row: the share of its seconds that is proven to be read (up to where the last sync had
-- settled), its days with gaps, and the whole that a report's rows are part of.
with stretch as (
  -- By arithmetic: a cast of a date to a time would follow the time zone of the session.
  select greatest(
    least(($until::date - date '1970-01-01') * 86_400, coalesce(epoch(settled_until)::bigint, 0)) - ($since::date - date '1970-01-01') * 86_400,
    0
  ) as seconds
  from marts.as_of
),
covered as (
  select
    sum(covered_seconds)::bigint as seconds,
    count(distinct created_date) filter (where open_gaps > 0) as days_with_gaps,
    sum(rows_missing_estimate) as rows_missing_estimate
  from marts.coverage_daily
  where created_date >= $since::date and created_date < $until::date
    and source in (select source from sources_told)
),
whole as (
  select
    sum(completions)::bigint as completions,
    sum(completions_without_usage)::bigint as completions_without_usage,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd,
    sum(assumed_cost_usd) as assumed_cost_usd
  from usage_detail_by
)
select
  coalesce(covered.seconds, 0) / nullif(stretch.seconds * (select count(*) from sources_told), 0) as covered_share,
  covered.days_with_gaps,
  covered.rows_missing_estimate,
  coalesce(whole.completions, 0) as completions,
  coalesce(whole.completions_without_usage, 0) as completions_without_usage,
  whole.total_tokens,
  whole.priced_tokens / nullif(whole.total_tokens, 0) as priced_token_share,
  whole.list_cost_usd,
  coalesce(whole.assumed_cost_usd, 0) as assumed_cost_usd
from stretch cross join covered cross join whole
