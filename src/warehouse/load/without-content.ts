import { type Fields, fieldsOf, isFields, listOf } from './fields.ts';

/**
 * A completion without any prompt or answer text (CONTENT=none). Everything is named that may stay: fields that only some
 * other server has are dropped, as nobody knows what they hold. Pure.
 */

/** What fields hold that name things: ids, enumerations, tool names. Sentences have spaces. */
const NAME = /^[\w.:/@+-]{1,256}$/;
/** Keys of counters and of moderation categories, such as `violence/graphic`. */
const KEY = /^[a-z][a-z0-9_/-]{0,63}$/;

type Keep = (value: unknown) => unknown;

const keepNumber: Keep = (value) =>
  typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
const keepFlag: Keep = (value) => (typeof value === 'boolean' ? value : undefined);
const keepName: Keep = (value) => (typeof value === 'string' && NAME.test(value) ? value : undefined);
/** Ids, models and the caller's own labels: kept whatever they look like. */
const keepText: Keep = (value) => (typeof value === 'string' ? value : undefined);

/** null stays null: that a field is there and empty says nothing of the content. */
const orNull =
  (keep: Keep): Keep =>
  (value) =>
    value === null ? null : keep(value);

const keepFields =
  (named: Readonly<Record<string, Keep>>): Keep =>
  (value) => {
    if (!isFields(value)) return undefined;
    const kept = Object.entries(named)
      .map(([key, keep]) => [key, orNull(keep)(value[key])] as const)
      .filter(([, member]) => member !== undefined);
    return Object.fromEntries(kept);
  };

const keepList =
  (keep: Keep): Keep =>
  (value) =>
    Array.isArray(value) ? listOf(value).map((element) => keep(element) ?? null) : undefined;

/** An object of any counters (numbers, or objects of them): new ones may come, and numbers are no text. */
const keepCounters =
  (keep: Keep, depth: number): Keep =>
  (value) => {
    if (!isFields(value)) return undefined;
    const inner = depth > 1 ? keepCounters(keep, depth - 1) : keep;
    const kept = Object.entries(value)
      .filter(([key]) => KEY.test(key))
      .map(([key, member]) => [key, member === null ? null : (keep(member) ?? inner(member))] as const)
      .filter(([, member]) => member !== undefined);
    return Object.fromEntries(kept);
  };

const keepMetadata: Keep = (value) =>
  isFields(value)
    ? Object.fromEntries(Object.entries(value).filter(([, label]) => keepText(label) !== undefined))
    : undefined;

const keepToolCall = keepFields({
  id: keepName,
  type: keepName,
  function: keepFields({ name: keepName }),
  custom: keepFields({ name: keepName }),
});

const keepToolChoice: Keep = (value) => keepName(value) ?? keepToolCall(value);

const keepModerationSide = keepFields({
  type: keepName,
  model: keepName,
  code: keepName,
  results: keepList(
    keepFields({
      type: keepName,
      model: keepName,
      flagged: keepFlag,
      categories: keepCounters(keepFlag, 1),
      category_scores: keepCounters(keepNumber, 1),
    }),
  ),
});

const keepChoice = keepFields({
  index: keepNumber,
  finish_reason: keepName,
  message: keepFields({
    role: keepName,
    tool_calls: keepList(keepToolCall),
    function_call: keepFields({ name: keepName }),
  }),
});

const keepCompletion = keepFields({
  id: keepText,
  object: keepName,
  created: keepNumber,
  model: keepText,
  request_id: keepName,
  choices: keepList(keepChoice),
  usage: keepCounters(keepNumber, 3),
  metadata: keepMetadata,
  service_tier: keepName,
  system_fingerprint: keepName,
  seed: keepNumber,
  temperature: keepNumber,
  top_p: keepNumber,
  presence_penalty: keepNumber,
  frequency_penalty: keepNumber,
  input_user: keepText,
  tool_choice: keepToolChoice,
  tools: keepList(
    keepFields({
      type: keepName,
      function: keepFields({ name: keepName, strict: keepFlag }),
      custom: keepFields({ name: keepName }),
    }),
  ),
  response_format: keepFields({
    type: keepName,
    json_schema: keepFields({ name: keepName, strict: keepFlag }),
  }),
  moderation: keepFields({ input: keepModerationSide, output: keepModerationSide }),
});

const keepMessage = keepFields({ id: keepName, role: keepName, tool_call_id: keepName });

export const completionWithoutContent = (fields: Fields): Fields => fieldsOf(keepCompletion(fields));
export const messageWithoutContent = (fields: Fields): Fields => fieldsOf(keepMessage(fields));
