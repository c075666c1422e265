/** What is known of one dense second, and what to ask next. Pure: `dense.ts` does the asking. */
import { type Draw, type Evidence, estimateMissing } from './estimate.ts';
import type { CompletionId, ListFilter, PlacedItem } from './ports.ts';
import { NO_FILTER } from './ports.ts';
import {
  chooseSplit,
  countValues,
  type Dimension,
  filterKey,
  filtersOf,
  matches,
  narrowed,
  type Split,
  unmetShare,
} from './split.ts';

/**
 * Unfiltered looks at a second that cannot be split. At 300 rows a second and 100 a page, five show 87 % of the rows and
 * the estimate of the rest is within 15 % in the median; more draws would find more and leave too little to estimate
 * well. The next run draws again and adds to what is held.
 */
const DRAWS_MAX = 5;
/** Unfiltered looks at a second whose every row met so far lies in a class read in full. */
const DRAWS_OF_SPLIT = 2;
const REQUESTS_MAX = 64;
/** Expected rows with an unmet value above which the second is split along another dimension as well. */
const UNMET_ROWS_MAX = 0.02;

export interface DenseState {
  readonly pageSize: number;
  readonly seen: ReadonlyMap<CompletionId, PlacedItem>;
  /** Rows of the second that an earlier run or page showed; they count as one more draw. */
  readonly readBefore: ReadonlySet<CompletionId>;
  readonly draws: readonly Draw[];
  /** New rows of each draw. */
  readonly newByDraw: readonly number[];
  /** Classes read in full. */
  readonly complete: readonly ListFilter[];
  /** Classes that are dense themselves. */
  readonly dense: readonly ListFilter[];
  /** Filters asked or planned. */
  readonly tried: ReadonlySet<string>;
  readonly queue: readonly ListFilter[];
  readonly isCrossChecked: boolean;
  /** The dimension of the first split of the whole second; null: none yet. */
  readonly splitBy: Dimension | null;
  readonly requests: number;
}

export type DenseStep =
  | { readonly kind: 'ask'; readonly filter: ListFilter }
  | {
      readonly kind: 'plan';
      readonly queue: readonly ListFilter[];
      readonly split: Split;
      readonly isCrossCheck: boolean;
    }
  | { readonly kind: 'draw' }
  | { readonly kind: 'done' };

/** What the run learnt of the server and its values beside this second. */
export interface SplitKnowledge {
  readonly isFilterIgnored: (dimension: Dimension) => boolean;
  /** Values met in this run or held in the warehouse, with how often they were met. */
  readonly valuesMet: (dimension: Dimension) => ReadonlyMap<string, number>;
}

export function nextStep(state: DenseState, knowledge: SplitKnowledge): DenseStep {
  if (state.requests >= REQUESTS_MAX) return { kind: 'done' };
  const [filter] = state.queue;
  if (filter !== undefined) return { kind: 'ask', filter };

  const left = leftover(state);
  if (left.length === 0) {
    const check = state.isCrossChecked ? null : crossCheck(state, knowledge);
    if (check !== null) return check;
    return state.draws.length < DRAWS_OF_SPLIT ? { kind: 'draw' } : { kind: 'done' };
  }
  if (state.complete.length === 0 && state.dense.length === 0) {
    // One look says nothing of how many rows there are; two are taken of a split second as well.
    if (state.draws.length < DRAWS_OF_SPLIT) return { kind: 'draw' };
    const drawsLeft = drawsNeeded(state) - state.draws.length;
    if (drawsLeft <= 0) return { kind: 'done' };
    if (state.draws.length + drawsLeft <= DRAWS_MAX) return { kind: 'draw' };
  }
  const plan = splitOf(state, left, knowledge);
  if (plan !== null) return plan;
  const isDry = state.newByDraw.length > 2 && state.newByDraw.slice(-2).every((rows) => rows === 0);
  return state.draws.length < DRAWS_MAX && !isDry ? { kind: 'draw' } : { kind: 'done' };
}

/** Rows met that no class read in full holds. */
export function leftover(state: DenseState): PlacedItem[] {
  return [...state.seen.values()].filter((row) => !state.complete.some((filter) => matches(row, filter)));
}

