-- What grows and what shrinks: the later half of the period's whole days against the earlier half, of the --top largest by
-- whatever --by names; the rest is one row (others). The fastest-growing come first, by list cost, then by tokens. The open day and
-- days that were not read from their first second are left out. Each half ends before its `_until`.
with days as (
  select
    greatest($since::date, coalesce(complete_from, $since::date)) as first_day,
    least($until::date, coalesce(open_from, $until::date)) as end_day
  from marts.as_of
),
halves as (
  select
    end_day - 2 * ((end_day - first_day) // 2)::integer as earlier_from,
    end_day - ((end_day - first_day) // 2)::integer as later_from,
    end_day
  from days
),
compared as (
  select
    grp,
    sum(completions) filter (where created_date >= later_from)::bigint as completions,
    sum(completions) filter (where created_date < later_from)::bigint as completions_before,
    coalesce(sum(total_tokens) filter (where created_date >= later_from), 0)::bigint as total_tokens,
    coalesce(sum(total_tokens) filter (where created_date < later_from), 0)::bigint as total_tokens_before,
    sum(list_cost_usd) filter (where created_date >= later_from) as list_cost_usd,
    sum(list_cost_usd) filter (where created_date < later_from) as list_cost_before_usd
  from usage_by cross join halves
  where created_date >= earlier_from and created_date < end_day
  group by grp
),
ranked as (
  select
    *,
    row_number() over (
      order by greatest(total_tokens, total_tokens_before) desc, grp.name, grp.name_2, grp.kind desc, grp.kind_2 desc
    ) > $top::integer as is_rest
  from compared
),
folded as (
  select
    {
      'name': case when is_rest and grp.kind = 'value' then '(others)' else grp.name end,
      'kind': case when is_rest and grp.kind = 'value' then 'others' else grp.kind end,
      'name_2': case when is_rest and grp.kind_2 = 'value' then '(others)' else grp.name_2 end,
      'kind_2': case when is_rest and grp.kind_2 = 'value' then 'others' else grp.kind_2 end
    } as grp,
    sum(completions)::bigint as completions,
    sum(completions_before)::bigint as completions_before,
    sum(total_tokens)::bigint as total_tokens,
    sum(total_tokens_before)::bigint as total_tokens_before,
    sum(list_cost_usd) as list_cost_usd,
    sum(list_cost_before_usd) as list_cost_before_usd
  from ranked
  group by all
)
select
  grp,
  list_cost_before_usd,
  list_cost_usd,
  -- One side without usage is 0; one side without a price cannot be compared.
  case
    when coalesce(completions_before, 0) = 0 then list_cost_usd
    when coalesce(completions, 0) = 0 then -list_cost_before_usd
    else list_cost_usd - list_cost_before_usd
  end as cost_change_usd,
  total_tokens_before,
  total_tokens,
  total_tokens - total_tokens_before as tokens_change,
  (total_tokens - total_tokens_before) / nullif(total_tokens_before, 0) as tokens_growth,
  case
    when coalesce(completions_before, 0) = 0 then 'new'
    when coalesce(completions, 0) = 0 then 'gone'
    when total_tokens > total_tokens_before then 'growing'
    when total_tokens < total_tokens_before then 'shrinking'
    else 'steady'
  end as trend,
  earlier_from as earlier_since,
  later_from as earlier_until,
  later_from as later_since,
  end_day as later_until
from folded cross join halves
order by
  'others' in (grp.kind, grp.kind_2),
  cost_change_usd desc nulls last,
  tokens_change desc,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
