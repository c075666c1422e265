/**
 * Rows as the statements of sql/load/stage_*.sql read them: names of columns, `created` in Unix seconds, 64-bit numbers as
 * digits in a string, JSON columns as JSON text. `source` and the run are parameters of the statement.
 */

type Digits = string;
type JsonText = string;

export interface CompletionRow {
  readonly id: string;
  readonly created: number;
  readonly model: string | null;
  readonly service_tier: string | null;
  readonly request_id: string | null;
  readonly input_user: string | null;
  readonly metadata: JsonText | null;
  readonly choice_count: number;
  readonly system_fingerprint: string | null;
  readonly temperature: number | null;
  readonly top_p: number | null;
  readonly presence_penalty: number | null;
  readonly frequency_penalty: number | null;
  readonly seed: Digits | null;
  readonly tool_choice: JsonText | null;
  readonly tools: JsonText | null;
  readonly response_format: JsonText | null;
  readonly moderation: JsonText | null;
  readonly input_messages: JsonText | null;
  readonly object: string | null;
  readonly extra: JsonText | null;
  readonly raw: string;
  readonly raw_hash: string;
  readonly observed_at_ms: number;
}

/** What a row of a completion's parts is keyed by. */
export interface PartKey {
  readonly completion_id: string;
  readonly created: number;
}

export interface UsageRow extends PartKey {
  readonly model: string | null;
  readonly service_tier: string | null;
  readonly prompt_tokens: Digits | null;
  readonly completion_tokens: Digits | null;
  readonly total_tokens: Digits | null;
  readonly prompt_cached_tokens: Digits | null;
  readonly prompt_cache_write_tokens: Digits | null;
  readonly prompt_audio_tokens: Digits | null;
  readonly prompt_text_tokens: Digits | null;
  readonly prompt_image_tokens: Digits | null;
  readonly completion_reasoning_tokens: Digits | null;
  readonly completion_audio_tokens: Digits | null;
  readonly completion_text_tokens: Digits | null;
  readonly completion_accepted_prediction_tokens: Digits | null;
  readonly completion_rejected_prediction_tokens: Digits | null;
  readonly compute_units: number | null;
  readonly usage: JsonText | null;
}

export interface ChoiceRow extends PartKey {
  readonly choice_index: Digits;
  readonly finish_reason: string | null;
  readonly role: string | null;
  readonly content: string | null;
  readonly refusal: string | null;
  readonly reasoning_content: string | null;
  readonly tool_call_count: number;
  readonly function_call: JsonText | null;
  readonly annotations: JsonText | null;
  readonly audio: JsonText | null;
  readonly logprobs: JsonText | null;
  readonly extra: JsonText | null;
}

export interface ToolCallRow extends PartKey {
  readonly choice_index: Digits;
  readonly tool_call_index: number;
  readonly tool_call_id: string | null;
  readonly type: string | null;
  readonly name: string | null;
  readonly arguments: string | null;
}

export interface MetadataRow extends PartKey {
  readonly key: string;
  readonly value: string | null;
}

export interface MessageRow extends PartKey {
  readonly message_index: number;
  readonly message_id: string | null;
  readonly role: string | null;
  readonly name: string | null;
  readonly content: string | null;
  readonly content_parts: JsonText | null;
  readonly tool_call_id: string | null;
  readonly tool_calls: JsonText | null;
  readonly raw: string;
}

export interface RejectedRow {
  readonly raw_sha256: string;
  readonly id: string | null;
  readonly created: number | null;
  readonly reason: string;
  readonly raw: string | null;
  readonly raw_length: number;
}

/** Rows of one item (or message) by the name of their staging statement, `sql/load/stage_<name>.sql`. */
export interface StagedRows {
  readonly completions: readonly CompletionRow[];
  readonly usage: readonly UsageRow[];
  readonly choices: readonly ChoiceRow[];
  readonly tool_calls: readonly ToolCallRow[];
  readonly metadata: readonly MetadataRow[];
  readonly messages: readonly MessageRow[];
}

export const NO_ROWS: StagedRows = {
  completions: [],
  usage: [],
  choices: [],
  tool_calls: [],
  metadata: [],
  messages: [],
};
