-- Billable tokens of each call: enough where nothing is asked that its tokens do not tell.
select
  created_date,
  created_at - to_seconds(epoch(created_at)::bigint % 3_600) as created_hour,
  source,
  model,
  service_tier,
  1 as completions,
  coalesce(input_tokens, 0) as input_tokens,
  billable_input_tokens,
  billable_input_cached_tokens,
  billable_input_cache_write_tokens,
  billable_input_audio_tokens,
  billable_output_tokens,
  billable_output_audio_tokens,
  total_tokens
from marts.billable_tokens
where created_date >= $from::date and created_date < $to::date
  and ($source::varchar is null or source = $source::varchar)
