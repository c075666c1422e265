/**
 * Checks a reply that says, or seems to say, that nothing older follows. An empty page may as well mean that the
 * server does not know the cursor any more and hides it (seen on a compatible server), or that it had nothing to say
 * just then; and `has_more` may be wrong.
 */
import { CursorGoneError, TerminalError, TransientError, UnreadablePageError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { LARGE_PAGE_SIZE } from './dense.ts';
import { type KnownRow, NO_FILTER, type Page, type UnixSeconds, unixSeconds } from './ports.ts';
import { type Finding, isPlaced, isSorted, known, type Walk } from './walk.ts';

export type EndVerdict =
  | { readonly kind: 'verified'; readonly oldestServedAt: UnixSeconds | null }
  /** Nothing is listed, and nothing ever was: as likely a reply by mistake as an empty project. */
  | { readonly kind: 'empty' }
  /** Older rows are served, or the cursor is not known any more. */
  | { readonly kind: 'denied' };

type End = Extract<Finding, { kind: 'end' }>;

export async function verifyEnd(end: End, walk: Walk, context: FillContext): Promise<EndVerdict> {
  const lowestSeen = end.oldest ?? walk.after;
  const before = context.beginning.look;
  if (before !== null && isBeginning(before, end, walk)) {
    return { kind: 'verified', oldestServedAt: before.oldest };
  }
  const { oldest, seen } = await lookAtOldest(context);
  if (seen.some((row) => isUnread(row, end, walk))) return { kind: 'denied' };

  if (oldest === 'none') {
    if (end.saysMore) throw saysMoreError(context);
    return verifyNothing(lowestSeen, walk, context);
  }
  if (oldest !== 'unknown') {
    // Not older than what this walk saw: this is the oldest. Younger: either that row is gone, or `order` is ignored.
    if (lowestSeen === null || oldest <= lowestSeen.createdAt) {
      return { kind: 'verified', oldestServedAt: oldest };
    }
  }

  // The other end of the list tells nothing: what follows the last row is asked for, whatever `has_more` said.
  if (end.oldest !== null) {
    // Twice, as a reply may be empty by mistake. A server that starts over then has no more than one page.
    for (let look = 0; look < 2; look += 1) {
      if ((await whatFollows(end.oldest, context)) === 'rows') return { kind: 'denied' };
    }
    // A row that was deleted just then is a cursor that some servers do not know: they list nothing after it.
    if ((await isAlive(end.oldest, context)) === false) return { kind: 'denied' };
    return { kind: 'verified', oldestServedAt: end.oldest.createdAt };
  }
  // The head of a list is empty, and its other end is not, or does not tell.
  if (walk.after === null) throw emptyListError(context);
  // The cursor has to be alive, and the page after it empty a second time: a reply may be empty by mistake.
  if ((await isAlive(walk.after, context)) === false) return { kind: 'denied' };
  if ((await whatFollows(walk.after, context)) !== 'nothing') return { kind: 'denied' };
  if (end.saysMore) throw saysMoreError(context);
  return { kind: 'verified', oldestServedAt: walk.after.createdAt };
}

/**
 * Whether the page that ends the list shows the second that was its oldest before, and all rows that were seen there: older rows do not
 * come into being. An empty page tells nothing of the kind: its cursor may have expired inside of that second.
 */
function isBeginning(look: Look, end: End, walk: Walk): look is Look & { readonly oldest: UnixSeconds } {
  const { oldest, seen } = look;
  if (end.oldest === null || typeof oldest !== 'number' || oldest > end.oldest.createdAt) return false;
  return !seen.some((row) => isUnread(row, end, walk));
}

/** A row that is served though the list has ended above it, or in its second, whether or not it is the oldest one. */
function isUnread({ id, createdAt }: KnownRow, { oldest, last }: End, walk: Walk): boolean {
  // Inside a second, its rows down to the cursor are read though the frontier is still above it.
  if (oldest === null)
    return createdAt < (walk.goesInside ? (walk.after?.createdAt ?? walk.frontier) : walk.frontier);
  return (
    createdAt < oldest.createdAt || (createdAt === oldest.createdAt && !walk.goesInside && !last.has(id))
  );
}

/** Nothing is listed from either side. A list may be empty for a moment: no row may be known to be there. */
async function verifyNothing(
  lowestSeen: KnownRow | null,
  walk: Walk,
  context: FillContext,
): Promise<EndVerdict> {
  if (lowestSeen !== null) {
    if ((await isAlive(lowestSeen, context)) !== false) throw emptyListError(context);
    return { kind: 'denied' };
  }
  const { source, warehouse, loader, signal } = context;
  await loader.commit();
  const keptFrom = source.retentionSeconds === null ? 0 : context.present() - source.retentionSeconds;
  const youngest = await warehouse.knownRowBelow(source.name, unixSeconds(walk.hole.to + 1));
  if (youngest === null) return { kind: 'empty' };
  const oldest = await warehouse.knownRowAbove(source.name, unixSeconds(keptFrom), 1);
  for (const row of [youngest, oldest]) {
    const isKept = row !== null && row.createdAt > keptFrom;
    if (isKept && (await source.exists(row.id, signal)) === true) throw emptyListError(context);
  }
  // Where rows cannot be retrieved one by one, a third look has to do.
  if ((await pageBelow(null, context))?.items.length !== 0) throw emptyListError(context);
  return { kind: 'verified', oldestServedAt: null };
}

const saysMoreError = ({ source }: FillContext): TerminalError =>
  new TerminalError(`the server of source ${source.name} says that more rows follow, and lists none`);

const emptyListError = ({ source }: FillContext): TransientError =>
  new TransientError(
    `the list of source ${source.name} is empty, though rows of it are still served; run again`,
  );

async function whatFollows(
  row: KnownRow,
  context: FillContext,
): Promise<'nothing' | 'rows' | 'the list again'> {
  const page = await pageBelow(row, context);
  if (page === null) return 'rows';
  // Items that cannot be placed were on the page before, or are out of reach anyway.
  const rows = page.items.filter(isPlaced);
  if (rows.length === 0) return 'nothing';
  const startsOver = rows.some(({ id, createdAt }) => id === row.id || createdAt > row.createdAt);
  return startsOver ? 'the list again' : 'rows';
}

/** null: the API does not know the row any more. */
async function pageBelow(
  row: KnownRow | null,
  context: FillContext,
  pageSize = context.pageSize,
): Promise<Page | null> {
  const request = {
    after: row?.id ?? null,
    order: 'desc',
    pageSize,
    filter: NO_FILTER,
  } as const;
  return context.fetchPage(request).catch((error: unknown) => {
    if (error instanceof CursorGoneError) return null;
    throw error;
  });
}

/**
 * Whether the API still has the row. Asked after a page that followed it: a row does not come back, so it was there then.
 * Where rows cannot be retrieved one by one, the page from above it has to show it.
 *
 * @returns null when that page cannot tell: it is cut before the row's second ends.
 */
export async function isAlive(row: KnownRow, context: FillContext): Promise<boolean | null> {
  const { source, warehouse, loader, signal } = context;
  const exists = await source.exists(row.id, signal);
  if (exists !== null) return exists;
  await loader.commit();
  for (let rank = 1; ; rank *= 2) {
    const above = await warehouse.knownRowAbove(source.name, row.createdAt, rank);
    const sight = await sightOf(row, above, context);
    // Nothing at all below a row above it: that one is gone, said or not. One farther up may tell.
    if (sight === 'nothing') {
      if (above === null) return false;
    } else if (typeof sight === 'boolean') return sight;
    // A page from farther up says nothing against that there was nothing below a nearer one, unless its own pages lead down to the row.
    else return rank === 1 ? null : await isDownFrom(sight.next, row, context);
  }
}

/** Pages that are followed to a row whose neighbours above are all gone. */
const PAGES_DOWN_MAX = 20;

async function isDownFrom(from: KnownRow | null, row: KnownRow, context: FillContext): Promise<boolean> {
  let above = from;
  for (let pages = 0; above !== null && pages < PAGES_DOWN_MAX; pages += 1) {
    const sight = await sightOf(row, above, context);
    if (typeof sight === 'boolean') return sight;
    above = sight === 'nothing' ? null : sight.next;
  }
  return false;
}

/** Whether a row is on the page that comes down to its second; `next`: the page ends above that, at this row, or inside of it (null). */
type Sight = boolean | 'nothing' | { readonly next: KnownRow | null };

/** @param above null: the head of the list. */
async function sightOf(row: KnownRow, above: KnownRow | null, context: FillContext): Promise<Sight> {
  let next: KnownRow | null = null;
  // A page that the row's own second fills tells nothing: the largest one may.
  for (const pageSize of [context.pageSize, LARGE_PAGE_SIZE]) {
    const page = await pageBelow(above, context, pageSize);
    if (page === null || page.items.length === 0) return 'nothing';
    if (page.items.some(({ id }) => id === row.id)) return true;
    const isCut = page.items.every(({ createdAt }) => (createdAt ?? 0) >= row.createdAt);
    if (!isCut) return false;
    const last = page.items.filter(isPlaced).findLast(({ createdAt }) => createdAt > row.createdAt);
    next = last === undefined || last.id === above?.id ? null : known(last);
  }
  return { next };
}

/** Where the list begins, as a run has last found it. */
export interface Beginning {
  /** null: it was not looked for, or not long enough to tell. */
  look: Look | null;
  /** Two rows are of one second: they tell nothing. */
  isTied: boolean;
}

/**
 * The second of the oldest row served, looked for once a run; `none`: the list is empty; `unknown`: the server does not list oldest
 * first, or does not show that it does: a page of one second looks the same either way.
 */
export async function fetchOldest(context: LookContext): Promise<UnixSeconds | 'none' | 'unknown'> {
  const { oldest } = context.beginning.look ?? (await lookAtOldest(context));
  return oldest;
}

/** As {@link fetchOldest}, for one request: null where that does not tell. */
export async function glimpseOldest(context: LookContext): Promise<UnixSeconds | null> {
  const { beginning } = context;
  const look = await lookWith(ROWS_FEWEST, context, []);
  beginning.isTied = look === null;
  if (look !== null) beginning.look = look;
  return typeof look?.oldest === 'number' ? look.oldest : null;
}

type LookContext = Pick<FillContext, 'fetchPage' | 'traits' | 'pageSize' | 'beginning'>;

export interface Look {
  /** As {@link fetchOldest} has it. */
  readonly oldest: UnixSeconds | 'none' | 'unknown';
  /** All rows that were seen on the way, whatever their order says. */
  readonly seen: readonly KnownRow[];
}

/** Two rows tell most often; more are asked for when they are of one second. */
const ROWS_FEWEST = 2;

async function lookAtOldest(context: LookContext): Promise<Look> {
  const { beginning, pageSize } = context;
  const seen: KnownRow[] = [];
  const few = beginning.isTied ? null : await lookWith(ROWS_FEWEST, context, seen);
  const look = few ?? (await lookWith(Math.max(ROWS_FEWEST, pageSize), context, seen));
  beginning.look = look ?? { oldest: 'unknown', seen };
  return beginning.look;
}

/** @param seen gets the rows. @returns null: a larger page may tell. */
async function lookWith(
  pageSize: number,
  { fetchPage, traits }: LookContext,
  seen: KnownRow[],
): Promise<Look | null> {
  if (traits.listsAscending === false) return { oldest: 'unknown', seen };
  const page = await fetchPage({ after: null, order: 'asc', pageSize, filter: NO_FILTER }).catch(
    (error: unknown) => {
      if (error instanceof UnreadablePageError) return null;
      throw error;
    },
  );
  if (page === null) return { oldest: 'unknown', seen };
  const rows = page.items.filter(isPlaced);
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (first === undefined || last === undefined)
    return { oldest: page.items.length === 0 ? 'none' : 'unknown', seen };
  seen.push(...rows.map(known));
  if (!isSorted(rows, 'asc')) {
    traits.listsAscending = false;
    return { oldest: 'unknown', seen };
  }
  if (first.createdAt < last.createdAt) traits.listsAscending = true;
  // Not by `has_more: false`, which is what is to be checked.
  return traits.listsAscending === true ? { oldest: first.createdAt, seen } : null;
}
