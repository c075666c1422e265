-- Usage of the whole days before, all groups together, at the day, week or month of the period that it is held against.
select
  date_trunc($grain, created_date + ($since::date - $before_since::date)::integer)::date as starts_on,
  sum(completions)::bigint as before_completions,
  sum(total_tokens)::bigint as before_total_tokens,
  sum(list_cost_usd) as before_list_cost_usd
from usage_by
group by starts_on
order by starts_on;
