-- Billable tokens of each call, with what is known of the completion: for what its tokens do not tell.
select
  completion.created_date,
  completion.created_at - to_seconds(epoch(completion.created_at)::bigint % 3_600) as created_hour,
  completion.source,
  completion.model,
  completion.base_model,
  completion.model_family,
  completion.service_tier,
  completion.finish_reason,
  completion.input_user,
  completion.tags,
  1 as completions,
  coalesce(tokens.input_tokens, 0) as input_tokens,
  tokens.billable_input_tokens,
  tokens.billable_input_cached_tokens,
  tokens.billable_input_cache_write_tokens,
  tokens.billable_input_audio_tokens,
  tokens.billable_output_tokens,
  tokens.billable_output_audio_tokens,
  completion.total_tokens
from marts.completions as completion
left join marts.billable_tokens as tokens
  on tokens.source = completion.source
  and tokens.completion_id = completion.completion_id
  and tokens.created_at = completion.created_at
  and tokens.created_date = completion.created_date
where completion.created_date >= $from::date and completion.created_date < $to::date
  and ($source::varchar is null or completion.source = $source::varchar)
