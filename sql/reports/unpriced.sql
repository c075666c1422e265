-- Tokens that have no price and so are in no list cost, with the reason. PRICES_FILE can give them one. With --by, those
-- of each group, and their share of all its tokens.
with period as (
  select
    grp,
    model,
    service_tier,
    token_type,
    is_unpriced,
    sum(tokens)::bigint as tokens,
    sum(completions)::bigint as completions,
    min(created_date) as first_date,
    max(created_date) as last_date
  from costs_by
  group by grp, model, service_tier, token_type, is_unpriced
),
shared as (
  select *, tokens / nullif(sum(tokens) over (partition by grp), 0) as token_share from period
),
unpriced as (
  select *, sum(tokens) over (partition by grp.rest) as rest_tokens from shared where is_unpriced
)
select
  unpriced.grp,
  unpriced.model,
  unpriced.service_tier,
  unpriced.token_type,
  why.reason,
  unpriced.completions,
  unpriced.tokens,
  unpriced.token_share,
  unpriced.first_date,
  unpriced.last_date
from unpriced
left join marts.unpriced_usage as why
  on why.model = unpriced.model and why.service_tier = unpriced.service_tier and why.token_type = unpriced.token_type
order by
  case when $time_place::integer = 1 then unpriced.grp.name end,
  unpriced.rest_tokens desc,
  unpriced.grp.name,
  unpriced.grp.name_2,
  unpriced.grp.kind desc,
  unpriced.grp.kind_2 desc,
  unpriced.tokens desc,
  unpriced.model,
  unpriced.service_tier,
  unpriced.token_type
