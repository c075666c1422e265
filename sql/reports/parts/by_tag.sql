-- Usage of a period grouped by the values of one metadata key: what the reports with --by metadata.KEY read. What lacks the key
-- is the whole less what has it, so that the rows sum to the whole, for a key that nothing carries as well.
with tagged as (
  select *
  from marts.tagged_usage_daily
  where key = $key::varchar
    and created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source::varchar)
),
signed as (
  select
    created_date, completions, input_tokens, input_cached_tokens, input_tokens_of_known_cache, output_tokens,
    output_reasoning_tokens, output_tokens_of_known_reasoning, total_tokens, priced_tokens, list_cost_usd
  from marts.usage_hourly
  where created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source::varchar)
  union all
  select
    created_date, -completions, -input_tokens, -input_cached_tokens, -input_tokens_of_known_cache, -output_tokens,
    -output_reasoning_tokens, -output_tokens_of_known_reasoning, -total_tokens, -priced_tokens, -list_cost_usd
  from tagged
),
untagged as (
  select
    created_date,
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
  group by created_date
  having sum(completions) > 0
)
select
  created_date, value as group_name, false as is_untagged, null::varchar as state, completions, input_tokens,
  input_cached_tokens, input_tokens_of_known_cache, output_tokens, output_reasoning_tokens,
  output_tokens_of_known_reasoning, total_tokens, priced_tokens,
  case when priced_tokens > 0 then list_cost_usd end as list_cost_usd
from tagged
union all
select
  created_date, '(untagged)' as group_name, true as is_untagged, null::varchar as state, completions, input_tokens,
  case when input_tokens_of_known_cache > 0 then input_cached_tokens end, input_tokens_of_known_cache, output_tokens,
  case when output_tokens_of_known_reasoning > 0 then output_reasoning_tokens end, output_tokens_of_known_reasoning,
  total_tokens, priced_tokens,
  -- Where all that has a price is tagged, what is left has none.
  case when priced_tokens > 0 then list_cost_usd end
from untagged
