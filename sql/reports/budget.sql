-- List cost of the open month against BUDGET_MONTHLY: used so far, the open day included, and where the month will end. With --by,
-- how much of it each group takes.
with told as (
  -- What is told of is by source where no group is asked for: all of them together then. NULL: none of its calls has a price.
  select
    *,
    case when $absent_1::varchar is not null then grp end as budgeted,
    coalesce(list_cost_usd, 0) + coalesce(open_day_list_cost_usd, 0) as known_usd,
    case when known_usd > 0 or list_cost_usd + open_day_list_cost_usd = 0 then known_usd end as used_usd
  from forecast_told
)
select
  budgeted as grp,
  month_from,
  $budget::double as budget_usd,
  sum(used_usd) as list_cost_usd,
  sum(used_usd) / $budget::double as budget_used_share,
  any_value(complete_days) / (any_value(complete_days) + any_value(remaining_days)) as month_passed_share,
  -- A source without a forecast leaves the sum unknown.
  case when count(forecast_total_tokens) = count(*) then sum(forecast_list_cost_usd) end as forecast_list_cost_usd,
  case when count(forecast_total_tokens) = count(*) then sum(forecast_list_cost_usd) end / $budget::double as forecast_share,
  case
    when $budget::double is null then 'no BUDGET_MONTHLY'
    when sum(used_usd) is null then 'no price'
    when sum(used_usd) > $budget::double then 'over budget'
    when count(forecast_total_tokens) < count(*) then 'too early to tell'
    when sum(forecast_list_cost_usd) > $budget::double then 'heading over'
    else 'within budget'
  end as verdict,
  case when bool_or(is_month_partial) then 'partial' end as state
from told
group by budgeted, month_from
order by list_cost_usd desc nulls last, budgeted.name, budgeted.kind desc
