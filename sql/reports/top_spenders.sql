-- Who spends the most: the largest values of a metadata key (or of what else --by names) by list cost, what a completion of
-- theirs costs, and the share of the whole they come to together. Where nothing has a price, by tokens.
with grouped as (
  select
    grp,
    sum(completions)::bigint as completions,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) as list_cost_usd
  from usage_by
  group by grp
),
ranked as (
  select
    *,
    row_number() over (
      order by
        list_cost_usd desc nulls last, total_tokens desc nulls last, grp.name, grp.name_2, grp.kind desc, grp.kind_2 desc
    ) as place,
    sum(list_cost_usd) over () as whole_usd
  from grouped
)
select
  place,
  grp,
  completions,
  total_tokens,
  list_cost_usd,
  (list_cost_usd / nullif(whole_usd, 0))::double as cost_share,
  (sum(list_cost_usd) over (order by place) / nullif(whole_usd, 0))::double as cumulative_cost_share,
  (list_cost_usd / nullif(completions, 0))::double as list_cost_per_completion_usd,
  priced_tokens / nullif(total_tokens, 0) as priced_token_share,
  count(*) over () as rows_in_all
from ranked
order by place
limit $top::integer