export function evidenceOf(state: DenseState): Evidence {
  const classed = [...state.seen.values()].filter((row) =>
    state.complete.some((filter) => matches(row, filter)),
  );
  const draws = state.readBefore.size > 0 ? [state.readBefore, ...state.draws] : state.draws;
  return {
    draws,
    classed: new Set(classed.map((row) => row.id)),
    seen: new Set([...state.seen.keys(), ...state.readBefore]),
  };
}

/**
 * Unfiltered looks after which less than a hundredth of a row is expected to be missing: 4 at 110 rows and 100 a page, 9 at
 * 150. A burst little larger than a page costs less that way than a filter for each value. Infinity while nothing is known.
 */
function drawsNeeded(state: DenseState): number {
  const evidence = evidenceOf(state);
  const missing = estimateMissing(evidence);
  if (missing === null) return Number.POSITIVE_INFINITY;
  const rows = evidence.seen.size + missing;
  const missedByOne = 1 - Math.min(...state.draws.map((draw) => draw.size)) / rows;
  return missedByOne <= 0 ? state.draws.length : Math.ceil(Math.log(0.01 / rows) / Math.log(missedByOne));
}

/** Estimated rows of the second, seen or not; a guess of three pages when nothing is known. */
function rowsEstimate(state: DenseState): number {
  const evidence = evidenceOf(state);
  const missing = estimateMissing(evidence);
  return missing === null ? Math.max(evidence.seen.size, 3 * state.pageSize) : evidence.seen.size + missing;
}

/** A split of the dense class that holds most of the rows left, or of the whole second. */
function splitOf(
  state: DenseState,
  left: readonly PlacedItem[],
  knowledge: SplitKnowledge,
): DenseStep | null {
  const classes = [NO_FILTER, ...state.dense].toReversed();
  for (const within of classes) {
    const sample = left.filter((row) => matches(row, within));
    if (sample.length === 0) continue;
    const inClass = [...state.seen.values()].filter((row) => matches(row, within));
    const split = chooseSplit({
      sample,
      within,
      rowsEstimate: (rowsEstimate(state) * inClass.length) / Math.max(1, state.seen.size),
      pageSize: state.pageSize,
      excluded: knowledge.isFilterIgnored,
    });
    if (split === null) continue;
    const queue = untried(state, withValuesMet(split, within, knowledge), within);
    if (queue.length > 0) return { kind: 'plan', queue, split, isCrossCheck: false };
  }
  return null;
}

/** Values met elsewhere are asked for too: this second may hold one that its draws did not show. */
function withValuesMet(split: Split, within: ListFilter, knowledge: SplitKnowledge): Split {
  if (within !== NO_FILTER) return split;
  const met = [...knowledge.valuesMet(split.dimension)].sort((a, b) => b[1] - a[1]).slice(0, 20);
  return { ...split, values: [...new Set([...split.values, ...met.map(([value]) => value)])] };
}

function untried(state: DenseState, split: Split, within: ListFilter): ListFilter[] {
  return filtersOf(split, within).filter((filter) => !state.tried.has(filterKey(filter)));
}

/**
 * All rows met lie in classes read in full. When the values of the split look as if some were not met yet, splits the
 * second along another dimension: a row whose model is new may have a team that is not.
 */
function crossCheck(state: DenseState, knowledge: SplitKnowledge): DenseStep | null {
  const { splitBy } = state;
  if (splitBy === null) return null;
  const met = new Map(knowledge.valuesMet(splitBy));
  for (const [value, count] of countValues(splitBy, [...state.seen.values()]))
    met.set(value, Math.max(count, met.get(value) ?? 0));
  if (unmetShare(met) * state.seen.size < UNMET_ROWS_MAX) return null;
  const split = chooseSplit({
    sample: [...state.seen.values()],
    within: NO_FILTER,
    rowsEstimate: state.seen.size,
    pageSize: state.pageSize,
    excluded: (dimension) =>
      knowledge.isFilterIgnored(dimension) ||
      filterKey(narrowed(NO_FILTER, dimension, '')) === filterKey(narrowed(NO_FILTER, splitBy, '')),
  });
  if (split === null) return null;
  const queue = untried(state, split, NO_FILTER);
  return queue.length === 0 ? null : { kind: 'plan', queue, split, isCrossCheck: true };
}
