-- What the tokens of one completion cost, by billable kind: they sum to its tokens and to its list cost.
select token_type, tokens, min_input_tokens, usd_per_mtok, list_cost_usd, price_source, is_assumed
from (
  from marts.usage_costs
  union all by name
  -- A file that an earlier version has written lacks this column.
  select null::boolean as is_assumed where false
) as line
where created_date = $day::date
  and created_at = $created_at::timestamptz
  and source = $source
  and completion_id = $id
order by list_cost_usd desc nulls last, tokens desc, token_type;
