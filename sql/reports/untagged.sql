-- Spend that lacks a tag: for each metadata key in use the completions, tokens and list cost without it, and their shares of the
-- whole; (any) is what carries no metadata at all. Keys that most of the tokens carry come first: those are meant to be everywhere. With
-- --by the shares are of each group, as --by model for the models whose calls nobody owns.
with whole as (
  select
    grp,
    count(*) as completions,
    coalesce(sum(total_tokens), 0)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
  from completions_by
  group by grp
),
keyed as (
  select
    grp,
    tag.key as key,
    count(*) as completions,
    coalesce(sum(total_tokens), 0)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
  from (
    select grp, total_tokens, priced_tokens, list_cost_usd, unnest(map_entries(tags)) as tag from completions_by
  ) as tagged
  where tag.value is not null
  group by grp, tag.key
),
-- A key that a group has none of is one that all of the group lacks.
keys as (
  select key, sum(total_tokens) as tokens, sum(completions) as calls from keyed group by key
),
lacking as (
  select
    whole.grp,
    keys.key,
    keys.tokens,
    keys.calls,
    whole.completions - coalesce(keyed.completions, 0) as completions,
    whole.total_tokens - coalesce(keyed.total_tokens, 0) as total_tokens,
    whole.priced_tokens - coalesce(keyed.priced_tokens, 0) as priced_tokens,
    coalesce(whole.list_cost_usd, 0) - coalesce(keyed.list_cost_usd, 0) as list_cost_usd
  from whole
  cross join keys
  left join keyed on keyed.grp = whole.grp and keyed.key = keys.key
  union all
  select
    grp,
    '(any)' as key,
    null as tokens,
    null as calls,
    count(*) as completions,
    coalesce(sum(total_tokens), 0)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    coalesce(sum(list_cost_usd) filter (where priced_tokens > 0), 0) as list_cost_usd
  from completions_by
  where cardinality(tags) = 0
  group by grp
)
select
  lacking.grp,
  key,
  lacking.completions,
  lacking.completions / whole.completions as completion_share,
  lacking.total_tokens,
  lacking.total_tokens / nullif(whole.total_tokens, 0) as token_share,
  -- Tokens without a price have no cost, not one of 0.
  case when lacking.priced_tokens > 0 then lacking.list_cost_usd end as list_cost_usd,
  (lacking.list_cost_usd / nullif(whole.list_cost_usd, 0))::double as cost_share,
  count(*) over () as rows_in_all
from lacking
join whole on whole.grp = lacking.grp
where lacking.completions > 0
order by
  case when $time_place::integer = 1 then lacking.grp.name end,
  max(whole.total_tokens) over (partition by lacking.grp.rest) desc,
  lacking.grp.name,
  lacking.grp.name_2,
  lacking.grp.kind desc,
  lacking.grp.kind_2 desc,
  key <> '(any)' or calls is not null,
  tokens desc nulls last,
  calls desc,
  key
limit case when $time_place::integer > 0 then 1000000 else $top::integer end
