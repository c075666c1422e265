/**
 * What one page of a walk proves, where the next one starts, when a hole is filled. Pure.
 *
 * A walk goes through one hole from newer to older. `created` is in whole seconds and the recorded API's cursor is
 * strict on it: the page after a row starts below that row's second, in an order of ties that changes from call to
 * call. So a page proves the seconds above its last one only, and the next page starts after the last row above
 * that: the cut second is read again, whole.
 */
import { range } from './coverage.ts';
import {
  type CompletionId,
  type Item,
  type KnownRow,
  type Page,
  type PageTail,
  type PlacedItem,
  type SecondRange,
  type UnixSeconds,
  unixSeconds,
} from './ports.ts';

export interface Walk {
  readonly hole: SecondRange;
  /** Every second of the hole from here up is read in full; one above the hole's newest second at the start. */
  readonly frontier: UnixSeconds;
  /** The row the next page is asked after; null: the head of the list. */
  readonly after: KnownRow | null;
  /** Rows of the second that the last page cut: they are read, the second is not. */
  readonly cut: ReadonlySet<CompletionId>;
  /**
   * Whether the cursor is known to go on inside a second (OGX 1.5's does): the next page is then asked after the very
   * last row, and a row of the cut second that comes twice shows that it does not.
   */
  readonly goesInside: boolean;
}

export type Finding =
  /** Seconds proven (null: none yet), and where to go on. */
  | { readonly kind: 'progress'; readonly covered: SecondRange | null; readonly next: Walk }
  /** The page reaches below the hole. */
  | { readonly kind: 'filled'; readonly covered: SecondRange | null }
  /** The reply says that nothing older follows; `oldest` is null on an empty page, `last`: the rows read of its second. To be verified. */
  | {
      readonly kind: 'end';
      readonly oldest: PlacedItem | null;
      readonly last: ReadonlySet<CompletionId>;
      readonly saysMore: boolean;
    }
  /** One second fills the page and more may follow: no tie-safe cursor leads past it. The seconds above are proven. */
  | { readonly kind: 'dense'; readonly second: UnixSeconds; readonly covered: SecondRange | null }
  /** The page does not lie below its cursor: the server started over, or ignores `after`. */
  | { readonly kind: 'restarted' }
  /** A row of the cut second came twice: this cursor does not go on inside a second after all. */
  | { readonly kind: 'repeated' }
  /** `created` grows down the page: the server does not list newest first. */
  | { readonly kind: 'unsorted' }
  /** Rows, but none with an id and a time. */
  | { readonly kind: 'unplaceable' };

export function startWalk(hole: SecondRange, after: KnownRow | null): Walk {
  return { hole, frontier: unixSeconds(hole.to + 1), after, cut: new Set(), goesInside: false };
}

export function isPlaced(item: Item): item is PlacedItem {
  return item.id !== null && item.createdAt !== null;
}

/** Whether `created` never grows (`desc`) or never sinks (`asc`) along the rows. */
export function isSorted(rows: readonly KnownRow[], order: 'desc' | 'asc'): boolean {
  return rows.every((row, index) => {
    const before = rows[index - 1];
    if (before === undefined) return true;
    return order === 'desc' ? row.createdAt <= before.createdAt : row.createdAt >= before.createdAt;
  });
}

/** Judges a page that was asked newest first, after `walk.after`. */
export function judge(page: Page, walk: Walk): Finding {
  const rows = page.items.filter(isPlaced);
  const last = rows.at(-1);
  if (last === undefined) {
    if (page.items.length > 0) return { kind: 'unplaceable' };
    return { kind: 'end', oldest: null, last: new Set(), saysMore: page.hasMore === true };
  }
  if (!isSorted(rows, 'desc')) return { kind: 'unsorted' };
  if (startsOver(rows, walk)) return { kind: 'restarted' };
  if (walk.goesInside && rows.some((row) => walk.cut.has(row.id))) return { kind: 'repeated' };
  if (page.hasMore === false) {
    return { kind: 'end', oldest: last, last: rowsOfCutSecond(rows, last, walk), saysMore: false };
  }

  const frontier = unixSeconds(Math.min(walk.frontier, last.createdAt + 1));
  const covered = range(Math.max(frontier, walk.hole.from), walk.frontier - 1);
  if (last.createdAt < walk.hole.from) return { kind: 'filled', covered };

  const cut = rowsOfCutSecond(rows, last, walk);
  const after = walk.goesInside ? last : rows.findLast((row) => row.createdAt >= frontier);
  if (after === undefined) return { kind: 'dense', second: last.createdAt, covered };
  return { kind: 'progress', covered, next: { ...walk, frontier, after: known(after), cut } };
}

/**
 * The row that the page after this one is asked after, where {@link judge} will go on with the walk; null: that cannot be told yet.
 * Only a guess: a page that turns out to be none of the walk's is judged otherwise.
 */
export function foresee({ hasMore, last, lastOfOtherSecond }: PageTail, walk: Walk): KnownRow | null {
  const isOver = hasMore === false || last.createdAt < walk.hole.from;
  if (isOver || last.createdAt >= walk.frontier) return null;
  return walk.goesInside ? last : lastOfOtherSecond;
}

/** The walk below a second that was dealt with otherwise, asked after one of its rows. */
export function pastSecond(walk: Walk, row: KnownRow): Walk {
  const frontier = unixSeconds(Math.min(walk.frontier, row.createdAt));
  return { ...walk, frontier, after: row, cut: new Set(), goesInside: false };
}

/** The walk that trusts the cursor inside `second`, whose rows `seen` are read. */
export function goInside(walk: Walk, after: KnownRow, seen: ReadonlySet<CompletionId>): Walk {
  return { ...walk, after, cut: seen, goesInside: true };
}

function startsOver(rows: readonly PlacedItem[], walk: Walk): boolean {
  const { after } = walk;
  if (after === null) return false;
  return rows.some((row) => row.createdAt > after.createdAt || row.id === after.id);
}

function rowsOfCutSecond(rows: readonly PlacedItem[], last: PlacedItem, walk: Walk): Set<CompletionId> {
  const before = walk.goesInside && walk.after?.createdAt === last.createdAt ? walk.cut : [];
  const here = rows.filter((row) => row.createdAt === last.createdAt).map((row) => row.id);
  return new Set([...before, ...here]);
}

export function known({ id, createdAt }: KnownRow): KnownRow {
  return { id, createdAt };
}
