/**
 * Reads a dense second: one that fills a page, so that no tie-safe cursor leads past it.
 *
 * The ladder: a larger page; a cursor that goes on inside the second; the other side (`order=asc`), which proves the
 * second when its page reaches above it; then filters and repeated looks, which find rows and prove nothing, as no
 * filter shows "any other value". What is not proven is a gap with an estimate.
 */
import { CursorGoneError } from '../errors.ts';
import { type DenseState, evidenceOf, leftover, nextStep, type SplitKnowledge } from './dense-plan.ts';
import { estimateMissing } from './estimate.ts';
import type { SplitValues } from './ports.ts';
import {
  type CompletionId,
  type Gap,
  type KnownRow,
  type ListFilter,
  NO_FILTER,
  type Page,
  type PageRequest,
  type PlacedItem,
  type UnixSeconds,
} from './ports.ts';
import { filterKey, isNarrowedBy, matches } from './split.ts';
import { dimensionKey, rememberHeldValues, rememberValues, type ServerTraits } from './traits.ts';
import { isPlaced, isSorted, known, type Walk } from './walk.ts';

export type DenseOutcome =
  /** A page that reaches below the second, to be judged as any other. */
  | { readonly kind: 'page'; readonly page: Page }
  /** The cursor goes on inside the second: `page` follows `after`, the rows `seen` are read. */
  | {
      readonly kind: 'inside';
      readonly page: Page;
      readonly after: KnownRow;
      readonly seen: ReadonlySet<CompletionId>;
    }
  /** The second is read in full; go on below `row`. */
  | { readonly kind: 'proven'; readonly row: KnownRow }
  | { readonly kind: 'unproven'; readonly row: KnownRow; readonly gap: Gap };

export interface DenseReader {
  readonly pageSize: number;
  readonly traits: ServerTraits;
  /** Fetches a page; its items are loaded whatever comes of it. */
  fetchPage(request: PageRequest): Promise<Page>;
  /** Ids of the second's rows that were read before `page`, by this run or an earlier one. */
  idsReadBefore(page: Page, second: UnixSeconds): Promise<ReadonlySet<CompletionId>>;
  knownSplitValues(): Promise<SplitValues>;
}

/** A larger page is asked for once a run: 1,000 is what the tests of compatible servers use. */
export const LARGE_PAGE_SIZE = 1_000;

export async function readDenseSecond(
  second: UnixSeconds,
  first: Page,
  walk: Walk,
  reader: DenseReader,
): Promise<DenseOutcome> {
  const { traits } = reader;
  const readBefore = await reader.idsReadBefore(first, second);
  let page = first;
  let rows = rowsOf(page, second);

  if (traits.pageRowsMax === null || traits.pageRowsMax > rows.length) {
    const larger = await reader.fetchPage(request(walk.after, 'desc', LARGE_PAGE_SIZE));
    const largerRows = rowsOf(larger, second);
    if (reachesBelow(larger, second)) return { kind: 'page', page: larger };
    if (larger.items.length < LARGE_PAGE_SIZE) traits.pageRowsMax = larger.items.length;
    if (largerRows.length > rows.length) {
      page = larger;
      rows = largerRows;
    }
  }
  const last = rows.at(-1);
  // Every row of a dense page is placed and of this second, else `judge` had found another second on it.
  if (last === undefined) return { kind: 'page', page };
  const pageSize = Math.max(reader.pageSize, rows.length);

  let below: Below = 'unknown';
  if (traits.goesInside !== false) {
    const following = await reader.fetchPage(request(last, 'desc', pageSize));
    const inside = rowsOf(following, second);
    const seen = new Set(rows.map((row) => row.id));
    if (inside.length > 0 && !inside.some((row) => seen.has(row.id))) {
      return { kind: 'inside', page: following, after: known(last), seen };
    }
    if (inside.length > 0) traits.goesInside = false;
    below = following.items.filter(isPlaced).find((row) => row.createdAt < second) ?? 'nothing';
  }
  return readStrictSecond(second, rows, readBefore, below, walk, { ...reader, pageSize });
}

