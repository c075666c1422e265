import { CACHE_SPELLINGS, type CacheSpelling } from '../../completion/cache-spellings.ts';
import { type Element, elementsAt, skipSpace, valueAt } from '../../completion/json-bytes.ts';
import { decimal38, double, type Fields, fieldsOf, int64, listOf, text, textOrJson } from './fields.ts';
import { ObjectText } from './object-text.ts';
import {
  type ChoiceRow,
  type CompletionRow,
  type MessageRow,
  type MetadataRow,
  NO_ROWS,
  type PartKey,
  type StagedRows,
  type ToolCallRow,
  type UsageRow,
} from './rows.ts';

/** One completion's JSON taken apart into rows: the careful way, for what is not plain. Pure. */

export interface Flattened {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly observedAtMs: number;
  /** JSON text in UTF-8. */
  readonly raw: Uint8Array;
  readonly rawHash: string;
  /** `raw` parsed, integers to the digit. */
  readonly fields: Fields;
}

const NAMED = new Set([
  ...[
    'id',
    'object',
    'created',
    'model',
    'choices',
    'usage',
    'metadata',
    'service_tier',
    'system_fingerprint',
  ],
  ...['moderation', 'request_id', 'seed', 'top_p', 'temperature', 'presence_penalty', 'frequency_penalty'],
  ...['tool_choice', 'tools', 'response_format', 'input_user', 'input_messages'],
]);
const NAMED_IN_CHOICE = new Set(['index', 'finish_reason', 'logprobs', 'message']);
const NAMED_IN_MESSAGE = new Set([
  ...['role', 'content', 'refusal', 'reasoning_content', 'reasoning', 'tool_calls', 'function_call'],
  ...['annotations', 'audio'],
]);

/** @returns the rows of all tables; `messages` stays empty. */
export function flatten(item: Flattened): StagedRows {
  const key = { completion_id: item.id.toWellFormed(), created: item.created };
  const texts = new ObjectText(item.raw, valueAt(item.raw, skipSpace(item.raw, 0)));
  const choices = numberedChoices(item.fields['choices'], item.raw, texts.at('choices'));
  return {
    ...NO_ROWS,
    completions: [completionRow(item, texts, choices.length)],
    usage: [usageRow(key, item.fields, texts)],
    choices: choices.map((choice) => choiceRow(key, choice)),
    tool_calls: choices.flatMap((choice) => toolCallRows(key, choice)),
    metadata: Object.entries(fieldsOf(item.fields['metadata'])).map(([name, value]): MetadataRow => {
      return { ...key, key: name.toWellFormed(), value: textOrJson(value) };
    }),
  };
}

function completionRow(
  { id, created, observedAtMs, raw, rawHash, fields }: Flattened,
  texts: ObjectText,
  choiceCount: number,
): CompletionRow {
  return {
    id: id.toWellFormed(),
    created,
    model: text(fields['model']),
    service_tier: text(fields['service_tier']),
    request_id: text(fields['request_id']),
    input_user: text(fields['input_user']),
    metadata: texts.json('metadata'),
    choice_count: choiceCount,
    system_fingerprint: text(fields['system_fingerprint']),
    temperature: double(fields['temperature']),
    top_p: double(fields['top_p']),
    presence_penalty: double(fields['presence_penalty']),
    frequency_penalty: double(fields['frequency_penalty']),
    seed: decimal38(fields['seed']),
    tool_choice: texts.json('tool_choice'),
    tools: texts.json('tools'),
    response_format: texts.json('response_format'),
    moderation: texts.json('moderation'),
    input_messages: texts.json('input_messages'),
    object: text(fields['object']),
    extra: texts.others(NAMED),
    raw: Buffer.from(raw).toString('utf8'),
    raw_hash: rawHash,
    observed_at_ms: observedAtMs,
  };
}

