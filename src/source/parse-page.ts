import type { Item } from '../sync/ports.ts';
import { arrayElements, objectMembers } from './exact-json.ts';
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
      /** JSON text of each element of `data`, to the character. */
      readonly elements: readonly string[];
      /** null when the reply has no boolean `has_more`. */
      readonly hasMore: boolean | null;
    }
  | { readonly kind: 'cut' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'no-list' };

/**
 * Takes the text of a list reply apart. `first_id` and `last_id` may be null, "" or absent: they are not looked at.
 * Of a top-level key that is there twice the last one counts, as in JSON.parse.
 */
export function parseList(text: string): ListReply {
  const form = parseTop(text);
  if (form.kind !== 'json') return form;
  if (typeof form.value !== 'object' || form.value === null || Array.isArray(form.value)) {
    return { kind: 'no-list' };
  }
  const members = objectMembers(text);
  const data = members.get('data');
  if (data === undefined || text[data.start] !== '[') return { kind: 'no-list' };
  const elements = arrayElements(text, data.start).map(({ start, end }) => text.slice(start, end));
  const hasMoreAt = members.get('has_more');
  const hasMore = hasMoreAt === undefined ? null : text.slice(hasMoreAt.start, hasMoreAt.end);
  return { kind: 'list', elements, hasMore: hasMore === 'true' ? true : hasMore === 'false' ? false : null };
}

/** JSON, or what it is instead. The parser's own error is dropped: its message quotes the text. */
export function parseTop(
  text: string,
): { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'cut' | 'foreign' } {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return { kind: /^\s*(?:[{[]|$)/.test(text) ? 'cut' : 'foreign' };
  }
}

/**
 * The items of a page, in the order of the reply.
 *
 * Of two loadable items with the same id and the same `created` the second is rejected: no server should list a row
 * twice on one page, and which one is right cannot be told.
 */
export function parseItems(elements: readonly string[], kind: EndpointKind): readonly Item[] {
  const seen = new Set<string>();
  return elements.map((raw) => {
    const item = parseItem(raw, kind);
    if (item.rejection !== null) return item;
    const key = `${item.createdAt} ${item.id}`;
    if (seen.has(key)) return { ...item, rejection: 'same id twice on one page' };
    seen.add(key);
    return item;
  });
}
