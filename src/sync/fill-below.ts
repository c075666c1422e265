/** Fills what can be filled of a hole from its older side, when the pages on its newer side cannot be read. */
import { CursorGoneError, ReplyTooLargeError, type TransientError, UnreadablePageError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { range } from './coverage.ts';
import { PageSizes } from './page-sizes.ts';
import { judgeEnd, settledPart } from './plan.ts';
import {
  type Gap,
  type KnownRow,
  NO_FILTER,
  type Page,
  type SecondRange,
  type UnixSeconds,
  unixSeconds,
} from './ports.ts';
import { isPlaced, isSorted, known } from './walk.ts';

/**
 * Walks `rest` oldest first, until it is through or a page fails here too. What is left is a gap.
 *
 * @param failure what the newer side failed with; thrown when the older side does not get anywhere either: then it is the
 * server that fails, not a page.
 */
export async function fillFromBelow(
  rest: SecondRange,
  failure: TransientError,
  context: FillContext,
): Promise<void> {
  let after = await context.warehouse.knownRowBelow(context.source.name, rest.from);
  let readUpTo: number = rest.from;
  const sizes = new PageSizes(context.pageSize, context.pageBytes, context.traits.rowBytes);
  for (;;) {
    context.signal.throwIfAborted();
    const page = await fetchAscending(after, sizes, context);
    if (page === 'cursor gone' && after !== null && readUpTo === rest.from) {
      after = null;
      continue;
    }
    if (page === null || page === 'cursor gone') break;
    const step = judgeAscending(page, after);
    if (step === null) break;
    if (after === null) context.noteOldestServed(step.first.createdAt);
    coverFromBelow(readUpTo, rest.to, step, context);
    readUpTo = Math.max(readUpTo, step.cutSecond);
    after = step.next;
    context.onProgress(unixSeconds(rest.to + 1 - (readUpTo - rest.from)));
    await context.loader.commitIfDue();
    if (readUpTo > rest.to) return;
  }
  // A row that is too large may be the oldest one: where others were read, it is no fault of the server's.
  const isOfRow = failure instanceof ReplyTooLargeError && context.traits.pageRowsSeen > 0;
  if (readUpTo === rest.from && !isOfRow) throw failure;
  context.loader.addGap({
    kind: 'unreadable',
    from: unixSeconds(readUpTo),
    to: rest.to,
    rowsSeen: 0,
    rowsMissingEstimate: null,
    detail: `the server fails on the pages of this stretch, from either side: ${failure.message}`,
  });
}

/** null: this page cannot be read either. */
export async function fetchAscending(
  after: KnownRow | null,
  sizes: PageSizes,
  context: FillContext,
): Promise<Page | 'cursor gone' | null> {
  for (;;) {
    try {
      const page = await context.fetchPage({
        after: after?.id ?? null,
        order: 'asc',
        pageSize: sizes.now,
        filter: NO_FILTER,
      });
      sizes.noteRead(page);
      return page;
    } catch (error) {
      if (error instanceof CursorGoneError) return 'cursor gone';
      if (!(error instanceof UnreadablePageError)) throw error;
      // Other failures take minutes each, and the newer side has tried smaller pages already.
      if (!(error instanceof ReplyTooLargeError) || !sizes.shrink(error)) return null;
    }
  }
}

interface AscendingStep {
  readonly first: KnownRow;
  /** All seconds from the cursor up to the one before this are on the page. */
  readonly cutSecond: number;
  readonly next: KnownRow;
}

/** null: the page proves nothing, or no tie-safe cursor leads on from it. */
export function judgeAscending(page: Page, after: KnownRow | null): AscendingStep | null {
  const rows = page.items.filter(isPlaced);
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (first === undefined || last === undefined || !isSorted(rows, 'asc')) return null;
  const startsOver =
    after !== null && rows.some((row) => row.createdAt < after.createdAt || row.id === after.id);
  const next = rows.findLast((row) => row.createdAt < last.createdAt);
  // A page of one second looks the same in either order: it shows neither that the order was kept nor how to go on.
  if (startsOver || next === undefined) return null;
  return { first: known(first), cutSecond: last.createdAt, next: known(next) };
}

/**
 * What a page that was asked from below proves, from the second that it was asked for to the one before its last. Before its first row
 * there may have been others that have expired unseen; and a cursor that has expired itself looks alive where the server starts
 * over with its oldest row. So of these seconds only those that the API still keeps are proven to be empty.
 */
export function coverFromBelow(
  from: number,
  to: UnixSeconds,
  step: AscendingStep,
  context: FillContext,
): void {
  const read = range(from, Math.min(to, step.cutSecond - 1));
  if (read === null) return;
  const { retentionSeconds } = context.source;
  const { covered, expired } = judgeEnd(read, step.first.createdAt, context.present(), retentionSeconds);
  context.loader.addCovered(settledPart(covered, context.settledUntil()), false, 'asc');
  noteExpired(expired, context);
}

/**
 * Notes seconds that nothing can be told of any more. Those that were still kept when the run began are no gap: they went out
 * of its reach while it walked. They are not marked as covered either.
 */
export function noteExpired(expired: SecondRange | null, context: FillContext): void {
  const keptFrom = context.now - (context.source.retentionSeconds ?? 0);
  const lost = expired && range(expired.from, Math.min(expired.to, keptFrom - 1));
  if (lost) context.loader.addGap(retentionGap(lost));
}

function retentionGap(expired: SecondRange): Gap {
  return {
    ...expired,
    kind: 'retention',
    rowsSeen: 0,
    rowsMissingEstimate: null,
    detail:
      'older than the API keeps rows (RETENTION_DAYS) and never read in time: rows may have expired unseen',
  };
}
