import { type CompletionId, type Item, type UnixSeconds, unixSeconds } from '../sync/ports.ts';
import { parseExact } from './exact-json.ts';
import type { EndpointKind } from './settings.ts';

/** 9999-12-31T23:59:59Z. Milliseconds or microseconds taken for seconds land above it. */
const CREATED_MAX = 253_402_300_799;
/** An id becomes part of a URL. The longest one seen has some 60 characters. */
const ID_LENGTH_MAX = 1024;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Azure's list leaves `object` out or null (its how-to, "stored completions"); nobody else's does. */
const mayLackObject = (kind: EndpointKind): boolean => kind === 'azure' || kind === 'azure-dated';

/**
 * Reads what a walk needs from one element of a list's `data` and says whether the warehouse can load it.
 *
 * Loadable is what has a usable `id`, `object`, `created`, `model` and `choices`. All else is optional: a field of the
 * wrong type never rejects an item, as `raw` holds it anyway.
 *
 * @param raw the element's JSON text.
 * @returns the item; when it is rejected with the id, time and model that could be read, so that the walk can place it.
 * The reasons are fixed sentences: they name fields and hold no value.
 */
export function parseItem(raw: string, kind: EndpointKind): Item {
  const { body, tooDeep } = parseBody(raw);
  if (!isFields(body)) {
    return {
      id: null,
      createdAt: null,
      model: null,
      metadata: {},
      raw,
      body,
      rejection: 'not a JSON object',
    };
  }
  const id = readId(body['id']);
  const created = readCreated(body['created']);
  const model = typeof body['model'] === 'string' ? body['model'] : null;
  const reasons = [
    tooDeep ? 'nested too deeply' : null,
    typeof id === 'string' ? null : id.reason,
    typeof created === 'number' ? null : created.reason,
    objectReason(body['object'], kind),
    model === null ? 'model is not a string' : null,
    Array.isArray(body['choices']) ? null : 'choices is not an array',
  ].filter((reason) => reason !== null);
  return {
    id: typeof id === 'string' ? id : null,
    createdAt: typeof created === 'number' ? created : null,
    model,
    metadata: readMetadata(body['metadata']),
    raw,
    body,
    rejection: reasons.length === 0 ? null : reasons.join('; '),
  };
}

function parseBody(raw: string): { readonly body: unknown; readonly tooDeep: boolean } {
  try {
    return { body: parseExact(raw), tooDeep: false };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Only the pass for long numbers recurses; the plain one still finds the id and the time.
    return { body: JSON.parse(raw), tooDeep: true };
  }
}

interface Unreadable {
  readonly reason: string;
}

function readId(id: unknown): CompletionId | Unreadable {
  if (typeof id !== 'string') return { reason: id === undefined ? 'id is missing' : 'id is not a string' };
  if (id === '') return { reason: 'id is empty' };
  if (id.length > ID_LENGTH_MAX) return { reason: `id is longer than ${ID_LENGTH_MAX} characters` };
  // Neither a URL nor a UTF-8 column can hold these as they are, so the id could not be asked for again.
  if (!id.isWellFormed() || id.includes('\0')) return { reason: 'id holds a character that cannot be sent' };
  return id as CompletionId;
}

function readCreated(created: unknown): UnixSeconds | Unreadable {
  if (created === undefined) return { reason: 'created is missing' };
  if (typeof created === 'bigint') {
    return { reason: created < 0n ? 'created is negative' : 'created is beyond the year 9999' };
  }
  if (typeof created !== 'number') return { reason: 'created is not a number' };
  if (created > CREATED_MAX) return { reason: 'created is beyond the year 9999' };
  if (created < 0) return { reason: 'created is negative' };
  if (!Number.isInteger(created)) return { reason: 'created is not a whole number' };
  return unixSeconds(created);
}

function objectReason(object: unknown, kind: EndpointKind): string | null {
  if (object === 'chat.completion') return null;
  if (object === undefined || object === null) return mayLackObject(kind) ? null : 'object is missing';
  return 'object is not chat.completion';
}

/** The pairs that a filter could ask for: those whose value is a string. */
function readMetadata(metadata: unknown): Readonly<Record<string, string>> {
  if (!isFields(metadata)) return {};
  return Object.fromEntries(
    Object.entries(metadata).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
