/** The JSON of generated rows, in the shape that stored completions have; made on demand, never kept. */
import { type Generated, SALT } from './generate.ts';
import { rowId } from './ids.ts';
import type { ItemShape } from './quirks.ts';
import { dice, fraction, hash } from './random.ts';
import { argumentsOf, GREETINGS, QUESTIONS, SENTENCES, TOOLS } from './texts.ts';

/** A field and its JSON text; undefined: the field is absent. */
type Field = readonly [key: string, json: string | undefined];

/** @returns the object's JSON text; keys are plain words that need no escape. */
export function jsonObject(fields: readonly Field[], nulls: ItemShape['nulls']): string {
  let text = '';
  for (const field of fields) {
    const json = field[1];
    if (json === undefined || (nulls === 'omitted' && json === 'null')) continue;
    text += `${text === '' ? '{' : ','}"${field[0]}":${json}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** Four hexadecimal digits at a time: with `toString` and `padStart` a page took 15 % longer. */
const HEX = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));
const hex = (value: number): string => (HEX[value >>> 16] as string) + (HEX[value & 0xffff] as string);
/** Three decimal digits at a time. */
const DECIMAL = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'));
const threeDigits = (value: number): string => DECIMAL[value % 1000] as string;
const nineDigits = (value: number): string =>
  threeDigits(Math.floor(value / 1e6)) + threeDigits(Math.floor(value / 1000)) + threeDigits(value);

/** 128 bits of a row as hexadecimal digits. */
function hex128(seed: number, index: number, salt: number): string {
  const part = (step: number): string => hex(hash(seed, index, salt + step));
  return part(0) + part(11) + part(22) + part(33);
}

/** `req_<32 hex>` as OpenAI has it, or a uuid as Azure has it. */
export function requestId(seed: number, index: number, kind: ItemShape['requestId']): string {
  const digits = hex128(seed, index, SALT.request);
  if (kind === 'req') return `req_${digits}`;
  const { 0: a, 1: b, 2: c, 3: d, 4: e } = digits.match(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/)?.slice(1) ?? [];
  return `${a}-${b}-${c}-${d}-${e}`;
}

/** An int64 beyond 2^53 in size, half of them negative, as every recorded `seed` is. */
export function int64Seed(seed: number, index: number): string {
  const high = 1 + (hash(seed, index, SALT.seed) % 8);
  const middle = nineDigits(hash(seed, index, SALT.seed + 50));
  const low = nineDigits(hash(seed, index, SALT.seed + 60));
  const sign = hash(seed, index, SALT.seed + 70) % 2 === 0 ? '-' : '';
  return `${sign}${high}${middle}${low}`;
}

/** Metadata of a generated row. */
export function metadataOf(generated: Generated, index: number): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [key, column] of generated.metadata) {
    const value = column.values[column.codeOf(index)];
    if (value !== undefined) metadata[key] = value;
  }
  return metadata;
}

function metadataJson(generated: Generated, index: number): string {
  let text = '';
  for (const column of generated.metadata.values()) {
    const pair = column.pairs[column.codeOf(index)];
    if (pair !== undefined) text += text === '' ? pair : `,${pair}`;
  }
  return `{${text}}`;
}

interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
}

/** Token counts spread as real ones are (log-normal); models that think spend more. */
function usageOf(seed: number, index: number, model: string): Usage {
  const roll = dice(hash(seed, index, SALT.usage));
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - roll())) * Math.cos(2 * Math.PI * roll());
  const promptTokens = 8 + Math.round(Math.exp(6 + normal()));
  const answerTokens = 1 + Math.round(Math.exp(4.6 + 0.9 * normal()));
  const thinks = model.startsWith('o') || model.startsWith('gpt-5');
  const reasoningTokens = thinks ? 64 * Math.floor(1 + 12 * roll()) : 0;
  const cachedTokens =
    promptTokens >= 1024 && roll() < 0.6 ? 128 * Math.floor((promptTokens * roll()) / 128) : 0;
  return { promptTokens, completionTokens: answerTokens + reasoningTokens, cachedTokens, reasoningTokens };
}

function usageJson(usage: Usage, details: 'present' | 'null' | 'absent'): string {
  const { promptTokens, completionTokens } = usage;
  const counts = `"total_tokens":${promptTokens + completionTokens},"completion_tokens":${completionTokens},"prompt_tokens":${promptTokens}`;
  if (details === 'absent') return `{${counts}}`;
  if (details === 'null') return `{${counts},"completion_tokens_details":null,"prompt_tokens_details":null}`;
  return (
    `{${counts},"prompt_tokens_details":{"cached_tokens":${usage.cachedTokens},"audio_tokens":0},` +
    `"completion_tokens_details":{"reasoning_tokens":${usage.reasoningTokens},"audio_tokens":0,` +
    '"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}'
  );
}

type Kind = 'text' | 'tools' | 'refusal';
function kindOf(generated: Generated, index: number): Kind {
  const { seed, toolCallShare, refusalShare } = generated.options;
  const share = fraction(seed, index, SALT.kind);
  if (share < toolCallShare) return 'tools';
  return share < toolCallShare + refusalShare ? 'refusal' : 'text';
}

/** An answer's text as JSON, two to four sentences. */
function answerJson(seed: number, index: number, choice: number): string {
  const first = hash(seed, index, SALT.text + 31 * choice);
  let text = GREETINGS[first % GREETINGS.length] ?? '';
  for (let count = 1 + ((first >>> 8) % 3); count >= 0; count--) {
    text += ` ${SENTENCES[(first + 7 * count) % SENTENCES.length]}`;
  }
  return `"${text}"`;
}

function choiceJson(
  generated: Generated,
  index: number,
  choice: number,
  kind: Kind,
  shape: ItemShape,
): string {
  const { seed } = generated.options;
  const share = fraction(seed, index, SALT.kind + 40);
  const reason =
    kind === 'tools' ? 'tool_calls' : share < 0.03 ? 'length' : share < 0.033 ? 'content_filter' : 'stop';
  const message = jsonObject(
    [
      ['content', kind === 'text' ? answerJson(seed, index, choice) : 'null'],
      ['refusal', kind === 'refusal' ? '"That is outside of what this assistant can do."' : undefined],
      ['role', '"assistant"'],
      ['tool_calls', kind === 'tools' ? toolCallsJson(seed, index) : 'null'],
      ['function_call', 'null'],
    ],
    shape.nulls,
  );
  return jsonObject(
    [
      ['index', String(choice)],
      ['message', message],
      ['finish_reason', valueAs(shape.finishReason, `"${reason}"`)],
      ['logprobs', 'null'],
    ],
    shape.nulls,
  );
}

function toolCallsJson(seed: number, index: number): string {
  const pickOf = hash(seed, index, SALT.kind + 80);
  const calls = Array.from({ length: 1 + (pickOf % 7 === 0 ? 1 : 0) }, (_, place) => {
    const tool = (pickOf + place) % TOOLS.length;
    const name = TOOLS[tool]?.name ?? '';
    const text = JSON.stringify(argumentsOf(tool, pickOf));
    return `{"type":"function","function":{"name":"${name}","arguments":${text}},"id":"call_${hex128(seed, index, SALT.kind + place).slice(0, 24)}"}`;
  });
  return `[${calls.join(',')}]`;
}

const valueAs = (presence: 'present' | 'null' | 'absent', json: string): string | undefined =>
  presence === 'present' ? json : presence === 'null' ? 'null' : undefined;

/** The JSON text of a generated row as a list or a retrieve shows it; keys in the recorded order. */
export function renderItem(generated: Generated, index: number, shape: ItemShape): string {
  const { options } = generated;
  const { seed } = options;
  const model = generated.model.values[generated.model.codeOf(index)] ?? '';
  const kind = kindOf(generated, index);
  const tier = fraction(seed, index, SALT.tier);
  const stored = (json: string): string | undefined => (shape.storedFields === 'present' ? json : undefined);
  const usage = fraction(seed, index, SALT.usage + 20) < options.usageShare ? shape.usage : 'absent';
  const ownDetails =
    fraction(seed, index, SALT.usage + 30) < options.usageDetailsShare ? 'present' : 'absent';
  const details = shape.usageDetails === 'own' ? ownDetails : shape.usageDetails;
  const several = kind === 'text' && fraction(seed, index, SALT.kind + 20) < options.severalChoicesShare;
  const choices = [0, 1].slice(0, several ? 2 : 1).map((at) => choiceJson(generated, index, at, kind, shape));
  const user = hash(seed, index, SALT.tier + 10);
  return jsonObject(
    [
      ['object', valueAs(shape.object, '"chat.completion"')],
      ['id', `"${rowId(seed, index)}"`],
      ['model', `"${model}"`],
      ['created', String(generated.created[index])],
      ['request_id', stored(`"${requestId(seed, index, shape.requestId)}"`)],
      ['tool_choice', stored(kind === 'tools' ? '"auto"' : 'null')],
      ['usage', valueAs(usage, usageJson(usageOf(seed, index, model), details))],
      ['seed', stored(int64Seed(seed, index))],
      ['top_p', stored('1.0')],
      ['temperature', stored(tier < 0.5 ? '1.0' : '0.2')],
      ['presence_penalty', stored('0.0')],
      ['frequency_penalty', stored('0.0')],
      ['system_fingerprint', `"fp_${hex(hash(0, Math.floor(tier * 8), SALT.tier))}"`],
      ['input_user', stored(user % 3 === 0 ? `"u-${user % 1000}"` : 'null')],
      ['service_tier', shape.serviceTier === 'null' ? 'null' : tierJson(tier)],
      ['tools', stored(kind === 'tools' ? TOOLS_JSON : 'null')],
      ['metadata', shape.metadata === 'present' ? metadataJson(generated, index) : undefined],
      ['choices', `[${choices.join(',')}]`],
      ['response_format', stored(user % 11 === 0 ? '{"type":"json_object"}' : 'null')],
      ['input_messages', shape.inputMessages ? `[${renderMessages(generated, index).join(',')}]` : undefined],
    ],
    shape.nulls,
  );
}

const TOOLS_JSON = JSON.stringify(TOOLS.map((definition) => ({ type: 'function', function: definition })));
const tierJson = (share: number): string =>
  share < 0.9 ? '"default"' : share < 0.95 ? '"flex"' : share < 0.98 ? '"priority"' : 'null';

/** The input messages of a generated row as JSON texts without ids: a system message, then one to three turns. */
export function renderMessages(generated: Generated, index: number): string[] {
  const { seed } = generated.options;
  const first = hash(seed, index, SALT.text + 5);
  const messages = [messageJson('system', '"Be brief and exact."')];
  for (let turn = 0; turn < 1 + (first % 3); turn++) {
    if (turn > 0)
      messages.push(messageJson('assistant', `"${SENTENCES[(first + turn) % SENTENCES.length]}"`));
    messages.push(messageJson('user', `"${QUESTIONS[(first + turn) % QUESTIONS.length]}"`));
  }
  return messages;
}

/** @param content JSON text. @see the recorded messages: role, content, content_parts and name behind the id. */
export function messageJson(role: string, content: string, contentParts = 'null'): string {
  return `{"role":"${role}","content":${content},"content_parts":${contentParts},"name":null}`;
}
