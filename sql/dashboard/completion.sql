-- One completion: what the marts say of it, and what its request asked for. None of its text.
select
  mart.model,
  mart.base_model,
  mart.service_tier,
  mart.system_fingerprint,
  mart.request_id,
  mart.input_user,
  mart.has_usage,
  mart.is_inconsistent,
  mart.input_tokens,
  mart.input_cached_tokens,
  mart.input_cache_write_tokens,
  mart.input_audio_tokens,
  mart.input_image_tokens,
  mart.output_tokens,
  mart.output_reasoning_tokens,
  mart.output_audio_tokens,
  mart.output_accepted_prediction_tokens,
  mart.output_rejected_prediction_tokens,
  mart.total_tokens,
  mart.priced_tokens,
  mart.list_cost_usd,
  mart.standard_cost_usd,
  mart.choice_count,
  mart.tags,
  mart.first_synced_at,
  mart.synced_at,
  held.temperature,
  held.top_p,
  held.presence_penalty,
  held.frequency_penalty,
  held.seed::varchar as seed
from marts.completions as mart
join main.completions as held
  on held.source = mart.source and held.id = mart.completion_id and held.created_at = mart.created_at
where mart.created_date = $day::date
  and mart.created_at = $created_at::timestamptz
  and mart.source = $source
  and mart.completion_id = $id
  and held.created_at = $created_at::timestamptz
  and held.id = $id;
