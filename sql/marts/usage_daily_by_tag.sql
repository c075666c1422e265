-- Usage by UTC day and tag, with a row (untagged) for what lacks the key: the rows of each key sum to the whole.
create or replace view marts.usage_daily_by_tag as
with keys as (
  select distinct key from marts.tagged_usage_daily
),
whole as (
  select
    created_date,
    source,
    model,
    service_tier,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(input_cached_tokens)::bigint as input_cached_tokens,
    sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
    sum(output_tokens)::bigint as output_tokens,
    sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
    sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) as list_cost_usd
  from marts.usage_hourly
  group by created_date, source, model, service_tier
),
tagged as (
  select
    created_date,
    source,
    model,
    service_tier,
    key,
    sum(completions)::bigint as completions,
    sum(input_tokens)::bigint as input_tokens,
    sum(input_cached_tokens)::bigint as input_cached_tokens,
    sum(input_tokens_of_known_cache)::bigint as input_tokens_of_known_cache,
    sum(output_tokens)::bigint as output_tokens,
    sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
    sum(output_tokens_of_known_reasoning)::bigint as output_tokens_of_known_reasoning,
    sum(total_tokens)::bigint as total_tokens,
    sum(priced_tokens)::bigint as priced_tokens,
    sum(list_cost_usd) as list_cost_usd
  from marts.tagged_usage_daily
  group by created_date, source, model, service_tier, key
),
untagged as (
  select
    whole.created_date,
    whole.source,
    whole.model,
    whole.service_tier,
    keys.key,
    whole.completions - coalesce(tagged.completions, 0) as completions,
    whole.input_tokens - coalesce(tagged.input_tokens, 0) as input_tokens,
    whole.input_cached_tokens - coalesce(tagged.input_cached_tokens, 0) as input_cached_tokens,
    whole.input_tokens_of_known_cache - coalesce(tagged.input_tokens_of_known_cache, 0) as input_tokens_of_known_cache,
    whole.output_tokens - coalesce(tagged.output_tokens, 0) as output_tokens,
    whole.output_reasoning_tokens - coalesce(tagged.output_reasoning_tokens, 0) as output_reasoning_tokens,
    whole.output_tokens_of_known_reasoning - coalesce(tagged.output_tokens_of_known_reasoning, 0) as output_tokens_of_known_reasoning,
    whole.total_tokens - coalesce(tagged.total_tokens, 0) as total_tokens,
    whole.priced_tokens - coalesce(tagged.priced_tokens, 0) as priced_tokens,
    case
      when whole.priced_tokens > coalesce(tagged.priced_tokens, 0) then whole.list_cost_usd - coalesce(tagged.list_cost_usd, 0)
    end as list_cost_usd
  from whole
  cross join keys
  left join tagged
    on tagged.created_date = whole.created_date
    and tagged.source = whole.source
    and tagged.model = whole.model
    and tagged.service_tier = whole.service_tier
    and tagged.key = keys.key
  where whole.completions > coalesce(tagged.completions, 0)
),
every as (
  select created_date, source, model, service_tier, key, value, false as is_untagged, completions, input_tokens, input_cached_tokens, input_tokens_of_known_cache, output_tokens, output_reasoning_tokens, output_tokens_of_known_reasoning, total_tokens, priced_tokens, list_cost_usd
  from marts.tagged_usage_daily
  union all
  select created_date, source, model, service_tier, key, '(untagged)' as value, true as is_untagged, completions, input_tokens, input_cached_tokens, input_tokens_of_known_cache, output_tokens, output_reasoning_tokens, output_tokens_of_known_reasoning, total_tokens, priced_tokens, list_cost_usd
  from untagged
)
select *, created_date >= (select open_from from marts.as_of) as is_open
from every;

comment on view marts.usage_daily_by_tag is 'Tokens and list cost by metadata, one row per UTC day, source, model, tier, key and value, with (untagged) for completions without the key: the rows of each key sum to the whole. Filter on one key.';
comment on column marts.usage_daily_by_tag.created_date is 'UTC day of the calls, DATE.';
comment on column marts.usage_daily_by_tag.source is 'Name of the source; from the settings.';
comment on column marts.usage_daily_by_tag.model is 'Model that answered, dated; (unknown) when the API named none.';
comment on column marts.usage_daily_by_tag.service_tier is 'Tier that served the calls; default where the API said auto or nothing, priority where it said fast.';
comment on column marts.usage_daily_by_tag.key is 'Metadata key. Every key sums to the whole: do not add keys up.';
comment on column marts.usage_daily_by_tag.value is 'Its value; (untagged) for completions without the key. FOCUS: Tags.';
comment on column marts.usage_daily_by_tag.is_untagged is 'Whether it is the row of what lacks the key.';
comment on column marts.usage_daily_by_tag.completions is 'Completions, a count.';
comment on column marts.usage_daily_by_tag.input_tokens is 'Tokens of the prompts, cached ones included, a sum.';
comment on column marts.usage_daily_by_tag.input_cached_tokens is 'Part of input_tokens read from the cache, a sum over those that tell; NULL when none does.';
comment on column marts.usage_daily_by_tag.input_tokens_of_known_cache is 'input_tokens of the completions that tell their cached tokens, a sum: what a cache hit ratio is to be divided by.';
comment on column marts.usage_daily_by_tag.output_tokens is 'Tokens of the answers, reasoning included, a sum.';
comment on column marts.usage_daily_by_tag.output_reasoning_tokens is 'Part of output_tokens spent on reasoning, a sum over those that tell; NULL when none does.';
comment on column marts.usage_daily_by_tag.output_tokens_of_known_reasoning is 'output_tokens of the completions that tell their reasoning tokens, a sum: what a reasoning share is to be divided by.';
comment on column marts.usage_daily_by_tag.total_tokens is 'Tokens of the calls, a sum.';
comment on column marts.usage_daily_by_tag.priced_tokens is 'Part of total_tokens that has a price, a sum.';
comment on column marts.usage_daily_by_tag.list_cost_usd is 'Cost of priced_tokens at the list (or contract) price of the day, US dollars; not what was billed. NULL when nothing has a price.';
comment on column marts.usage_daily_by_tag.is_open is 'Whether the day is not over, as far as the last sync saw: keep it out of comparisons.';
