import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Element, elementsAt, MalformedJson, membersAt, skipSpace } from '../completion/json-bytes.ts';
import type { Item, KnownRow, OnTail } from '../sync/ports.ts';
import { isPlaced, known } from '../sync/walk.ts';
import { parseItem } from './parse-item.ts';
import type { EndpointKind } from './settings.ts';

/**
 * What the text of a reply is.
 *
 * - `cut`: empty, or it starts like JSON and is none: asking again may bring the whole.
 * - `foreign`: HTML or other text, so something else than the API answered.
 * - `no-list`: JSON without an array `data`.
 */
export type ListReply =
  | {
      readonly kind: 'list';
      /** Where the elements of `data` stand in the text. They are not parsed yet, everything around them is. */
      readonly elements: readonly Element[];
      /** null when the reply has no boolean `has_more`. */
      readonly hasMore: boolean | null;
    }
  | { readonly kind: 'cut' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'no-list' };

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * Takes the text of a list reply apart. `first_id` and `last_id` may be null, "" or absent: they are not looked at.
 * Of a top-level key that is there twice the last one counts, as in JSON.parse.
 *
 * @param text valid UTF-8.
 */
export function parseList(text: Buffer): ListReply {
  const start = skipSpace(text, 0);
  if (text[start] !== OPEN_BRACE) {
    const kind = kindOf(text);
    return { kind: kind === 'json' ? 'no-list' : kind };
  }
  try {
    const members = membersAt(text, start);
    const data = members.findLast(({ key }) => key === 'data')?.value;
    if (data === undefined || text[data.start] !== OPEN_BRACKET) return withoutData(text);
    const elements = elementsAt(text, data.start);
    // What is left when the elements are taken out must be JSON too; the elements are parsed one by one.
    const around: unknown = JSON.parse(
      `${text.toString('utf8', 0, data.start)}[]${text.toString('utf8', data.end)}`,
    );
    const hasMore = (around as { readonly has_more?: unknown }).has_more;
    return { kind: 'list', elements, hasMore: typeof hasMore === 'boolean' ? hasMore : null };
  } catch (error) {
    if (error instanceof MalformedJson || error instanceof SyntaxError) return { kind: 'cut' };
    throw error;
  }
}

const withoutData = (text: Buffer): ListReply => ({ kind: kindOf(text) === 'json' ? 'no-list' : 'cut' });

/** JSON, or what it is instead. The parser's own error is dropped: its message quotes the text. */
export function kindOf(text: Buffer): 'json' | 'cut' | 'foreign' {
  const string = text.toString('utf8');
  if (isJson(string)) return 'json';
  return /^\s*(?:[{[]|$)/.test(string) ? 'cut' : 'foreign';
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds of parsing after which others get their turn. */
const TURN_MS = 12;

/**
 * The items of a page, in the order of the reply; of a long page in several turns of the event loop.
 *
 * Of two loadable items with the same id and the same `created` the second is rejected: no server should list a row
 * twice on one page, and which one is right cannot be told.
 *
 * @param onTail told of the last rows before the others are parsed.
 * @returns null when an element is no JSON.
 */
export async function parseItems(
  text: Buffer,
  { elements, hasMore }: ListReply & { kind: 'list' },
  kind: EndpointKind,
  onTail?: OnTail,
): Promise<readonly Item[] | null> {
  try {
    const tail = onTail === undefined ? [] : parseTail(text, elements, kind);
    const [last] = tail;
    if (onTail !== undefined && last !== undefined && isPlaced(last)) {
      onTail({ hasMore, last: known(last), lastOfOtherSecond: rowOfOtherSecond(tail, last) });
      // What it asks for is sent in this turn, and under way while the rest is parsed.
      await nextTurn();
    }
    const items: Item[] = [];
    let turnMs = performance.now();
    for (const element of elements.slice(0, elements.length - tail.length)) {
      items.push(parseItem(text, element, kind));
      if (performance.now() - turnMs > TURN_MS) {
        await nextTurn();
        turnMs = performance.now();
      }
    }
    return withoutRepeats([...items, ...tail.reverse()]);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The last items, last first, down to the first that is of another second than the last one. */
function parseTail(text: Buffer, elements: readonly Element[], kind: EndpointKind): Item[] {
  const tail: Item[] = [];
  for (const element of elements.toReversed()) {
    const item = parseItem(text, element, kind);
    tail.push(item);
    if (item.createdAt === null || item.id === null || item.createdAt !== tail[0]?.createdAt) break;
  }
  return tail;
}

function rowOfOtherSecond(tail: readonly Item[], last: KnownRow): KnownRow | null {
  const other = tail.at(-1);
  return other !== undefined && isPlaced(other) && other.createdAt !== last.createdAt ? known(other) : null;
}

function withoutRepeats(items: readonly Item[]): readonly Item[] {
  const seen = new Set<string>();
  return items.map((item) => {
    if (item.rejection !== null) return item;
    const key = `${item.createdAt} ${item.id}`;
    if (seen.has(key)) return { ...item, isPlain: false, rejection: 'same id twice on one page' };
    seen.add(key);
    return item;
  });
}
