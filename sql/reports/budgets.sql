-- The budgets of BUDGETS_FILE for the open month: what each has used so far, the open day included, and where it will end, by the rule
-- of the forecast. A completion counts for every budget whose group it is in; those of no group are told of as (no budget), and all
-- of them together as (all), against BUDGET_MONTHLY.
with listed as (
  select 'value' as kind, label, budget_usd from budget_list
  union all
  select 'absent', null, null
  union all
  select 'all', '(all)', $budget::double
),
told as (
  select
    listed.kind,
    listed.label,
    listed.budget_usd,
    told.grp is not null as is_used,
    coalesce(told.list_cost_usd + told.open_day_list_cost_usd, 0)::double as list_cost_usd,
    -- What was never used will end at nothing.
    case when told.grp is null then 0 else told.forecast_list_cost_usd end::double as forecast_list_cost_usd,
    told.priced_token_share,
    told.is_month_partial
  from listed
  left join forecast_told as told on told.grp.kind = listed.kind and told.grp.name is not distinct from listed.label
),
reckoned as (
  select
    *,
    list_cost_usd / nullif(budget_usd, 0) as used_share,
    forecast_list_cost_usd / nullif(budget_usd, 0) as forecast_share
  from told
  -- Before the first run there is no month; a group without a budget is told of where there is use of it.
  where exists (select 1 from forecast_told) and (kind = 'value' or is_used)
)
select
  coalesce(label, '(no budget)') as budget,
  kind as budget_kind,
  $since::date as month_from,
  budget_usd,
  round(list_cost_usd, 9) as list_cost_usd,
  round(used_share, 9) as budget_used_share,
  round((open_from - $since::date) / (($since::date + interval 1 month)::date - $since::date), 9) as month_passed_share,
  round(forecast_list_cost_usd, 9) as forecast_list_cost_usd,
  round(forecast_share, 9) as forecast_share,
  case
    when budget_usd is null then case when kind = 'all' then 'no BUDGET_MONTHLY' else 'no budget' end
    when used_share > 1 then 'over budget'
    when forecast_list_cost_usd is null then 'too early to tell'
    when forecast_share > 1 then 'heading over'
    else 'within budget'
  end as verdict,
  priced_token_share,
  case when is_month_partial then 'partial' end as state
from reckoned cross join marts.as_of
order by list_position(['value', 'absent', 'all'], kind), coalesce(forecast_share, used_share) desc nulls last, used_share desc nulls last, label
