-- Token counts of a completion, and the same tokens again in buckets that do not overlap: what the API nests (cached and audio
-- tokens within the prompt) is taken out of the whole, so that the buckets sum to the total whatever a server answers.
create or replace view marts.billable_tokens as
with counted as (
  select
    source,
    completion_id,
    created_at,
    coalesce(nullif(model, ''), '(unknown)') as model,
    -- What was asked for is not what served: auto and nothing at all both mean the default tier. OpenAI calls the tier priority
    -- fast since July 2026, and answers with the one word or the other by model.
    case coalesce(lower(service_tier), '')
      when '' then 'default'
      when 'auto' then 'default'
      when 'fast' then 'priority'
      else lower(service_tier)
    end as service_tier,
    -- A count below 0 or above a million million is no count; it would only break sums.
    case when columns('_tokens$') between 0 and 1_000_000_000_000 then columns('_tokens$') end as "\0",
    greatest(prompt_tokens, completion_tokens, total_tokens) > 1_000_000_000_000
      or least(prompt_tokens, completion_tokens, total_tokens) < 0 as is_absurd
  from main.completion_usage
),
totalled as (
  select
    *,
    case
      when coalesce(total_tokens, prompt_tokens, completion_tokens) is not null
        then greatest(coalesce(total_tokens, 0), coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0))
    end as all_tokens,
    least(coalesce(prompt_cached_tokens, 0), prompt_tokens) as cached
  from counted
),
written as (
  select *, least(coalesce(prompt_cache_write_tokens, 0), prompt_tokens - cached) as cache_write from totalled
),
heard as (
  select
    *,
    least(coalesce(prompt_audio_tokens, 0), prompt_tokens - cached - cache_write) as audio_in,
    least(coalesce(completion_audio_tokens, 0), completion_tokens) as audio_out
  from written
)
select
  source,
  completion_id,
  created_at,
  -- By arithmetic: a cast would follow the time zone of the session, and is eight times as slow (DuckDB 1.5.5).
  date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date,
  model,
  service_tier,
  prompt_tokens as input_tokens,
  prompt_cached_tokens as input_cached_tokens,
  prompt_cache_write_tokens as input_cache_write_tokens,
  prompt_audio_tokens as input_audio_tokens,
  prompt_text_tokens as input_text_tokens,
  prompt_image_tokens as input_image_tokens,
  completion_tokens as output_tokens,
  completion_reasoning_tokens as output_reasoning_tokens,
  completion_audio_tokens as output_audio_tokens,
  completion_text_tokens as output_text_tokens,
  completion_accepted_prediction_tokens as output_accepted_prediction_tokens,
  completion_rejected_prediction_tokens as output_rejected_prediction_tokens,
  all_tokens as total_tokens,
  prompt_tokens - cached - cache_write - audio_in as billable_input_tokens,
  cached as billable_input_cached_tokens,
  cache_write as billable_input_cache_write_tokens,
  audio_in as billable_input_audio_tokens,
  completion_tokens - audio_out as billable_output_tokens,
  audio_out as billable_output_audio_tokens,
  all_tokens - coalesce(prompt_tokens, 0) - coalesce(completion_tokens, 0) as billable_other_tokens,
  coalesce(
    is_absurd
    or total_tokens <> prompt_tokens + completion_tokens
    or coalesce(prompt_cached_tokens, 0) + coalesce(prompt_cache_write_tokens, 0) > prompt_tokens
    or prompt_audio_tokens > prompt_tokens
    or completion_reasoning_tokens > completion_tokens
    or completion_audio_tokens > completion_tokens,
    false
  ) as is_inconsistent
from heard;

