-- When calls are made: the hours of the day (UTC) by weekday, each with what it came to over the period and on average, over the
-- hours that are over and were read. With --by, the hours of the --top largest groups, and of the others together.
with bounds as (
  select
    greatest(
      ($since::date - date '1970-01-01') * 24, coalesce((epoch_us(data_from) + 3_599_999_999) // 3_600_000_000, 0)
    )::bigint as first_hour,
    least(($until::date - date '1970-01-01') * 24, epoch_us(settled_until) // 3_600_000_000)::bigint as end_hour
  from marts.as_of
),
hours as (
  -- Of the days of the period alone, so that no one waits for a series from year 1 on.
  select unnest(generate_series(first_hour, end_hour - 1)) as hour from bounds where end_hour > first_hour
),
slots as (
  select
    weekday.weekday,
    clock.hour_of_day,
    count(hours.hour) as hours_counted
  from unnest(generate_series(1, 7)) as weekday (weekday)
  cross join unnest(generate_series(0, 23)) as clock (hour_of_day)
  left join hours
    -- The first of January 1970 was a Thursday, the fourth day of a week.
    on (hours.hour // 24 + 3) % 7 + 1 = weekday.weekday and hours.hour % 24 = clock.hour_of_day
  group by weekday.weekday, clock.hour_of_day
),
called as (
  select
    grp,
    epoch(created_hour)::bigint // 3_600 as hour,
    completions,
    total_tokens,
    list_cost_usd
  from hours_by cross join bounds
  where epoch(created_hour)::bigint // 3_600 >= first_hour and epoch(created_hour)::bigint // 3_600 < end_hour
),
ranked as (
  select
    grp,
    row_number() over (order by sum(total_tokens) desc nulls last, sum(completions) desc, grp.name, grp.kind desc) > $top::integer
      and grp.kind = 'value' as is_rest
  from called
  group by grp
),
folded as (
  select
    {
      'name': case when is_rest then '(others)' else called.grp.name end,
      'kind': case when is_rest then 'others' else called.grp.kind end
    } as grp,
    (hour // 24 + 3) % 7 + 1 as weekday,
    hour % 24 as hour_of_day,
    sum(completions)::bigint as completions,
    coalesce(sum(total_tokens), 0)::bigint as total_tokens,
    sum(list_cost_usd) as list_cost_usd
  from called join ranked on ranked.grp = called.grp
  group by all
),
groups as (
  select grp, sum(total_tokens) as all_tokens from folded group by grp
)
select
  groups.grp,
  slots.weekday,
  slots.hour_of_day,
  slots.hours_counted,
  coalesce(folded.completions, 0) as completions,
  coalesce(folded.total_tokens, 0) as total_tokens,
  -- No tokens cost nothing; tokens without a price have no cost.
  case when coalesce(folded.total_tokens, 0) = 0 then 0 else folded.list_cost_usd end as list_cost_usd,
  coalesce(folded.completions, 0) / nullif(hours_counted, 0) as completions_per_hour,
  coalesce(folded.total_tokens, 0) / nullif(hours_counted, 0) as tokens_per_hour,
  round((case when coalesce(folded.total_tokens, 0) = 0 then 0 else folded.list_cost_usd end)::double / nullif(hours_counted, 0), 9)
    as list_cost_per_hour_usd
from groups
cross join slots
left join folded on folded.grp = groups.grp and folded.weekday = slots.weekday and folded.hour_of_day = slots.hour_of_day
order by groups.grp.kind = 'others', groups.all_tokens desc, groups.grp.name, groups.grp.kind desc, slots.weekday, slots.hour_of_day
