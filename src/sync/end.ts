/**
 * Checks a reply that says, or seems to say, that nothing older follows. An empty page may as well mean that the
 * server does not know the cursor any more and hides it (seen on a compatible server), and `has_more` may be wrong.
 */
import { TerminalError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { type CompletionId, NO_FILTER, type UnixSeconds } from './ports.ts';
import { type Finding, isPlaced, isSorted, type Walk } from './walk.ts';

export type EndVerdict =
  | { readonly kind: 'verified'; readonly oldestServedAt: UnixSeconds | null }
  /** Older rows are served, or the cursor is not known any more. */
  | { readonly kind: 'denied' };

/** @param asked cursors that this walk met on a page itself, so that they were alive a moment ago. */
export async function verifyEnd(
  end: Extract<Finding, { kind: 'end' }>,
  walk: Walk,
  asked: ReadonlySet<CompletionId>,
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
  const exists = await context.source.exists(walk.after.id, context.signal);
  if (exists === false) return { kind: 'denied' };
  if (end.saysMore) {
    throw new TerminalError(
      `the server of source ${context.source.name} says that more rows follow ${walk.after.id} and lists none`,
    );
  }
  if (exists === true || asked.has(walk.after.id)) {
    return { kind: 'verified', oldestServedAt: walk.after.createdAt };
  }
  return { kind: 'denied' };
}

/**
 * The second of the oldest row served; `none`: the list is empty; `unknown`: the server does not list oldest first, or
 * does not show that it does: a page of one second looks the same either way.
 */
export async function fetchOldest(
  context: Pick<FillContext, 'fetchPage' | 'traits' | 'pageSize'>,
): Promise<UnixSeconds | 'none' | 'unknown'> {
  const { traits } = context;
  // Two rows tell most often; a full page is asked for when they are of one second.
  for (const pageSize of [2, Math.max(2, context.pageSize)]) {
    if (traits.listsAscending === false) return 'unknown';
    const page = await context.fetchPage({ after: null, order: 'asc', pageSize, filter: NO_FILTER });
    const rows = page.items.filter(isPlaced);
    const [first, last] = [rows.at(0), rows.at(-1)];
    if (first === undefined || last === undefined) return page.items.length === 0 ? 'none' : 'unknown';
    if (!isSorted(rows, 'asc')) traits.listsAscending = false;
    else if (first.createdAt < last.createdAt) traits.listsAscending = true;
    if (traits.listsAscending === true || page.hasMore === false) return first.createdAt;
  }
  return 'unknown';
}