/** The rungs for a server whose cursor skips the rest of the second. */
async function readStrictSecond(
  second: UnixSeconds,
  firstRows: readonly PlacedItem[],
  readBefore: ReadonlySet<CompletionId>,
  below: Below,
  walk: Walk,
  reader: DenseReader,
): Promise<DenseOutcome> {
  const { traits } = reader;
  const row = known(firstRows[0] as PlacedItem);
  if (traits.valuesMet.size === 0) rememberHeldValues(traits, await reader.knownSplitValues());

  let state: DenseState = {
    pageSize: reader.pageSize,
    seen: new Map(),
    readBefore,
    draws: [],
    newByDraw: [],
    complete: [],
    dense: [],
    tried: new Set(),
    queue: [],
    isCrossChecked: false,
    splitBy: null,
    requests: 0,
  };
  state = withDraw(state, firstRows, traits);

  const fromBelow = await lookFromBelow(second, below, reader);
  if (fromBelow.isWhole) return { kind: 'proven', row };
  if (fromBelow.rows !== null) state = withDraw(state, fromBelow.rows, traits);

  const knowledge: SplitKnowledge = {
    isFilterIgnored: (dimension) =>
      !traits.takesFilteredCursor || traits.filtersIgnored.has(dimensionKey(dimension)),
    valuesMet: (dimension) => traits.valuesMet.get(dimensionKey(dimension)) ?? new Map(),
  };
  for (;;) {
    const step = nextStep(state, knowledge);
    if (step.kind === 'done') break;
    if (step.kind === 'plan') {
      state = {
        ...state,
        queue: step.queue,
        tried: state.tried.union(new Set(step.queue.map(filterKey))),
        splitBy: state.splitBy ?? step.split.dimension,
        isCrossChecked: state.isCrossChecked || step.isCrossCheck,
      };
    } else if (step.kind === 'ask') state = await askClass(state, step.filter, second, walk, reader);
    else {
      const looked = await reader.fetchPage(request(walk.after, 'desc', reader.pageSize));
      if (reachesBelow(looked, second)) return { kind: 'page', page: looked };
      state = withDraw(state, rowsOf(looked, second), traits);
    }
  }
  // The rows that `after=last` left out are known by now: the cursor skipped them.
  if (traits.goesInside === null && below !== 'unknown' && state.seen.size > firstRows.length)
    traits.goesInside = false;
  return { kind: 'unproven', row, gap: gapOf(second, state) };
}

/** Asks for one class of the second. A row without the value shows that the filter is ignored. */
async function askClass(
  state: DenseState,
  filter: ListFilter,
  second: UnixSeconds,
  walk: Walk,
  reader: DenseReader,
): Promise<DenseState> {
  const { traits } = reader;
  const queue = state.queue.slice(1);
  const asked = { ...state, queue, requests: state.requests + 1 };
  let page: Page;
  try {
    page = await reader.fetchPage({ ...request(walk.after, 'desc', reader.pageSize), filter });
  } catch (error) {
    if (!(error instanceof CursorGoneError)) throw error;
    // OGX 1.5 answers 400 to the cursor of another model's row.
    traits.takesFilteredCursor = false;
    return { ...asked, queue: [] };
  }
  const placed = page.items.filter(isPlaced);
  if (placed.some((item) => !matches(item, filter))) {
    if (filter.model !== null && placed.some((item) => item.model !== filter.model)) {
      traits.filtersIgnored.add('model');
    }
    for (const key of Object.keys(filter.metadata)) {
      const onlyKey = { ...NO_FILTER, metadata: { [key]: filter.metadata[key] as string } };
      if (placed.some((item) => !matches(item, onlyKey))) {
        traits.filtersIgnored.add(dimensionKey({ kind: 'metadata', key }));
      }
    }
    const isHonoured = (waiting: ListFilter) =>
      ![...traits.filtersIgnored].some((key) =>
        isNarrowedBy(waiting, key === 'model' ? { kind: 'model' } : { kind: 'metadata', key: key.slice(9) }),
      );
    return withRows({ ...asked, queue: queue.filter(isHonoured) }, rowsOf(page, second), traits);
  }
  const isWhole = isSorted(placed, 'desc') && reachesBelow(page, second);
  const next = withRows(asked, rowsOf(page, second), traits);
  return isWhole
    ? { ...next, complete: [...next.complete, filter] }
    : { ...next, dense: [...next.dense, filter] };
}

