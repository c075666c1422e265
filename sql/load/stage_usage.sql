-- $rows: one JSON object a line and completion.
insert into temp.staged_usage by name
select
  $source::varchar as source,
  completion_id,
  make_timestamptz(created * 1_000_000) as created_at,
  model,
  service_tier,
  prompt_tokens,
  completion_tokens,
  total_tokens,
  prompt_cached_tokens,
  prompt_cache_write_tokens,
  prompt_audio_tokens,
  prompt_text_tokens,
  prompt_image_tokens,
  completion_reasoning_tokens,
  completion_audio_tokens,
  completion_text_tokens,
  completion_accepted_prediction_tokens,
  completion_rejected_prediction_tokens,
  compute_units,
  usage::json->'$' as usage
from (
  select unnest(from_json_strict(line, '{
    "completion_id": "VARCHAR",
    "created": "BIGINT",
    "model": "VARCHAR",
    "service_tier": "VARCHAR",
    "prompt_tokens": "BIGINT",
    "completion_tokens": "BIGINT",
    "total_tokens": "BIGINT",
    "prompt_cached_tokens": "BIGINT",
    "prompt_cache_write_tokens": "BIGINT",
    "prompt_audio_tokens": "BIGINT",
    "prompt_text_tokens": "BIGINT",
    "prompt_image_tokens": "BIGINT",
    "completion_reasoning_tokens": "BIGINT",
    "completion_audio_tokens": "BIGINT",
    "completion_text_tokens": "BIGINT",
    "completion_accepted_prediction_tokens": "BIGINT",
    "completion_rejected_prediction_tokens": "BIGINT",
    "compute_units": "DOUBLE",
    "usage": "VARCHAR"
  }'))
  from (select unnest(string_split($rows, chr(10))) as line)
);
