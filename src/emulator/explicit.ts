/** Rows that tests and `POST` add: their JSON is kept and served to the character. */
import { messageJson } from './render.ts';

/** A row to add. Without `raw` it gets the shape of a stored completion. */
export interface NewRow {
  readonly id: string;
  /** Unix seconds; where the row stands in the list, whatever `raw` says. */
  readonly created: number;
  /** The item's JSON text. It need not be a valid item: this is how broken ones are served. */
  readonly raw?: string | undefined;
  /** What `model=` finds it by; taken from `raw` when not given. */
  readonly model?: string | undefined;
  /** What `metadata[k]=` finds it by; taken from `raw` when not given. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** JSON texts of the input messages, in order; an `id` is put in front when a text has none. */
  readonly messages?: readonly string[] | undefined;
  /** Server time from which the row can be seen; not given: at once. */
  readonly visibleAtSeconds?: number | undefined;
}

export interface ExplicitRow {
  readonly id: string;
  readonly created: number;
  readonly model: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly raw: string;
  readonly messages: readonly string[];
  readonly visibleAtSeconds: number | null;
}

const DEFAULT_MODEL = 'gpt-4.1-mini-2025-04-14';

export function explicitRow(row: NewRow): ExplicitRow {
  const given = row.raw === undefined ? null : fieldsOf(row.raw);
  const model = row.model ?? (row.raw === undefined ? DEFAULT_MODEL : (given?.model ?? null));
  const metadata = row.metadata ?? given?.metadata ?? {};
  return {
    id: row.id,
    created: row.created,
    model,
    metadata,
    raw: row.raw ?? plainItem(row.id, row.created, model ?? DEFAULT_MODEL, metadata),
    messages: row.messages ?? [messageJson('user', '"Hello."')],
    visibleAtSeconds: row.visibleAtSeconds ?? null,
  };
}

/** A small item in the stored shape, with a seed beyond 2^53 as every recorded one has. */
function plainItem(
  id: string,
  created: number,
  model: string,
  metadata: Readonly<Record<string, string>>,
): string {
  return (
    `{"object":"chat.completion","id":${JSON.stringify(id)},"model":${JSON.stringify(model)},"created":${created},` +
    '"request_id":"req_00000000000000000000000000000000","tool_choice":null,' +
    '"usage":{"total_tokens":20,"completion_tokens":9,"prompt_tokens":11},"seed":4944116822809979520,' +
    '"top_p":1.0,"temperature":1.0,"presence_penalty":0.0,"frequency_penalty":0.0,' +
    '"system_fingerprint":"fp_50cad350e4","input_user":null,"service_tier":"default","tools":null,' +
    `"metadata":${JSON.stringify(metadata)},"choices":[{"index":0,"message":{"content":"Hello!","role":"assistant",` +
    '"tool_calls":null,"function_call":null},"finish_reason":"stop","logprobs":null}],"response_format":null}'
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Fields {
  readonly model: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a filter needs of an item; null when the text is no JSON object. */
function fieldsOf(raw: string): Fields | null {
  let item: unknown;
  try {
    item = JSON.parse(raw);
  } catch {
    return null; // a broken item is served as it is, and no filter finds it
  }
  if (!isObject(item)) return null;
  const metadata = isObject(item['metadata']) ? Object.entries(item['metadata']) : [];
  return {
    model: typeof item['model'] === 'string' ? item['model'] : null,
    metadata: Object.fromEntries(
      metadata.filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    ),
  };
}

/** `JSON` with source text access: Node 22 has it, the compiler's library not yet. */
interface LosslessJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const LOSSLESS = JSON as unknown as LosslessJson;

/** @returns the item's text with other metadata; numbers keep their digits, spacing does not survive. */
export function withMetadata(raw: string, metadata: Readonly<Record<string, string>>): string {
  const item = LOSSLESS.parse(raw, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined ? LOSSLESS.rawJSON(context.source) : value,
  );
  return JSON.stringify(isObject(item) ? { ...item, metadata } : item);
}
