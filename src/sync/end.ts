/**
 * Checks a reply that says, or seems to say, that nothing older follows. An empty page may as well mean that the
 * server does not know the cursor any more and hides it (seen on a compatible server), and `has_more` may be wrong.
 */
import { CursorGoneError, TerminalError, UnreadablePageError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { type KnownRow, NO_FILTER, type UnixSeconds } from './ports.ts';
import { type Finding, isPlaced, isSorted, type Walk } from './walk.ts';

export type EndVerdict =
  | { readonly kind: 'verified'; readonly oldestServedAt: UnixSeconds | null }
  /** Older rows are served, or the cursor is not known any more. */
  | { readonly kind: 'denied' };

export async function verifyEnd(
  end: Extract<Finding, { kind: 'end' }>,
  walk: Walk,
  context: FillContext,
): Promise<EndVerdict> {
  const lowestSeen = end.oldest ?? walk.after;
  const oldest = await fetchOldest(context);

  if (oldest === 'none') {
    if (end.oldest === null) return { kind: 'verified', oldestServedAt: null };
  } else if (oldest !== 'unknown') {
    // Inside a second, its rows down to the cursor are read though the frontier is still above it.
    const readDownTo = walk.goesInside ? (walk.after?.createdAt ?? walk.frontier) : walk.frontier;
    const bound = end.oldest?.createdAt ?? readDownTo;
    if (oldest < bound) return { kind: 'denied' };
    // Not older than what this walk saw: this is the oldest. Younger: either that row is gone, or `order` is ignored.
    if (lowestSeen === null || oldest <= lowestSeen.createdAt)
      return { kind: 'verified', oldestServedAt: oldest };
  }

  if (end.oldest !== null) return { kind: 'verified', oldestServedAt: end.oldest.createdAt };
  if (walk.after === null) return { kind: 'verified', oldestServedAt: null };
  if (!(await isAlive(walk.after, context))) return { kind: 'denied' };
  if (end.saysMore) {
    throw new TerminalError(
      `the server of source ${context.source.name} says that more rows follow ${walk.after.id} and lists none`,
    );
  }
  return { kind: 'verified', oldestServedAt: walk.after.createdAt };
}

/**
 * Whether the API still has the row. Asked after a page that followed it: a row does not come back, so it was there then.
 * Where rows cannot be retrieved one by one, the page from above it has to show it.
 */
export async function isAlive(row: KnownRow, context: FillContext): Promise<boolean> {
  const { source, warehouse, loader, signal, pageSize } = context;
  const exists = await source.exists(row.id, signal);
  if (exists !== null) return exists;
  await loader.commit();
  const above = await warehouse.knownRowAbove(source.name, row.createdAt, 1);
  const request = { after: above?.id ?? null, order: 'desc', pageSize, filter: NO_FILTER } as const;
  const page = await context.fetchPage(request).catch((error: unknown) => {
    if (error instanceof CursorGoneError) return null;
    throw error;
  });
  return page?.items.some(({ id }) => id === row.id) ?? false;
}

/**
 * The second of the oldest row served; `none`: the list is empty; `unknown`: the server does not list oldest first, or
 * does not show that it does: a page of one second looks the same either way.
 */
export async function fetchOldest(
  context: Pick<FillContext, 'fetchPage' | 'traits' | 'pageSize'>,
): Promise<UnixSeconds | 'none' | 'unknown'> {
  const { traits } = context;
  // Two rows tell most often; more are asked for when they are of one second.
  for (const pageSize of [2, 10, Math.max(10, context.pageSize)]) {
    if (traits.listsAscending === false) return 'unknown';
    const page = await context
      .fetchPage({ after: null, order: 'asc', pageSize, filter: NO_FILTER })
      .catch((error: unknown) => {
        if (error instanceof UnreadablePageError) return null;
        throw error;
      });
    if (page === null) return 'unknown';
    const rows = page.items.filter(isPlaced);
    const [first, last] = [rows.at(0), rows.at(-1)];
    if (first === undefined || last === undefined) return page.items.length === 0 ? 'none' : 'unknown';
    if (!isSorted(rows, 'asc')) traits.listsAscending = false;
    else if (first.createdAt < last.createdAt) traits.listsAscending = true;
    if (traits.listsAscending === true || page.hasMore === false) return first.createdAt;
  }
  return 'unknown';
}