function usageRow(key: PartKey, fields: Fields, texts: ObjectText): UsageRow {
  const usage = fieldsOf(fields['usage']);
  const prompt = fieldsOf(usage['prompt_tokens_details']);
  const completion = fieldsOf(usage['completion_tokens_details']);
  return {
    ...key,
    model: text(fields['model']),
    service_tier: text(fields['service_tier']),
    prompt_tokens: int64(usage['prompt_tokens']),
    completion_tokens: int64(usage['completion_tokens']),
    total_tokens: int64(usage['total_tokens']),
    prompt_cached_tokens: firstCount(usage, CACHE_SPELLINGS.prompt_cached_tokens),
    prompt_cache_write_tokens: firstCount(usage, CACHE_SPELLINGS.prompt_cache_write_tokens),
    prompt_audio_tokens: int64(prompt['audio_tokens']),
    prompt_text_tokens: int64(prompt['text_tokens']),
    prompt_image_tokens: int64(prompt['image_tokens']),
    completion_reasoning_tokens: int64(completion['reasoning_tokens']),
    completion_audio_tokens: int64(completion['audio_tokens']),
    completion_text_tokens: int64(completion['text_tokens']),
    completion_accepted_prediction_tokens: int64(completion['accepted_prediction_tokens']),
    completion_rejected_prediction_tokens: int64(completion['rejected_prediction_tokens']),
    compute_units: double(usage['compute_units']),
    usage: texts.json('usage'),
  };
}

/** The first spelling that is a count; what is none does not stand in the way of the next. */
function firstCount(usage: Fields, spellings: readonly CacheSpelling[]): string | null {
  for (const { path } of spellings) {
    const [name, within] = path;
    const found = int64(within === undefined ? usage[name] : fieldsOf(usage[name])[within]);
    if (found !== null) return found;
  }
  return null;
}

interface NumberedChoice {
  readonly index: string;
  readonly fields: Fields;
  readonly message: Fields;
  readonly texts: ObjectText;
}

/** By `index`, or by place when an index is missing or there twice: tool calls are joined by it. */
function numberedChoices(
  choices: unknown,
  raw: Uint8Array,
  at: Element | undefined,
): readonly NumberedChoice[] {
  const all = listOf(choices).map(fieldsOf);
  const elements = at === undefined || all.length === 0 ? [] : elementsAt(raw, at.start);
  const indexes = all.map((choice) => int64(choice['index']));
  const usable = !indexes.includes(null) && new Set(indexes).size === indexes.length;
  return all.map((fields, place) => ({
    index: (usable ? indexes[place] : null) ?? String(place),
    fields,
    message: fieldsOf(fields['message']),
    texts: new ObjectText(raw, elements[place]),
  }));
}

/** The sound itself is megabytes of base64; raw keeps it. */
const SOUND = new Set(['data']);

function choiceRow(key: PartKey, { index, fields, message, texts }: NumberedChoice): ChoiceRow {
  const messageTexts = texts.object('message');
  return {
    ...key,
    choice_index: index,
    finish_reason: text(fields['finish_reason']),
    role: text(message['role']),
    content: textOrJson(message['content']),
    refusal: text(message['refusal']),
    reasoning_content: text(message['reasoning_content']) ?? text(message['reasoning']),
    tool_call_count: listOf(message['tool_calls']).length,
    function_call: messageTexts.json('function_call'),
    annotations: messageTexts.json('annotations'),
    audio: messageTexts.object('audio').others(SOUND),
    logprobs: texts.json('logprobs'),
    extra: texts.others(NAMED_IN_CHOICE, { message: messageTexts.others(NAMED_IN_MESSAGE) }),
  };
}

function toolCallRows(key: PartKey, { index, message }: NumberedChoice): readonly ToolCallRow[] {
  return listOf(message['tool_calls'])
    .map(fieldsOf)
    .map((call, place) => {
      const called = { ...fieldsOf(call['custom']), ...fieldsOf(call['function']) };
      return {
        ...key,
        choice_index: index,
        tool_call_index: place,
        tool_call_id: text(call['id']),
        type: text(call['type']),
        name: text(called['name']),
        arguments: textOrJson(called['arguments'] ?? called['input']),
      };
    });
}

/** One message of a completion's input; `raw` and `fields` as they are to be stored. */
export function flattenMessage(key: PartKey, index: number, raw: string, fields: Fields): MessageRow {
  const bytes = Buffer.from(raw);
  const texts = new ObjectText(bytes, valueAt(bytes, skipSpace(bytes, 0)));
  return {
    ...key,
    message_index: index,
    message_id: text(fields['id']),
    role: text(fields['role']),
    name: text(fields['name']),
    content: textOrJson(fields['content']),
    content_parts: texts.json('content_parts'),
    tool_call_id: text(fields['tool_call_id']),
    tool_calls: texts.json('tool_calls'),
    raw: raw.toWellFormed(),
  };
}
