import { hash } from 'node:crypto';
import type { CompletionId, Item, Message, ObservedItem, UnixSeconds } from '../../sync/ports.ts';
import { type Fields, isFields } from './fields.ts';
import { flatten, flattenMessage } from './flatten.ts';
import { jsonText } from './json-text.ts';
import { NO_ROWS, type RejectedRow, type StagedRows } from './rows.ts';
import { completionWithoutContent, messageWithoutContent } from './without-content.ts';

/** A batch made ready for staging: decided here, without a database, what is loaded and what is rejected. Pure. */

/** `none`: no prompt or answer text reaches the file. */
export type Content = 'full' | 'none';

/** What is staged or rejected as a whole. */
export interface Unit {
  readonly rows: StagedRows;
  /** Length of its JSON text. */
  readonly length: number;
  /** The row of sync.rejected, should the engine refuse it. */
  readonly rejectedAs: (reason: string) => RejectedRow;
}

export interface Prepared {
  readonly units: readonly Unit[];
  readonly rejected: readonly RejectedRow[];
}

/** 9999-12-31T23:59:59Z: what TIMESTAMPTZ, Parquet and ISO text all hold. */
export const SECOND_MAX = 253_402_300_799;
const isStorableSecond = (second: number): boolean =>
  Number.isInteger(second) && second >= 0 && second <= SECOND_MAX;

/** @returns of several observations of one completion only the newest; of equal times the one with the greater hash. */
export function prepareItems(items: readonly ObservedItem[], content: Content): Prepared {
  const newest = new Map<string, Unit>();
  const rejected: RejectedRow[] = [];
  for (const { item, observedAtMs } of items) {
    const readable = readableItem(item);
    if (typeof readable === 'string') {
      rejected.push(rejectedRow(item.raw, item.id, item.createdAt, readable, content));
      continue;
    }
    const { id, created } = readable;
    const unit = itemUnit(item, readable, observedAtMs, content);
    const key = `${created} ${id}`;
    const known = newest.get(key);
    if (known === undefined || isNewer(unit, known)) newest.set(key, unit);
  }
  return { units: [...newest.values()], rejected };
}

/** @returns the last of several messages with one place; messages that are no objects are rejected. */
export function prepareMessages(messages: readonly Message[], content: Content): Prepared {
  const units = new Map<string, Unit>();
  const rejected: RejectedRow[] = [];
  for (const message of messages) {
    const { completionId: id, completionCreatedAt: created, index } = message;
    const reject = (reason: string) =>
      rejectedRow(message.raw, id, created, `message ${index}: ${reason}`, content);
    if (!isFields(message.body)) rejected.push(reject('not a JSON object'));
    else units.set(`${created} ${index} ${id}`, messageUnit(message, message.body, reject, content));
  }
  return { units: [...units.values()], rejected };
}

interface ReadableItem {
  readonly id: CompletionId;
  readonly created: number;
  readonly fields: Fields;
}

/** What is needed to load the item, or why it cannot be loaded. */
function readableItem(item: Item): ReadableItem | string {
  if (item.rejection !== null) return item.rejection;
  if (item.id === null) return 'id cannot be read';
  if (item.createdAt === null || !isStorableSecond(item.createdAt)) return 'created cannot be read';
  if (!isFields(item.body)) return 'not a JSON object';
  return { id: item.id, created: item.createdAt, fields: item.body };
}

function itemUnit(item: Item, readable: ReadableItem, observedAtMs: number, content: Content): Unit {
  const { id, created } = readable;
  const fields = content === 'full' ? readable.fields : completionWithoutContent(readable.fields);
  const raw = content === 'full' ? item.raw : (jsonText(fields) ?? '{}');
  return {
    rows: flatten({ id, created, observedAtMs: Math.floor(observedAtMs), raw, fields }),
    length: raw.length,
    rejectedAs: (reason) => rejectedRow(item.raw, id, created, reason, content),
  };
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

function isNewer(a: Unit, b: Unit): boolean {
  const [one, other] = [a.rows.completions[0], b.rows.completions[0]];
  if (one === undefined || other === undefined) return false;
  if (one.observed_at_ms !== other.observed_at_ms) return one.observed_at_ms > other.observed_at_ms;
  return one.raw_hash > other.raw_hash;
}

/** @param reason holds none of the item's text. */
function rejectedRow(
  raw: string,
  id: string | null,
  created: UnixSeconds | number | null,
  reason: string,
  content: Content,
): RejectedRow {
  const stored = raw.toWellFormed();
  return {
    raw_sha256: hash('sha256', stored),
    id: id === null ? null : id.toWellFormed(),
    created: created !== null && isStorableSecond(created) ? created : null,
    reason,
    raw: content === 'full' ? stored : null,
    raw_length: raw.length,
  };
}
