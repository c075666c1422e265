/**
 * Tells the completions that a database engine's JSON reader reads as JSON.parse does from those that it may not. Pure.
 *
 * DuckDB's reader differs (tried, 1.5.5): of a key that is there twice the first one counts; an escaped lone surrogate fails
 * the whole statement; a number where a text is asked for becomes a text; a count with a fraction is rounded; an integer
 * beyond 64 bits becomes NULL. What this calls plain has none of that, and no field that a column would have to be made for.
 */
import { FLAT_SPELLINGS, spellingsWithin } from './cache-spellings.ts';
import type { Element } from './json-bytes.ts';

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const anything: Check = () => true;
const nothing: Check = (value) => value === null;
const text: Check = (value) => typeof value === 'string' || value === null;
const number: Check = (value) => value === null || Number.isFinite(value);
const count: Check = (value) => value === null || Number.isSafeInteger(value);
/** Below 2^63 by a margin, as the number may have been rounded; a bigint has not. */
const int64: Check = (value) =>
  value === null ||
  (Number.isInteger(value) && Math.abs(value as number) < 9.223372036854774e18) ||
  (typeof value === 'bigint' && value < 2n ** 63n && value >= -(2n ** 63n));

/** Without a prototype: a key `constructor` is not named. */
const named = (checks: Record<string, Check>): Record<string, Check> =>
  Object.assign(Object.create(null) as Record<string, Check>, checks);

/** Every member is named and passes its check. */
function hasOnly(fields: Fields, checks: Record<string, Check>): boolean {
  for (const key in fields) {
    const check = checks[key];
    if (check === undefined || !check(fields[key])) return false;
  }
  return true;
}

/** The members that are named pass their checks; there may be others. */
function hasGood(fields: Fields, checks: Record<string, Check>): boolean {
  for (const key in checks) {
    const value = fields[key];
    if (value !== undefined && !checks[key]?.(value)) return false;
  }
  return true;
}

const object =
  (checks: Record<string, Check>): Check =>
  (value) =>
    value === null || (isObject(value) && hasGood(value, checks));

const labels: Check = (value) => {
  if (value === null) return true;
  if (!isObject(value)) return false;
  for (const key in value) if (!text(value[key])) return false;
  return true;
};

const counts = (names: readonly string[]): Record<string, Check> =>
  Object.fromEntries(names.map((name) => [name, count]));

const USAGE = named({
  ...counts(FLAT_SPELLINGS),
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: object(
    named({
      ...counts(spellingsWithin('prompt_tokens_details')),
      audio_tokens: count,
      text_tokens: count,
      image_tokens: count,
    }),
  ),
  prompt_token_details: object(named(counts(spellingsWithin('prompt_token_details')))),
  completion_tokens_details: object(
    named({
      reasoning_tokens: count,
      audio_tokens: count,
      text_tokens: count,
      accepted_prediction_tokens: count,
      rejected_prediction_tokens: count,
    }),
  ),
  compute_units: number,
});

const FUNCTION = named({ name: text, arguments: text, input: (value) => value === undefined });
const CUSTOM = named({ name: text, input: text, arguments: (value) => value === undefined });
const TOOL_CALL = named({ id: text, type: text, function: object(FUNCTION), custom: object(CUSTOM) });

const toolCalls: Check = (value) =>
  value === null ||
  (Array.isArray(value) &&
    value.every(
      (call) =>
        isObject(call) &&
        hasGood(call, TOOL_CALL) &&
        // Which of the two it is decides the name: a call of both kinds is odd.
        (isObject(call['function']) ? call['custom'] === undefined : isObject(call['custom'])),
    ));

const MESSAGE = named({
  role: text,
  content: text,
  refusal: text,
  reasoning_content: text,
  reasoning: text,
  tool_calls: toolCalls,
  function_call: anything,
  annotations: anything,
  audio: nothing,
});

const message: Check = (value) => isObject(value) && hasOnly(value, MESSAGE);
const CHOICE = named({ index: count, finish_reason: text, logprobs: anything, message });

const choices: Check = (value) =>
  Array.isArray(value) &&
  value.every((choice, place) => isObject(choice) && choice['index'] === place && hasOnly(choice, CHOICE));

const COMPLETION = named({
  id: text,
  object: text,
  created: count,
  model: text,
  choices,
  usage: object(USAGE),
  metadata: labels,
  service_tier: text,
  system_fingerprint: text,
  moderation: anything,
  request_id: text,
  seed: int64,
  top_p: number,
  temperature: number,
  presence_penalty: number,
  frequency_penalty: number,
  tool_choice: anything,
  tools: anything,
  response_format: anything,
  input_user: text,
  input_messages: anything,
});

/** Deeper values go the careful way, which knows how deep a column may be. */
const DEPTH_MAX = 64;
/**
 * `\u0000`, and escapes of surrogates without their other half. An escaped backslash before such letters is taken for one:
 * no harm, such a text is only read with more care.
 */
const ODD_ESCAPE =
  /\\u(?:0000|[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F]))/;

/**
 * @param text JSON text of an object. @param body what JSON.parse makes of it. @param form what its brackets and colons tell.
 */
export function isPlain(text: string, body: unknown, form: Pick<Element, 'members' | 'depth'>): boolean {
  return (
    isObject(body) &&
    form.depth <= DEPTH_MAX &&
    hasOnly(body, COMPLETION) &&
    // Fewer than the text has: a key was there twice.
    countMembers(body) === form.members &&
    !(text.includes('\\u') && ODD_ESCAPE.test(text))
  );
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const element of value) members += countMembers(element);
    return members;
  }
  const fields = value as Fields;
  for (const key in fields) members += 1 + countMembers(fields[key]);
  return members;
}
