/** Goes past rows that no reply may be large enough for. */
import { CursorGoneError, ReplyTooLargeError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { range } from './coverage.ts';
import { type CompletionId, NO_FILTER, type PlacedItem } from './ports.ts';
import { isPlaced, pastSecond, type Walk } from './walk.ts';

/** Pages of two have failed: it is the next row or the one after it, or one of their seconds. */
const ROWS_BEFORE_MAX = 3;
/** So often one row is asked for in the same place: of rows of one second another one may come first. */
const LOOKS = 4;
/** Too large ones in a row. Each is read up to MAX_RESPONSE_MB before it is given up. */
const ROWS_MAX = 100;

/**
 * Reads one row at a time down to those that are too large, takes their ids from the beginning of the replies, and goes on below the
 * last of them. The seconds between are a gap that names it.
 *
 * @param error what the pages failed with.
 * @returns the walk to go on with; null when the replies do not show how to go on, or nothing is below.
 */
export async function passTooLarge(
  walk: Walk,
  error: ReplyTooLargeError,
  context: FillContext,
): Promise<Walk | null> {
  let cursor = walk.after?.id ?? null;
  let rowsBefore = 0;
  let tooLarge: ReplyTooLargeError | null = null;
  for (let tries = 0; tries < ROWS_MAX && rowsBefore < ROWS_BEFORE_MAX && tooLarge === null; tries += 1) {
    const next = await oneRow(cursor, LOOKS, context);
    if (next === null) return null;
    if (next instanceof ReplyTooLargeError) tooLarge = next;
    else {
      cursor = next.id;
      rowsBefore += 1;
    }
  }
  for (let tries = 0; tries < ROWS_MAX; tries += 1) {
    if (tooLarge !== null) {
      if (tooLarge.firstRowId === null || tooLarge.firstRowId === cursor) return null;
      cursor = tooLarge.firstRowId as CompletionId;
    }
    const below = await oneRow(cursor, 1, context);
    if (below === null) return null;
    if (!(below instanceof ReplyTooLargeError))
      return pastGap(walk, below, tooLarge ?? error, context, rowsBefore);
    tooLarge = below;
  }
  return null;
}

/** The next row, or what it is too large for; null: none, or the cursor is not known. */
async function oneRow(
  after: CompletionId | null,
  looks: number,
  context: FillContext,
): Promise<PlacedItem | ReplyTooLargeError | null> {
  let row: PlacedItem | undefined;
  for (let look = 0; look < looks; look += 1) {
    try {
      const page = await context.fetchPage({ after, order: 'desc', pageSize: 1, filter: NO_FILTER });
      row = page.items.find(isPlaced);
      if (row === undefined) return null;
    } catch (error) {
      // An id that was read from the wrong place.
      if (error instanceof CursorGoneError) return null;
      if (error instanceof ReplyTooLargeError) return error;
      throw error;
    }
  }
  return row ?? null;
}

/** @param row the first one below; its second may have been cut. */
function pastGap(
  walk: Walk,
  row: PlacedItem,
  { message: detail }: ReplyTooLargeError,
  context: FillContext,
  rowsSeen: number,
): Walk | null {
  const gap = range(Math.max(row.createdAt, walk.hole.from), walk.frontier - 1);
  if (gap === null) return null;
  context.loader.addGap({ ...gap, kind: 'unreadable', rowsSeen, rowsMissingEstimate: 1, detail });
  return pastSecond(walk, row);
}
