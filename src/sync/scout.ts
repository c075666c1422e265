/**
 * Looks for ids far down the list, where other walkers may begin: a filter that few rows pass leads through the whole time line in few
 * pages. What it brings proves nothing; its rows are cuts, and are copied as well.
 */
import { CursorGoneError, UnreadablePageError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { PageSizes } from './page-sizes.ts';
import { type Item, type KnownRow, type ListFilter, NO_FILTER, type SecondRange } from './ports.ts';
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
/** Cuts that are enough, however many walkers there are: each of their pieces is cut again in its middle. */
const CUTS_ENOUGH = 64;
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

/** Filters that few rows of the sample pass: the rarest of those that were met more than once, then those met once. Pure. */
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
  const rank = ({ count: met }: Candidate): number => (met === 1 ? sample.length : met);
  return [...counted.values()]
    .filter((candidate) => candidate.count <= SHARE_MAX * sample.length)
    .sort((a, b) => rank(a) - rank(b) || a.dimensions.length - b.dimensions.length)
    .slice(0, TRIES_MAX);
}

export interface Scouting {
  readonly hole: SecondRange;
  readonly candidates: readonly Candidate[];
  /** Seconds of a page without a filter, as the walkers meet them; null: not known yet. */
  readonly secondsAPage: () => number | null;
  readonly onRows: (rows: readonly KnownRow[]) => void;
  /** The walkers need no more. */
  readonly isOver: () => boolean;
}

/** A filtered page must lead as far as so many others. */
const PAGES_WORTH = 6;

export async function scout(scouting: Scouting, context: FillContext): Promise<void> {
  let cuts = 0;
  for (const candidate of scouting.candidates) {
    cuts += await scoutWith(candidate, scouting, context);
    if (cuts >= CUTS_ENOUGH || scouting.isOver()) return;
  }
}

/** @returns the cuts it has found. */
async function scoutWith(
  { filter, dimensions }: Candidate,
  { hole, secondsAPage, onRows, isOver }: Scouting,
  context: FillContext,
): Promise<number> {
  if (dimensions.some((dimension) => context.traits.filtersIgnored.has(dimensionKey(dimension)))) return 0;
  let cuts = 0;
  let after: KnownRow | null = null;
  const sizes = new PageSizes(context.pageSize, context.pageBytes, context.traits.rowBytes);
  while (!isOver()) {
    context.signal.throwIfAborted();
    const request = { after: after?.id ?? null, order: 'desc', pageSize: sizes.now, filter } as const;
    const page = await context.fetchPage(request).catch((error: unknown) => {
      if (error instanceof CursorGoneError || error instanceof UnreadablePageError) return null;
      throw error;
    });
    if (page === null) return cuts;
    sizes.noteRead(page);
    const rows = page.items.filter(isPlaced);
    if (rows.some((row) => !matches(row, filter))) {
      for (const dimension of dimensions) {
        const isObeyed = rows.every((row) => valueIn(dimension, row) === valueIn(dimension, filter));
        if (!isObeyed) context.traits.filtersIgnored.add(dimensionKey(dimension));
      }
      return cuts;
    }
    const [first, last] = [rows.at(0), rows.at(-1)];
    const isSinking = after === null || (last !== undefined && last.createdAt < after.createdAt);
    if (first === undefined || last === undefined || !isSinking) return cuts;
    const inside = rows.filter(({ createdAt }) => createdAt > hole.from && createdAt <= hole.to).map(known);
    cuts += inside.length;
    onRows(inside);
    if (last.createdAt <= hole.from || page.hasMore === false) return cuts;
    const span: number = (after?.createdAt ?? first.createdAt) - last.createdAt;
    const usual = secondsAPage();
    if (usual !== null && span < PAGES_WORTH * usual) return cuts;
    after = known(last);
  }
  return cuts;
}
