-- Staged usage of both kinds.
create or replace temp view incoming_usage as
select
  source,
  completion_id,
  created_at,
  model,
  service_tier,
  counts.prompt_tokens as prompt_tokens,
  counts.completion_tokens as completion_tokens,
  counts.total_tokens as total_tokens,
  -- The spellings of src/completion/cache-spellings.ts, in its order.
  coalesce(
    counts.prompt_tokens_details.cached_tokens,
    counts.prompt_token_details.cached_tokens,
    counts.prompt_cache_hit_tokens,
    counts.cached_tokens,
    counts.num_cached_tokens,
    counts.cache_read_input_tokens
  ) as prompt_cached_tokens,
  coalesce(
    counts.prompt_tokens_details.cache_write_tokens,
    counts.prompt_tokens_details.cache_creation_tokens,
    counts.prompt_tokens_details.cache_creation_input_tokens,
    counts.cache_creation_input_tokens
  ) as prompt_cache_write_tokens,
  counts.prompt_tokens_details.audio_tokens as prompt_audio_tokens,
  counts.prompt_tokens_details.text_tokens as prompt_text_tokens,
  counts.prompt_tokens_details.image_tokens as prompt_image_tokens,
  counts.completion_tokens_details.reasoning_tokens as completion_reasoning_tokens,
  counts.completion_tokens_details.audio_tokens as completion_audio_tokens,
  counts.completion_tokens_details.text_tokens as completion_text_tokens,
  counts.completion_tokens_details.accepted_prediction_tokens as completion_accepted_prediction_tokens,
  counts.completion_tokens_details.rejected_prediction_tokens as completion_rejected_prediction_tokens,
  counts.compute_units as compute_units,
  usage
from (
  select
    source,
    item.id as completion_id,
    created_at,
    item.model as model,
    item.service_tier as service_tier,
    item.usage as usage,
    json_transform(item.usage, '{
      "prompt_tokens": "BIGINT",
      "completion_tokens": "BIGINT",
      "total_tokens": "BIGINT",
      "prompt_tokens_details": {
        "cached_tokens": "BIGINT",
        "cache_write_tokens": "BIGINT",
        "cache_creation_tokens": "BIGINT",
        "cache_creation_input_tokens": "BIGINT",
        "audio_tokens": "BIGINT",
        "text_tokens": "BIGINT",
        "image_tokens": "BIGINT"
      },
      "prompt_token_details": {"cached_tokens": "BIGINT"},
      "prompt_cache_hit_tokens": "BIGINT",
      "cached_tokens": "BIGINT",
      "num_cached_tokens": "BIGINT",
      "cache_read_input_tokens": "BIGINT",
      "cache_creation_input_tokens": "BIGINT",
      "completion_tokens_details": {
        "reasoning_tokens": "BIGINT",
        "audio_tokens": "BIGINT",
        "text_tokens": "BIGINT",
        "accepted_prediction_tokens": "BIGINT",
        "rejected_prediction_tokens": "BIGINT"
      },
      "compute_units": "DOUBLE"
    }') as counts
  from temp.staged_plain
)
union all by name
from temp.staged_usage;
