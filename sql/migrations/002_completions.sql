-- One row a stored completion, and one row a completion with its token usage.

create table main.completions (
  source varchar not null,
  id varchar not null,
  created_at timestamptz not null,
  model varchar,
  service_tier varchar,
  request_id varchar,
  input_user varchar,
  metadata json,
  choice_count bigint not null,
  system_fingerprint varchar,
  temperature double,
  top_p double,
  presence_penalty double,
  frequency_penalty double,
  seed decimal(38, 0),
  tool_choice json,
  tools json,
  response_format json,
  moderation json,
  input_messages json,
  object varchar,
  created bigint not null,
  extra json,
  raw varchar not null,
  raw_hash varchar not null,
  observed_at timestamptz not null,
  first_synced_at timestamptz not null,
  synced_run_id varchar not null
);
comment on table main.completions is 'Stored chat completions, one row each. Key: source, id, created_at.';
comment on column main.completions.source is 'Name of the source the completion was listed by; from the settings.';
comment on column main.completions.id is 'Id of the completion at the API; field id.';
comment on column main.completions.created_at is 'When the completion was created, UTC, whole seconds; field created.';
comment on column main.completions.model is 'Model that answered, the dated name rather than the alias asked for; field model.';
comment on column main.completions.service_tier is 'Tier that served the request, such as default, flex or priority; field service_tier.';
comment on column main.completions.request_id is 'Id of the request that created it, the x-request-id of your own logs; field request_id.';
comment on column main.completions.input_user is 'The request''s user parameter; field input_user.';
comment on column main.completions.metadata is 'Labels of the completion as JSON, the only field that changes after creation; field metadata. One row a label: completion_metadata.';
comment on column main.completions.choice_count is 'Answers in the completion, a count; length of field choices.';
comment on column main.completions.system_fingerprint is 'Configuration of the backend that answered; field system_fingerprint.';
comment on column main.completions.temperature is 'Sampling temperature of the request; field temperature.';
comment on column main.completions.top_p is 'Nucleus sampling share of the request, 0 to 1; field top_p.';
comment on column main.completions.presence_penalty is 'Presence penalty of the request, -2 to 2; field presence_penalty.';
comment on column main.completions.frequency_penalty is 'Frequency penalty of the request, -2 to 2; field frequency_penalty.';
comment on column main.completions.seed is 'Seed of the request, exact to the digit (int64 and beyond); field seed.';
comment on column main.completions.tool_choice is 'Which tools the request allowed, JSON; field tool_choice.';
comment on column main.completions.tools is 'Tools of the request, JSON; field tools. Without descriptions and parameters when kept without content.';
comment on column main.completions.response_format is 'Format the request asked for, JSON; field response_format. Without its schema when kept without content.';
comment on column main.completions.moderation is 'Moderation results of input and output, JSON; field moderation.';
comment on column main.completions.input_messages is 'Messages of the request where the server lists them with the completion (OGX), JSON; field input_messages. NULL when kept without content.';
comment on column main.completions.object is 'Kind of the object, chat.completion; field object.';
comment on column main.completions.created is 'created_at as the API gives it, Unix seconds; field created.';
comment on column main.completions.extra is 'All top-level fields without a column of their own, JSON; NULL when there are none or when kept without content.';
comment on column main.completions.raw is 'The completion''s JSON text as the API sent it, to the character; only its content-free fields when kept without content (CONTENT=none).';
comment on column main.completions.raw_hash is 'First 16 hex digits of the SHA-256 of raw: tells whether a completion changed without reading raw.';
comment on column main.completions.observed_at is 'When this version was last read from the API, UTC, milliseconds; clock of the machine that ran the sync.';
comment on column main.completions.first_synced_at is 'When the completion first reached the warehouse, UTC; clock of the machine that ran the sync.';
comment on column main.completions.synced_run_id is 'Run that wrote this version; sync.runs.run_id.';

create table main.completion_usage (
  source varchar not null,
  completion_id varchar not null,
  created_at timestamptz not null,
  model varchar,
  service_tier varchar,
  prompt_tokens bigint,
  completion_tokens bigint,
  total_tokens bigint,
  prompt_cached_tokens bigint,
  prompt_cache_write_tokens bigint,
  prompt_audio_tokens bigint,
  prompt_text_tokens bigint,
  prompt_image_tokens bigint,
  completion_reasoning_tokens bigint,
  completion_audio_tokens bigint,
  completion_text_tokens bigint,
  completion_accepted_prediction_tokens bigint,
  completion_rejected_prediction_tokens bigint,
  compute_units double,
  usage json
);
comment on table main.completion_usage is 'Token usage, one row a completion; a count the API did not give is NULL, not 0.';
comment on column main.completion_usage.source is 'Name of the source; completions.source.';
comment on column main.completion_usage.completion_id is 'Id of the completion; completions.id.';
comment on column main.completion_usage.created_at is 'When the completion was created, UTC, whole seconds; completions.created_at.';
comment on column main.completion_usage.model is 'Model that answered; completions.model.';
comment on column main.completion_usage.service_tier is 'Tier that served the request; completions.service_tier.';
comment on column main.completion_usage.prompt_tokens is 'Tokens of the prompt, cached ones included; usage.prompt_tokens.';
comment on column main.completion_usage.completion_tokens is 'Tokens of the answer, reasoning and rejected predictions included; usage.completion_tokens.';
comment on column main.completion_usage.total_tokens is 'Tokens of prompt and answer; usage.total_tokens.';
comment on column main.completion_usage.prompt_cached_tokens is 'Part of prompt_tokens read from the cache, tokens; usage.prompt_tokens_details.cached_tokens.';
comment on column main.completion_usage.prompt_cache_write_tokens is 'Prompt tokens written to the cache, tokens; usage.prompt_tokens_details.cache_write_tokens.';
comment on column main.completion_usage.prompt_audio_tokens is 'Part of prompt_tokens that is audio, tokens; usage.prompt_tokens_details.audio_tokens.';
comment on column main.completion_usage.prompt_text_tokens is 'Part of prompt_tokens that is text, tokens; usage.prompt_tokens_details.text_tokens.';
comment on column main.completion_usage.prompt_image_tokens is 'Part of prompt_tokens that is images, tokens; usage.prompt_tokens_details.image_tokens.';
comment on column main.completion_usage.completion_reasoning_tokens is 'Part of completion_tokens spent on reasoning, tokens; usage.completion_tokens_details.reasoning_tokens.';
comment on column main.completion_usage.completion_audio_tokens is 'Part of completion_tokens that is audio, tokens; usage.completion_tokens_details.audio_tokens.';
comment on column main.completion_usage.completion_text_tokens is 'Part of completion_tokens that is text, tokens; usage.completion_tokens_details.text_tokens.';
comment on column main.completion_usage.completion_accepted_prediction_tokens is 'Predicted tokens that appeared in the answer, tokens; usage.completion_tokens_details.accepted_prediction_tokens.';
comment on column main.completion_usage.completion_rejected_prediction_tokens is 'Predicted tokens that did not, billed within completion_tokens, tokens; usage.completion_tokens_details.rejected_prediction_tokens.';
comment on column main.completion_usage.compute_units is 'Compute units of the request, NULL so far; usage.compute_units.';
comment on column main.completion_usage.usage is 'The whole usage object, JSON, for counters that have no column yet; NULL when the API gave none. Numbers only when kept without content.';
