import { hash } from 'node:crypto';
import { valueAt } from '../../completion/json-bytes.ts';
import { parseExact } from '../../completion/parse-exact.ts';
import { isPlain } from '../../completion/plain-form.ts';
import type { CompletionId, Item, Message, ObservedItem, UnixSeconds } from '../../sync/ports.ts';
import { type Fields, isFields } from './fields.ts';
import { flatten, flattenMessage } from './flatten.ts';
import { jsonText } from './json-text.ts';
import { NO_ROWS, type RejectedRow, type StagedRows } from './rows.ts';
import { completionWithoutContent, messageWithoutContent } from './without-content.ts';

/** A batch made ready for staging: decided here, without a database, what is loaded, how, and what is rejected. Pure. */

/** `none`: no prompt or answer text reaches the file. */
export type Content = 'full' | 'none';

/** A completion that the engine reads itself. */
export interface PlainUnit {
  /** Unix seconds. */
  readonly created: number;
  readonly observedAtMs: number;
  /** JSON text in UTF-8, as it is to be stored. */
  readonly raw: Uint8Array;
  readonly rawHash: string;
  /** Taken apart here, should the engine refuse it. */
  readonly carefully: () => Unit | RejectedRow;
}

/** What is staged or rejected as a whole, taken apart here. */
export interface Unit {
  readonly rows: StagedRows;
  /** Length of its JSON text. */
  readonly length: number;
  /** The row of sync.rejected, should the engine refuse it. */
  readonly rejectedAs: (reason: string) => RejectedRow;
}

export interface Prepared {
  readonly plain: readonly PlainUnit[];
  readonly units: readonly Unit[];
  readonly rejected: readonly RejectedRow[];
}

/** 9999-12-31T23:59:59Z: what TIMESTAMPTZ, Parquet and ISO text all hold. */
export const SECOND_MAX = 253_402_300_799;
const isStorableSecond = (second: number): boolean =>
  Number.isInteger(second) && second >= 0 && second <= SECOND_MAX;

/** One observation of a completion that can be loaded. */
interface Candidate {
  readonly item: Item;
  readonly id: CompletionId;
  readonly created: number;
  readonly observedAtMs: number;
  /** JSON text in UTF-8, as it is to be stored. */
  readonly raw: Uint8Array;
  readonly rawHash: string;
  readonly isPlain: boolean;
}

/** @returns of several observations of one completion only the newest; of equal times the one with the greater hash. */
export function prepareItems(items: readonly ObservedItem[], content: Content): Prepared {
  const newest = new Map<string, Candidate>();
  const rejected: RejectedRow[] = [];
  for (const { item, observedAtMs } of items) {
    const candidate = candidateOf(item, observedAtMs, content);
    if (typeof candidate === 'string') {
      rejected.push(rejectedRow(item.raw, item.id, item.createdAt, candidate, content));
      continue;
    }
    const key = `${candidate.created} ${candidate.id}`;
    const known = newest.get(key);
    if (known === undefined || isNewer(candidate, known)) newest.set(key, candidate);
  }
  const plain: PlainUnit[] = [];
  const units: Unit[] = [];
  for (const candidate of newest.values()) {
    const carefully = () => unitOf(candidate, content);
    if (candidate.isPlain) {
      plain.push({ ...candidate, carefully });
      continue;
    }
    const unit = carefully();
    if ('reason' in unit) rejected.push(unit);
    else units.push(unit);
  }
  return { plain, units, rejected };
}

/** @returns the last of several messages with one place; messages that are no objects are rejected. */
export function prepareMessages(messages: readonly Message[], content: Content): Prepared {
  const units = new Map<string, Unit>();
  const rejected: RejectedRow[] = [];
  for (const message of messages) {
    const { completionId: id, completionCreatedAt: created, index } = message;
    const raw = Buffer.from(message.raw);
    const reject = (reason: string) => rejectedRow(raw, id, created, `message ${index}: ${reason}`, content);
    if (!isFields(message.body)) rejected.push(reject('not a JSON object'));
    else units.set(`${created} ${index} ${id}`, messageUnit(message, message.body, reject, content));
  }
  return { plain: [], units: [...units.values()], rejected };
}

/** What is needed to load the item, or why it cannot be loaded. */
function candidateOf(item: Item, observedAtMs: number, content: Content): Candidate | string {
  const { id, createdAt: created } = item;
  if (item.rejection !== null) return item.rejection;
  if (id === null) return 'id cannot be read';
  if (created === null || !isStorableSecond(created)) return 'created cannot be read';
  const stored = content === 'full' ? item : withoutContent(item);
  if (typeof stored === 'string') return stored;
  const { raw } = stored;
  return {
    item,
    id,
    created,
    observedAtMs: Math.floor(observedAtMs),
    raw,
    rawHash: hash('sha256', raw).slice(0, 16),
    isPlain: stored.isPlain,
  };
}

function withoutContent(item: Item): { readonly raw: Uint8Array; readonly isPlain: boolean } | string {
  const fields = fieldsIn(item.raw);
  if (typeof fields === 'string') return fields;
  const kept = completionWithoutContent(fields);
  const text = jsonText(kept) ?? '{}';
  const raw = Buffer.from(text);
  return { raw, isPlain: isPlain(text, kept, valueAt(raw, 0)) };
}

/** The object that the text holds, or why there is none. */
function fieldsIn(raw: Uint8Array): Fields | string {
  try {
    const body = parseExact(Buffer.from(raw).toString('utf8'));
    return isFields(body) ? body : 'not a JSON object';
  } catch (error) {
    if (error instanceof RangeError) return 'nested too deeply';
    if (error instanceof SyntaxError) return 'not JSON';
    throw error;
  }
}

function unitOf(
  { item, id, created, observedAtMs, raw, rawHash }: Candidate,
  content: Content,
): Unit | RejectedRow {
  const rejectedAs = (reason: string) => rejectedRow(item.raw, id, created, reason, content);
  const fields = fieldsIn(raw);
  if (typeof fields === 'string') return rejectedAs(fields);
  const rows = flatten({ id, created, observedAtMs, raw, rawHash, fields });
  return { rows, length: raw.length, rejectedAs };
}

function messageUnit(
  message: Message,
  body: Fields,
  rejectedAs: (reason: string) => RejectedRow,
  content: Content,
): Unit {
  const fields = content === 'full' ? body : messageWithoutContent(body);
  const raw = content === 'full' ? message.raw : (jsonText(fields) ?? '{}');
  const key = { completion_id: message.completionId.toWellFormed(), created: message.completionCreatedAt };
  return {
    rows: { ...NO_ROWS, messages: [flattenMessage(key, message.index, raw, fields)] },
    length: raw.length,
    rejectedAs,
  };
}

function isNewer(one: Candidate, other: Candidate): boolean {
  if (one.observedAtMs !== other.observedAtMs) return one.observedAtMs > other.observedAtMs;
  return one.rawHash > other.rawHash;
}

/** @param reason holds none of the item's text. */
function rejectedRow(
  raw: Uint8Array,
  id: string | null,
  created: UnixSeconds | number | null,
  reason: string,
  content: Content,
): RejectedRow {
  const text = Buffer.from(raw).toString('utf8');
  return {
    raw_sha256: hash('sha256', raw),
    id: id === null ? null : id.toWellFormed(),
    created: created !== null && isStorableSecond(created) ? created : null,
    reason,
    raw: content === 'full' ? text : null,
    raw_length: text.length,
  };
}
