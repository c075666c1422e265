-- usage_by with the largest groups of a kind as they are and the rest as (others): no time is ever left out, and what lacks a key
-- keeps its own rows. The rows still sum to the whole.
with ranked as (
  select
    grp.rest as rest,
    row_number() over (
      partition by grp.rest.kind, grp.rest.kind_2
      order by sum(list_cost_usd) desc nulls last, sum(total_tokens) desc nulls last, grp.rest.name, grp.rest.name_2
    ) as place
  from usage_by
  group by grp.rest
),
marked as (
  select
    usage_by.*,
    shown.rest is null and grp.kind = 'value' and $time_place::integer <> 1 as is_rest,
    shown.rest is null and grp.kind_2 = 'value' and $time_place::integer <> 2 as is_rest_2
  from usage_by
  left join (select rest from ranked where place <= $top::integer) as shown on shown.rest = usage_by.grp.rest
)
select
  * exclude (is_rest, is_rest_2)
  replace ({
    'name': case when is_rest then '(others)' else grp.name end,
    'kind': case when is_rest then 'others' else grp.kind end,
    'name_2': case when is_rest_2 then '(others)' else grp.name_2 end,
    'kind_2': case when is_rest_2 then 'others' else grp.kind_2 end,
    'state': grp.state,
    'rest': {
      'name': case when is_rest then '(others)' else grp.rest.name end,
      'kind': case when is_rest then 'others' else grp.rest.kind end,
      'name_2': case when is_rest_2 then '(others)' else grp.rest.name_2 end,
      'kind_2': case when is_rest_2 then 'others' else grp.rest.kind_2 end
    }
  } as grp)
from marked
