-- Usage by day, source, model, tier and the value of one metadata key. What lacks the key (tag_value NULL) is the whole less what
-- has it, so that the rows sum to the whole, for a key that nothing carries as well.
with tagged as (
  select *
  from marts.tagged_usage_daily
  where key = $key::varchar
    and created_date >= $from::date and created_date < $to::date
    and ($source::varchar is null or source = $source::varchar)
),
signed as (
  select
    created_date, source, model, service_tier, completions, input_tokens, input_cached_tokens, input_tokens_of_known_cache,
    output_tokens, output_reasoning_tokens, output_tokens_of_known_reasoning, total_tokens, priced_tokens, list_cost_usd
  from marts.usage_hourly
  where created_date >= $from::date and created_date < $to::date
    and ($source::varchar is null or source = $source::varchar)
  union all
  select
    created_date, source, model, service_tier, -completions, -input_tokens, -input_cached_tokens, -input_tokens_of_known_cache,
    -output_tokens, -output_reasoning_tokens, -output_tokens_of_known_reasoning, -total_tokens, -priced_tokens, -list_cost_usd
  from tagged
),
untagged as (
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
  from signed
  group by created_date, source, model, service_tier
  having sum(completions) > 0
)
select
  created_date, source, model, service_tier, value as tag_value, completions, input_tokens, input_cached_tokens,
  input_tokens_of_known_cache, output_tokens, output_reasoning_tokens, output_tokens_of_known_reasoning, total_tokens,
  priced_tokens, list_cost_usd
from tagged
union all
select
  created_date, source, model, service_tier, null::varchar as tag_value, completions, input_tokens,
  case when input_tokens_of_known_cache > 0 then input_cached_tokens end, input_tokens_of_known_cache, output_tokens,
  case when output_tokens_of_known_reasoning > 0 then output_reasoning_tokens end, output_tokens_of_known_reasoning,
  total_tokens, priced_tokens, list_cost_usd
from untagged
