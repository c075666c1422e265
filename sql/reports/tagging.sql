-- Metadata keys, and the share of completions, tokens and list cost that carries each: what --by metadata.KEY can tell apart.
-- Keys with a value for nearly every completion, such as a request id, make a poor group.
with whole as (
  select
    sum(completions)::bigint as completions,
    sum(total_tokens)::bigint as total_tokens,
    sum(list_cost_usd) as list_cost_usd
  from usage_by
),
tagged as (
  select
    key,
    count(distinct value) as distinct_values,
    sum(completions)::bigint as completions,
    coalesce(sum(total_tokens), 0)::bigint as total_tokens,
    sum(list_cost_usd) as list_cost_usd
  from tags_told
  group by key
)
select
  key,
  distinct_values,
  tagged.completions,
  tagged.completions / nullif(whole.completions, 0) as completion_share,
  tagged.total_tokens,
  tagged.total_tokens / nullif(whole.total_tokens, 0) as token_share,
  tagged.list_cost_usd,
  (coalesce(tagged.list_cost_usd, 0) / nullif(whole.list_cost_usd, 0))::double as cost_share,
  count(*) over () as rows_in_all
from tagged cross join whole
order by token_share desc nulls last, completion_share desc, key
limit $top::integer
