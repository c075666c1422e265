-- Metadata keys, and the share of completions, tokens and list cost that carries each: what --by metadata.KEY can tell apart.
-- Keys with a value for nearly every completion, such as a request id, make a poor group. With --by, the keys of each group, and
-- how far they reach in it.
with whole as (
  select
    grp,
    sum(completions)::bigint as completions,
    sum(total_tokens)::bigint as total_tokens,
    sum(list_cost_usd) as list_cost_usd
  from usage_by
  group by grp
),
tagged as (
  select
    grp,
    key,
    count(distinct value) as distinct_values,
    sum(completions)::bigint as completions,
    coalesce(sum(total_tokens), 0)::bigint as total_tokens,
    sum(list_cost_usd) as list_cost_usd
  from tags_by
  group by grp, key
)
select
  tagged.grp,
  key,
  distinct_values,
  tagged.completions,
  tagged.completions / nullif(whole.completions, 0) as completion_share,
  tagged.total_tokens,
  tagged.total_tokens / nullif(whole.total_tokens, 0) as token_share,
  tagged.list_cost_usd,
  (coalesce(tagged.list_cost_usd, 0) / nullif(whole.list_cost_usd, 0))::double as cost_share,
  count(*) over () as rows_in_all
from tagged
left join whole on whole.grp = tagged.grp
order by
  case when $time_place::integer = 1 then tagged.grp.name end,
  max(whole.total_tokens) over (partition by tagged.grp.rest) desc nulls last,
  tagged.grp.name,
  tagged.grp.name_2,
  tagged.grp.kind desc,
  tagged.grp.kind_2 desc,
  token_share desc nulls last,
  completion_share desc,
  key
limit case when $time_place::integer > 0 then 1000000 else $top::integer end
