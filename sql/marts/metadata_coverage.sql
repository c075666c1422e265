-- How far each metadata key reaches: the share of calls, tokens and cost that carries it, and how many values it has.
create or replace view marts.metadata_coverage as
with whole as (
  select
    sum(completions)::bigint as completions,
    sum(total_tokens)::bigint as total_tokens,
    sum(list_cost_usd) as list_cost_usd
  from marts.usage_hourly
),
tagged as (
  select
    key,
    count(distinct value) as distinct_values,
    sum(completions)::bigint as completions,
    coalesce(sum(total_tokens), 0)::bigint as total_tokens,
    sum(list_cost_usd) as list_cost_usd,
    min(created_date) as first_date,
    max(created_date) as last_date
  from marts.tagged_usage_daily
  group by key
)
select
  tagged.key,
  tagged.distinct_values,
  tagged.completions,
  tagged.total_tokens,
  tagged.list_cost_usd,
  tagged.completions / nullif(whole.completions, 0) as completion_share,
  tagged.total_tokens / nullif(whole.total_tokens, 0) as token_share,
  (coalesce(tagged.list_cost_usd, 0) / nullif(whole.list_cost_usd, 0))::double as cost_share,
  tagged.first_date,
  tagged.last_date
from tagged cross join whole;

comment on view marts.metadata_coverage is 'Metadata keys and how much of the usage carries them, one row a key, over all that is held.';
comment on column marts.metadata_coverage.key is 'Metadata key, as the caller named it.';
comment on column marts.metadata_coverage.distinct_values is 'Distinct values, a count: many (a request id) make a poor group.';
comment on column marts.metadata_coverage.completions is 'Completions with the key, a count.';
comment on column marts.metadata_coverage.total_tokens is 'Tokens of those, a sum.';
comment on column marts.metadata_coverage.list_cost_usd is 'List cost of those, US dollars, of what has a price.';
comment on column marts.metadata_coverage.completion_share is 'Share of all completions with the key, 0 to 1.';
comment on column marts.metadata_coverage.token_share is 'Share of all tokens with the key, 0 to 1.';
comment on column marts.metadata_coverage.cost_share is 'Share of the list cost with the key, 0 to 1; NULL when nothing has a price.';
comment on column marts.metadata_coverage.first_date is 'First UTC day it was seen on, DATE.';
comment on column marts.metadata_coverage.last_date is 'Last UTC day it was seen on, DATE.';