comment on view marts.billable_tokens is 'Token counts one row a completion: as the API nests them, and in billable buckets that do not overlap and sum to total_tokens. Key: source, completion_id, created_at.';
comment on column marts.billable_tokens.source is 'Name of the source; from the settings.';
comment on column marts.billable_tokens.completion_id is 'Id of the completion at the API. OpenTelemetry: gen_ai.response.id.';
comment on column marts.billable_tokens.created_at is 'When the completion was created, UTC, whole seconds.';
comment on column marts.billable_tokens.created_date is 'UTC day of created_at, DATE.';
comment on column marts.billable_tokens.model is 'Model that answered; (unknown) when the API named none. OpenTelemetry: gen_ai.response.model.';
comment on column marts.billable_tokens.service_tier is 'Tier that served the call; default where the API said auto or nothing, priority where it said fast. OpenTelemetry: openai.response.service_tier.';
comment on column marts.billable_tokens.input_tokens is 'Tokens of the prompt, cached ones included; usage.prompt_tokens. OpenTelemetry: gen_ai.usage.input_tokens.';
comment on column marts.billable_tokens.input_cached_tokens is 'Part of input_tokens read from the cache; NULL when the API did not tell. OpenTelemetry: gen_ai.usage.cache_read.input_tokens.';
comment on column marts.billable_tokens.input_cache_write_tokens is 'Part of input_tokens written to the cache; NULL when the API did not tell. OpenTelemetry: gen_ai.usage.cache_creation.input_tokens.';
comment on column marts.billable_tokens.input_audio_tokens is 'Part of input_tokens that is audio; NULL when the API did not tell.';
comment on column marts.billable_tokens.input_text_tokens is 'Part of input_tokens that is text; NULL when the API did not tell.';
comment on column marts.billable_tokens.input_image_tokens is 'Part of input_tokens that is images; NULL when the API did not tell.';
comment on column marts.billable_tokens.output_tokens is 'Tokens of the answer, reasoning included; usage.completion_tokens. OpenTelemetry: gen_ai.usage.output_tokens.';
comment on column marts.billable_tokens.output_reasoning_tokens is 'Part of output_tokens spent on reasoning; NULL when the API did not tell. OpenTelemetry: gen_ai.usage.reasoning.output_tokens.';
comment on column marts.billable_tokens.output_audio_tokens is 'Part of output_tokens that is audio; NULL when the API did not tell.';
comment on column marts.billable_tokens.output_text_tokens is 'Part of output_tokens that is text; NULL when the API did not tell.';
comment on column marts.billable_tokens.output_accepted_prediction_tokens is 'Predicted tokens that appeared in the answer; NULL when the API did not tell.';
comment on column marts.billable_tokens.output_rejected_prediction_tokens is 'Predicted tokens that did not, billed within output_tokens; NULL when the API did not tell.';
comment on column marts.billable_tokens.total_tokens is 'Tokens of the call: usage.total_tokens, or input and output where those are more; NULL when the API gave no usage.';
comment on column marts.billable_tokens.billable_input_tokens is 'Input tokens at the plain price: neither cached, nor written to the cache, nor audio.';
comment on column marts.billable_tokens.billable_input_cached_tokens is 'Input tokens at the cached price: input_cached_tokens, 0 where unknown, input_tokens at the most.';
comment on column marts.billable_tokens.billable_input_cache_write_tokens is 'Input tokens at the price of writing to the cache, 0 where unknown.';
comment on column marts.billable_tokens.billable_input_audio_tokens is 'Input tokens at the price of audio, 0 where unknown.';
comment on column marts.billable_tokens.billable_output_tokens is 'Output tokens at the plain price, reasoning included.';
comment on column marts.billable_tokens.billable_output_audio_tokens is 'Output tokens at the price of audio, 0 where unknown.';
comment on column marts.billable_tokens.billable_other_tokens is 'Tokens of the total that are in neither input_tokens nor output_tokens; nobody says what they cost.';
comment on column marts.billable_tokens.is_inconsistent is 'Whether the counts contradict each other (a part above its whole, a total that is not the sum) or are absurd; such counts are cut to what can be.';
