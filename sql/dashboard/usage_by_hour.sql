-- Usage by weekday (1 is Monday) and hour of the day, UTC.
select
  isodow(created_date) as weekday,
  (epoch(hour_from)::bigint // 3_600) % 24 as hour,
  sum(completions)::bigint as completions,
  sum(total_tokens)::bigint as total_tokens,
  sum(list_cost_usd) as list_cost_usd
from usage_by
group by all
order by all;
