-- How the list cost of the open month adds up against BUDGET_MONTHLY, day by day: what each day cost and all days up to it, beside what
-- the budget would be by then if every day took as much of it. The day that is not over is marked. With --by, how each group adds up.
with month as (
  select
    $since::date as month_from,
    ($since::date + interval 1 month)::date as month_to,
    open_from
  from marts.as_of
),
days as (
  select unnest(generate_series($since::date, $until::date - 1, interval 1 day))::date as created_date
),
spent as (
  select grp, created_date, sum(list_cost_usd)::double as list_cost_usd from usage_by group by grp, created_date
),
added as (
  select
    groups.grp,
    days.created_date,
    coalesce(spent.list_cost_usd, 0) as list_cost_usd,
    sum(coalesce(spent.list_cost_usd, 0)) over (partition by groups.grp order by days.created_date) as cumulative_cost_usd
  from (select distinct grp from spent) as groups
  cross join days
  left join spent on spent.grp = groups.grp and spent.created_date = days.created_date
)
select
  created_date,
  grp,
  round(list_cost_usd, 9) as list_cost_usd,
  round(cumulative_cost_usd, 9) as cumulative_cost_usd,
  $budget::double as budget_usd,
  round($budget::double * (created_date + 1 - month_from) / (month_to - month_from), 9) as budget_to_date_usd,
  round(cumulative_cost_usd - $budget::double * (created_date + 1 - month_from) / (month_to - month_from), 9) as budget_difference_usd,
  round(cumulative_cost_usd / $budget::double, 9) as budget_used_share,
  case when created_date >= open_from then 'open' end as state
from added cross join month
order by created_date, max(cumulative_cost_usd) over (partition by grp) desc, grp.name, grp.kind desc
