/**
 * Looks for ids far down the list, where other walkers may begin: a filter that few rows pass leads through the whole time line in few
 * pages. What it brings proves nothing; its rows are cuts, and are copied as well.
 */
import { CursorGoneError, UnreadablePageError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { PageSizes } from './page-sizes.ts';
import { type Item, type KnownRow, type ListFilter, NO_FILTER, type UnixSeconds } from './ports.ts';
import {
  countValues,
  type Dimension,
  dimensionsOf,
  filterKey,
  matches,
  narrowed,
  unmetShare,
  valueIn,
} from './split.ts';
import { dimensionKey } from './traits.ts';
import { isPlaced, known } from './walk.ts';

/** Of the rows of a sample that pass: more do not lead far, and cost as many requests as the walk saves. */
const SHARE_MAX = 0.12;
/** Values that are tried before it is given up. */
const TRIES_MAX = 4;
/** Of these, values that were met once, before those that were met again. */
const LONE_TRIES = 2;
/** Dimensions whose every value is new are no use: a next row of the same value may never come. */
const UNMET_MAX = 0.6;

export interface Candidate {
  readonly filter: ListFilter;
  /** What it is of: one dimension or two. */
  readonly dimensions: readonly Dimension[];
  /** Rows of the sample that pass, a count. */
  readonly count: number;
}

/** A key that many rows have a value of their own of, or that few have at all, is no use, and there may be many such keys. */
const DIMENSIONS_MAX = 12;

/**
 * Filters that few rows of the sample pass. A value that was met once leads farthest, or nowhere, which costs a request: two of them
 * are tried first, then those that were met more often, the rarest first. Pure.
 */
export function candidatesOf(
  sample: readonly Pick<Item, 'model' | 'metadata'>[],
  isIgnored: (dimension: Dimension) => boolean,
): readonly Candidate[] {
  const dimensions = dimensionsOf(sample)
    .filter((dimension) => !isIgnored(dimension) && unmetShare(countValues(dimension, sample)) <= UNMET_MAX)
    .slice(0, DIMENSIONS_MAX);
  const counted = new Map<string, Candidate>();
  const count = (filter: ListFilter, of: readonly Dimension[]): void => {
    const key = filterKey(filter);
    counted.set(key, { filter, dimensions: of, count: (counted.get(key)?.count ?? 0) + 1 });
  };
  for (const row of sample) {
    for (const [place, first] of dimensions.entries()) {
      const one = valueIn(first, row);
      if (one === null) continue;
      const alone = narrowed(NO_FILTER, first, one);
      count(alone, [first]);
      for (const second of dimensions.slice(place + 1)) {
        const other = valueIn(second, row);
        if (other !== null) count(narrowed(alone, second, other), [first, second]);
      }
    }
  }
  const rare = [...counted.values()].filter(({ count: met }) => met <= SHARE_MAX * sample.length);
  const isLone = ({ count: met }: Candidate): boolean => met === 1;
  const lone = rare.filter((candidate) => isLone(candidate) && candidate.dimensions.length === 1);
  const again = rare
    .filter((candidate) => !isLone(candidate))
    .sort((a, b) => a.count - b.count || a.dimensions.length - b.dimensions.length);
  const pairs = rare.filter((candidate) => isLone(candidate) && candidate.dimensions.length > 1);
  return [...lone.slice(0, LONE_TRIES), ...again, ...lone.slice(LONE_TRIES), ...pairs].slice(0, TRIES_MAX);
}

/** A filtered page must lead as far as so many others. */
const PAGES_WORTH = 6;

/** A walk through filters that few rows pass, a page at a time. */
export class Scout {
  readonly #candidates: Candidate[];
  #after: KnownRow | null = null;
  #sizes: PageSizes | null = null;

  /** @param candidates to be tried one after the other. */
  constructor(candidates: readonly Candidate[]) {
    this.#candidates = [...candidates];
  }

  /** No filter leads any farther. */
  get isOver(): boolean {
    return this.#candidates.length === 0;
  }

  /** The second that it has come down to; null: it has not begun. */
  get reached(): UnixSeconds | null {
    return this.#after?.createdAt ?? null;
  }

  /**
   * One page further.
   *
   * @param until nothing is wanted from this second down.
   * @param secondsAPage of pages without a filter; null: not known yet.
   * @returns its rows, newest first; none where the filter leads no farther.
   */
  async next(
    until: UnixSeconds,
    secondsAPage: number | null,
    context: FillContext,
  ): Promise<readonly KnownRow[]> {
    const [candidate] = this.#candidates;
    if (candidate === undefined) return [];
    const { filter, dimensions } = candidate;
    if (dimensions.some((dimension) => context.traits.filtersIgnored.has(dimensionKey(dimension)))) {
      return this.#giveUp();
    }
    this.#sizes ??= new PageSizes(context.pageSize, context.pageBytes, context.traits.rowBytes);
    const after = this.#after;
    const request = { after: after?.id ?? null, order: 'desc', pageSize: this.#sizes.now, filter } as const;
    const page = await context.fetchPage(request).catch((error: unknown) => {
      if (error instanceof CursorGoneError || error instanceof UnreadablePageError) return null;
      throw error;
    });
    if (page === null) return this.#giveUp();
    this.#sizes.noteRead(page);
    const rows = page.items.filter(isPlaced);
    if (rows.some((row) => !matches(row, filter))) {
      for (const dimension of dimensions) {
        const isObeyed = rows.every((row) => valueIn(dimension, row) === valueIn(dimension, filter));
        if (!isObeyed) context.traits.filtersIgnored.add(dimensionKey(dimension));
      }
      return this.#giveUp();
    }
    const [first, last] = [rows.at(0), rows.at(-1)];
    const isSinking = after === null || (last !== undefined && last.createdAt < after.createdAt);
    if (first === undefined || last === undefined || !isSinking) return this.#giveUp();
    this.#after = known(last);
    const span = (after?.createdAt ?? first.createdAt) - last.createdAt;
    const isWorthIt = secondsAPage === null || span >= PAGES_WORTH * secondsAPage;
    if (last.createdAt <= until || page.hasMore === false || !isWorthIt) this.#giveUp();
    return rows.map(known);
  }

  /** The next filter is tried, from the head. */
  #giveUp(): readonly [] {
    this.#candidates.shift();
    this.#after = null;
    return [];
  }
}
