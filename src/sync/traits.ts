/** What a run learns of the server it reads: each trait is tested when it first matters, and never assumed. */
import type { Item, SplitValues } from './ports.ts';
import { type Dimension, valueIn } from './split.ts';

export interface ServerTraits {
  /** Most rows the server puts on a page; null while no page was cut shorter than asked. */
  pageRowsMax: number | null;
  /** Whether the cursor goes on inside a second; null: not seen either way. */
  goesInside: boolean | null;
  /** Whether `order=asc` lists oldest first; null: not seen either way. */
  listsAscending: boolean | null;
  /** Set once `has_more: false` was shown to be wrong: it is then taken for no answer. */
  isEndDoubted: boolean;
  /** Most rows seen on a page. */
  pageRowsSeen: number;
  /** Bytes of a row of the last page; null: none was read. */
  rowBytes: number | null;
  /** Dimensions whose filter let other rows through. */
  readonly filtersIgnored: Set<string>;
  /** Whether a filtered list takes a cursor of another class. */
  takesFilteredCursor: boolean;
  /** Values met in dense seconds: dimension → value → rows. */
  readonly valuesMet: Map<string, Map<string, number>>;
}

/** Keys and values beyond this are not remembered: a customer id as metadata has millions. */
const REMEMBERED_MAX = 2_000;

export function newTraits(): ServerTraits {
  return {
    pageRowsMax: null,
    goesInside: null,
    listsAscending: null,
    isEndDoubted: false,
    pageRowsSeen: 0,
    rowBytes: null,
    filtersIgnored: new Set(),
    takesFilteredCursor: true,
    valuesMet: new Map(),
  };
}

export function dimensionKey(dimension: Dimension): string {
  return dimension.kind === 'model' ? 'model' : `metadata:${dimension.key}`;
}

export function rememberValues(traits: ServerTraits, item: Item): void {
  count(traits, { kind: 'model' }, item.model);
  for (const key of Object.keys(item.metadata)) {
    const dimension: Dimension = { kind: 'metadata', key };
    count(traits, dimension, valueIn(dimension, item));
  }
}

/** Values held from earlier runs count as met more than once. */
export function rememberHeldValues(traits: ServerTraits, held: SplitValues): void {
  for (const model of held.models) count(traits, { kind: 'model' }, model, 2);
  for (const [key, value] of held.metadata) count(traits, { kind: 'metadata', key }, value, 2);
}

function count(traits: ServerTraits, dimension: Dimension, value: string | null, times = 1): void {
  if (value === null) return;
  const key = dimensionKey(dimension);
  let counts = traits.valuesMet.get(key);
  if (counts === undefined) {
    if (traits.valuesMet.size >= REMEMBERED_MAX) return;
    counts = new Map();
    traits.valuesMet.set(key, counts);
  }
  if (counts.has(value) || counts.size < REMEMBERED_MAX) counts.set(value, (counts.get(value) ?? 0) + times);
}