/** A row of the newest second below the dense one; `nothing`: the list ends there. */
type Below = KnownRow | 'nothing' | 'unknown';

/** Reads the second from its older side; null rows: this server or this place does not allow it. */
async function lookFromBelow(
  second: UnixSeconds,
  below: Below,
  reader: DenseReader,
): Promise<{ rows: readonly PlacedItem[] | null; isWhole: boolean }> {
  const nothing = { rows: null, isWhole: false };
  if (reader.traits.listsAscending === false || below === 'unknown') return nothing;
  // With nothing older served, the head of the ascending list is the second itself.
  const after = below === 'nothing' ? null : below;
  const page = await reader.fetchPage(request(after, 'asc', reader.pageSize)).catch((error: unknown) => {
    if (error instanceof CursorGoneError) return null;
    throw error;
  });
  if (page === null) return nothing;
  const placed = page.items.filter(isPlaced);
  const isAfterCursor = after === null || placed.every((row) => row.createdAt >= after.createdAt);
  if (!isSorted(placed, 'asc') || !isAfterCursor) {
    reader.traits.listsAscending = false;
    return nothing;
  }
  const rows = rowsOf(page, second);
  if (rows.length === 0) return nothing;
  const isWhole = placed.some((item) => item.createdAt > second);
  return { rows, isWhole };
}

function request(after: KnownRow | null, order: 'desc' | 'asc', pageSize: number): PageRequest {
  return { after: after?.id ?? null, order, pageSize, filter: NO_FILTER };
}

function rowsOf(page: Page, second: UnixSeconds): PlacedItem[] {
  return page.items.filter(isPlaced).filter((item) => item.createdAt === second);
}

/** Whether a page that starts above the second shows all of it: it goes on below, or says that nothing follows. */
function reachesBelow(page: Page, second: UnixSeconds): boolean {
  if (page.items.filter(isPlaced).some((item) => item.createdAt < second)) return true;
  return page.hasMore === false || page.items.length === 0;
}

function withRows(state: DenseState, rows: readonly PlacedItem[], traits: ServerTraits): DenseState {
  const seen = new Map(state.seen);
  for (const item of rows) {
    if (!seen.has(item.id)) rememberValues(traits, item);
    seen.set(item.id, item);
  }
  return { ...state, seen };
}

function withDraw(state: DenseState, rows: readonly PlacedItem[], traits: ServerTraits): DenseState {
  const next = withRows(state, rows, traits);
  return {
    ...next,
    draws: [...state.draws, new Set(rows.map((row) => row.id))],
    newByDraw: [...state.newByDraw, next.seen.size - state.seen.size],
    requests: state.requests + 1,
  };
}

/** 0 only when next to nothing is expected: such a gap is not asked for again every night. */
const wholeRows = (missing: number): number => (missing < 0.05 ? 0 : Math.max(1, Math.round(missing)));

function gapOf(second: UnixSeconds, state: DenseState): Gap {
  const evidence = evidenceOf(state);
  const missing = estimateMissing(evidence);
  const unclassed = leftover(state).length;
  const tried = [
    `${state.draws.length} unfiltered looks`,
    `${state.complete.length} classes read in full by filter`,
  ];
  if (unclassed > 0) tried.push(`${unclassed} rows in no such class`);
  return {
    kind: 'dense',
    from: second,
    to: second,
    rowsSeen: evidence.seen.size,
    rowsMissingEstimate: missing === null ? null : wholeRows(missing),
    detail: `more rows in this second than a page shows: ${tried.join(', ')}`,
  };
}
