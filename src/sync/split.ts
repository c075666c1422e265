/**
 * How the rows of a dense second are got at by filters: which filter to ask next. Pure.
 *
 * A filter shows the rows that have one value, and there is none for "any other value". So a split finds rows, and
 * never proves a second: a row whose every value was not met before stays out of sight. The gap says so.
 */
import { type Item, type ListFilter, NO_FILTER } from './ports.ts';

/** What rows can be told apart by: the model, or the value of one metadata key. */
export type Dimension = { readonly kind: 'model' } | { readonly kind: 'metadata'; readonly key: string };

/** More values than this of one dimension are not worth a request each. */
const VALUES_MAX = 40;

export function valueIn(dimension: Dimension, item: Pick<Item, 'model' | 'metadata'>): string | null {
  if (dimension.kind === 'model') return item.model;
  return Object.hasOwn(item.metadata, dimension.key) ? (item.metadata[dimension.key] ?? null) : null;
}

export function matches(item: Item, filter: ListFilter): boolean {
  if (filter.model !== null && item.model !== filter.model) return false;
  return Object.entries(filter.metadata).every(
    ([key, value]) => Object.hasOwn(item.metadata, key) && item.metadata[key] === value,
  );
}

export function narrowed(filter: ListFilter, dimension: Dimension, value: string): ListFilter {
  if (dimension.kind === 'model') return { ...filter, model: value };
  return { ...filter, metadata: { ...filter.metadata, [dimension.key]: value } };
}

export function isNarrowedBy(filter: ListFilter, dimension: Dimension): boolean {
  return dimension.kind === 'model' ? filter.model !== null : Object.hasOwn(filter.metadata, dimension.key);
}

export interface Split {
  readonly dimension: Dimension;
  /** The most frequent first. */
  readonly values: readonly string[];
}

export interface SplitQuestion {
  /** The rows to get at: a sample of the rows in question. */
  readonly sample: readonly Item[];
  /** The class they are in: a filter that is already dense, or none. */
  readonly within: ListFilter;
  /** Estimated rows of the whole class, seen or not. */
  readonly rowsEstimate: number;
  readonly pageSize: number;
  readonly excluded: (dimension: Dimension) => boolean;
}

/**
 * The dimension that gets at the sample's rows for the fewest requests, or null when none tells them apart.
 * A class that would not fit on a page costs what splitting it again would.
 */
export function chooseSplit(question: SplitQuestion): Split | null {
  const { sample, within } = question;
  let best: { split: Split; cost: number } | null = null;
  for (const dimension of dimensionsOf(sample)) {
    if (isNarrowedBy(within, dimension) || question.excluded(dimension)) continue;
    const counts = countValues(dimension, sample);
    const covered = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const tellsApart = counts.size > 1 || covered < sample.length;
    if (!tellsApart || counts.size > VALUES_MAX) continue;
    const cost = splitCost([...counts.values()], question) / covered;
    if (best === null || cost < best.cost) {
      const values = [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
      best = { split: { dimension, values }, cost };
    }
  }
  return best?.split ?? null;
}

function splitCost(
  classCounts: readonly number[],
  { sample, rowsEstimate, pageSize }: SplitQuestion,
): number {
  return classCounts.reduce((sum, count) => {
    const rows = (count / sample.length) * rowsEstimate;
    // 0.7: the estimate is rough, and a class that just misses the page costs a second round.
    return sum + (rows < 0.7 * pageSize ? 1 : 3 * Math.ceil(rows / pageSize));
  }, 0);
}

export function dimensionsOf(sample: readonly Pick<Item, 'metadata'>[]): Dimension[] {
  const keys = new Set(sample.flatMap((item) => Object.keys(item.metadata)));
  return [{ kind: 'model' }, ...[...keys].map((key): Dimension => ({ kind: 'metadata', key }))];
}

export function countValues(
  dimension: Dimension,
  items: readonly Pick<Item, 'model' | 'metadata'>[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const value = valueIn(dimension, item);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** Filters for the values of a split, inside the class they split. */
export function filtersOf(split: Split, within: ListFilter = NO_FILTER): ListFilter[] {
  return split.values.map((value) => narrowed(within, split.dimension, value));
}

/** One text a filter, for sets. */
export function filterKey(filter: ListFilter): string {
  return JSON.stringify([filter.model, Object.entries(filter.metadata).sort()]);
}

/**
 * Share of rows whose value of the dimension was not met so far, as Good and Turing estimate it: the share of values
 * met exactly once.
 */
export function unmetShare(counts: ReadonlyMap<string, number>): number {
  let rows = 0;
  let metOnce = 0;
  for (const count of counts.values()) {
    rows += count;
    if (count === 1) metOnce += 1;
  }
  return rows === 0 ? 1 : metOnce / rows;
}
