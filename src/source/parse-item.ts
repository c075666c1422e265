import { type Element, textAt } from '../completion/json-bytes.ts';
import { keptKeys } from '../completion/parse-exact.ts';
import { isPlain } from '../completion/plain-form.ts';
import { type CompletionId, type Item, type UnixSeconds, unixSeconds } from '../sync/ports.ts';
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
 * @param page UTF-8 that holds the element's JSON text. @param element where.
 * @returns the item; when it is rejected with the id, time and model that could be read, so that the walk can place it.
 * The reasons are fixed sentences: they name fields and hold no value.
 * @throws {SyntaxError} for text that is no JSON: its message quotes the text.
 */
export function parseItem(page: Uint8Array, element: Element, kind: EndpointKind): Item {
  const text = textAt(page, element);
  const body = keptKeys(page, element, JSON.parse(text));
  const raw = page.subarray(element.start, element.end);
  if (!isFields(body)) {
    return {
      id: null,
      createdAt: null,
      model: null,
      metadata: {},
      raw,
      isPlain: false,
      rejection: 'not a JSON object',
    };
  }
  const id = readId(body['id']);
  const created = readCreated(body['created']);
  const model = typeof body['model'] === 'string' ? body['model'] : null;
  const reasons = [
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
    isPlain: reasons.length === 0 && isPlain(text, body, element),
    rejection: reasons.length === 0 ? null : reasons.join('; '),
  };
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
