-- Usage by UTC day and tag: the tagged half of usage_daily_by_tag. What lacks a key is worked out there, as a day would
-- change whenever a new key turns up later.
create or replace view marts.tagged_usage_daily as
with tagged as (
  select * exclude (tags), unnest(map_entries(tags)) as tag
  from marts.completions
)
select
  created_date,
  source,
  model,
  service_tier,
  tag.key as key,
  tag.value as value,
  count(*) as completions,
  sum(input_tokens)::bigint as input_tokens,
  sum(input_cached_tokens)::bigint as input_cached_tokens,
  sum(input_tokens) filter (where input_cached_tokens is not null)::bigint as input_tokens_of_known_cache,
  sum(output_tokens)::bigint as output_tokens,
  sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(output_tokens) filter (where output_reasoning_tokens is not null)::bigint as output_tokens_of_known_reasoning,
  sum(total_tokens)::bigint as total_tokens,
  sum(priced_tokens)::bigint as priced_tokens,
  sum(list_cost_usd) as list_cost_usd
from tagged
where tag.value is not null
group by created_date, source, model, service_tier, tag.key, tag.value;

comment on view marts.tagged_usage_daily is 'Tokens and list cost of what has a tag, one row per UTC day, source, model, tier, metadata key and value. A completion is in it once for each of its keys: filter on one key, or use usage_daily_by_tag.';
comment on column marts.tagged_usage_daily.created_date is 'UTC day of the calls, DATE.';
comment on column marts.tagged_usage_daily.source is 'Name of the source; from the settings.';
comment on column marts.tagged_usage_daily.model is 'Model that answered, dated; (unknown) when the API named none.';
comment on column marts.tagged_usage_daily.service_tier is 'Tier that served the calls; default where the API said auto or nothing, priority where it said fast.';
comment on column marts.tagged_usage_daily.key is 'Metadata key, as the caller named it.';
comment on column marts.tagged_usage_daily.value is 'Its value; a value that is not text as JSON text.';
comment on column marts.tagged_usage_daily.completions is 'Completions, a count.';
comment on column marts.tagged_usage_daily.input_tokens is 'Tokens of the prompts, cached ones included, a sum.';
comment on column marts.tagged_usage_daily.input_cached_tokens is 'Part of input_tokens read from the cache, a sum over those that tell; NULL when none does.';
comment on column marts.tagged_usage_daily.input_tokens_of_known_cache is 'input_tokens of the completions that tell their cached tokens, a sum: what a cache hit ratio is to be divided by.';
comment on column marts.tagged_usage_daily.output_tokens is 'Tokens of the answers, reasoning included, a sum.';
comment on column marts.tagged_usage_daily.output_reasoning_tokens is 'Part of output_tokens spent on reasoning, a sum over those that tell; NULL when none does.';
comment on column marts.tagged_usage_daily.output_tokens_of_known_reasoning is 'output_tokens of the completions that tell their reasoning tokens, a sum: what a reasoning share is to be divided by.';
comment on column marts.tagged_usage_daily.total_tokens is 'Tokens of the calls, a sum.';
comment on column marts.tagged_usage_daily.priced_tokens is 'Part of total_tokens that has a price, a sum.';
comment on column marts.tagged_usage_daily.list_cost_usd is 'Cost of priced_tokens at the list (or contract) price of the day, US dollars; not what was billed. NULL when nothing has a price.';
