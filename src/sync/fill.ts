/** Fills one piece of a hole: fetch a page, judge it, keep what it proves, go on below. The decisions are in `walk.ts`. */
import { CursorGoneError, ReplyTooLargeError, TerminalError, UnreadablePageError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { range } from './coverage.ts';
import { type DenseOutcome, type DenseReader, readDenseSecond } from './dense.ts';
import { isAlive, verifyEnd } from './end.ts';
import { fillFromBelow, noteExpired } from './fill-below.ts';
import { PageSizes } from './page-sizes.ts';
import type { Piece } from './piece.ts';
import { judgeEnd, settledPart } from './plan.ts';
import {
  type CompletionId,
  type KnownRow,
  NO_FILTER,
  type Page,
  type SecondRange,
  type UnixSeconds,
  unixSeconds,
} from './ports.ts';
import { RestartPoints } from './restart.ts';
import { passTooLarge } from './too-large.ts';
import {
  type Finding,
  foresee,
  goInside,
  isPlaced,
  judge,
  pastSecond,
  startWalk,
  type Walk,
} from './walk.ts';

/** Pages in a row that prove nothing new; more mean that the server leads the walk nowhere. */
const PAGES_WITHOUT_PROOF_MAX = 100_000;

/** The hole is filled: the walk is over. */
const DONE = null;

/** Walks one piece to its end, which may rise meanwhile. */
export async function fillPiece(piece: Piece, context: FillContext): Promise<void> {
  const { hole } = piece;
  const restarts = new RestartPoints(context);
  const filling: Filling = { context, restarts, asked: new Set(), pageSize: context.pageSize };
  const isTop = hole.to >= context.now;
  const start = isTop ? null : await restarts.nearest(unixSeconds(hole.to + 1));
  let walk: Walk | null = startWalk(hole, piece.start ?? start);
  const sizes = new PageSizes(context.pageSize, context.pageBytes, context.traits.rowBytes);
  while (walk !== DONE && !piece.isDone) {
    context.signal.throwIfAborted();
    const from: Walk = walk;
    const asked = (): Walk => ({ ...from, hole: piece.hole });
    try {
      const pageSize = sizes.now;
      const page: Page = await context.fetchPage(pageAfter(from.after, pageSize), (tail) => {
        const after = foresee(tail, asked());
        return after && pageAfter(after, sizes.next);
      });
      filling.pageSize = pageSize;
      walk = await advance(page, asked(), filling);
      context.traits.pageRowsSeen = Math.max(context.traits.pageRowsSeen, page.items.length);
      sizes.noteRead(page);
    } catch (error) {
      if (error instanceof CursorGoneError) walk = await startAgain(asked(), error, filling);
      else if (!(error instanceof UnreadablePageError)) throw error;
      else if (!sizes.shrink(error)) walk = await passUnreadable(asked(), error, context);
    }
    piece.reach(walk?.frontier ?? null);
    context.onProgress(walk?.frontier ?? hole.from);
    await context.loader.commitIfDue();
  }
}

/** The pages below the walk cannot be read in any size. */
async function passUnreadable(
  walk: Walk,
  error: UnreadablePageError,
  context: FillContext,
): Promise<Walk | null> {
  const next = error instanceof ReplyTooLargeError ? await passTooLarge(walk, error, context) : null;
  if (next !== null) return next.frontier <= walk.hole.from ? DONE : next;
  const rest = range(walk.hole.from, walk.frontier - 1);
  if (rest !== null) await fillFromBelow(rest, error, context);
  return DONE;
}

/** What changes while one hole is filled. */
interface Filling {
  readonly context: FillContext;
  readonly restarts: RestartPoints;
  /** Cursors met on the pages of this walk since it last proved a second: one met twice shows a circle. */
  asked: Set<CompletionId>;
  /** Rows the last page was asked for. */
  pageSize: number;
}

/** Keeps what the page proves. @returns the walk to go on with, or null when the hole is filled. */
async function advance(page: Page, walk: Walk, filling: Filling): Promise<Walk | null> {
  const finding = judge(page, walk);
  const { context } = filling;
  const { name } = context.source;
  switch (finding.kind) {
    case 'progress':
      return onward(finding, walk, filling);
    case 'filled':
      cover(context, finding.covered);
      return DONE;
    case 'dense':
      cover(context, finding.covered);
      return passDense(finding.second, page, walk, filling);
    case 'end':
      return passEnd(finding, page, walk, filling);
    case 'repeated':
      context.traits.goesInside = false;
      return startAgain(walk, null, filling);
    case 'restarted':
      if (walk.after !== null && filling.asked.has(walk.after.id)) {
        if ((await isAlive(walk.after, context)) !== false) {
          throw new TerminalError(
            `the server of source ${name} ignores \`after\`: its pages start over, so older rows cannot be reached`,
          );
        }
      }
      return startAgain(walk, new CursorGoneError(walk.after?.id ?? 'head'), filling);
    case 'unsorted':
      throw new TerminalError(
        `the server of source ${name} does not list newest first though it was asked to (order=desc)`,
      );
    case 'unplaceable':
      throw new TerminalError(
        `the server of source ${name} answered a page on which no item has an id and a time; see \`tokenhouse gaps\``,
      );
  }
}

function onward(finding: Extract<Finding, { kind: 'progress' }>, walk: Walk, filling: Filling): Walk {
  const { context } = filling;
  const { after: nextAfter } = finding.next;
  // A circle does not sink in time.
  if (nextAfter !== null && nextAfter.createdAt < (walk.after?.createdAt ?? Number.POSITIVE_INFINITY)) {
    filling.asked = new Set();
  }
  if (finding.covered !== null) {
    if (walk.goesInside) context.traits.goesInside = true;
    cover(context, finding.covered);
    filling.asked = new Set();
    filling.restarts.forget();
  }
  const { after } = finding.next;
  if (after === null) return finding.next;
  if (filling.asked.has(after.id) || filling.asked.size > PAGES_WITHOUT_PROOF_MAX) {
    throw new TerminalError(
      `the server of source ${context.source.name} leads the walk in a circle: its pages came to ${after.id} twice`,
    );
  }
  filling.asked.add(after.id);
  return finding.next;
}

async function passDense(
  second: UnixSeconds,
  page: Page,
  walk: Walk,
  filling: Filling,
): Promise<Walk | null> {
  const { context } = filling;
  if (second > context.settledUntil()) {
    // The next run reads this second again, whatever this one does.
    const row = page.items.filter(isPlaced).at(-1);
    if (row !== undefined) return pastSecond(walk, row);
  }
  const outcome = await readDenseSecond(second, page, walk, denseReader(context)).catch((error: unknown) =>
    tooLargeToProve(error, second, page),
  );
  switch (outcome.kind) {
    case 'page':
      return advance(outcome.page, walk, filling);
    case 'inside':
      return advance(outcome.page, goInside(walk, outcome.after, outcome.seen), filling);
    case 'proven':
      // Proven with rows of earlier runs, perhaps.
      cover(context, range(second, second), false);
      break;
    case 'unproven':
      context.loader.addGap(outcome.gap);
      break;
  }
  filling.restarts.forget();
  return second <= walk.hole.from ? DONE : pastSecond(walk, outcome.row);
}

async function passEnd(
  end: Extract<Finding, { kind: 'end' }>,
  page: Page,
  walk: Walk,
  filling: Filling,
): Promise<Walk | null> {
  const { context } = filling;
  const verdict = await verifyEnd(end, walk, context);
  if (verdict.kind === 'empty') {
    context.noteEmptyList();
    const rest = range(walk.hole.from, walk.frontier - 1);
    const { retentionSeconds } = context.source;
    const expired = rest && judgeEnd(rest, null, context.present(), retentionSeconds).expired;
    noteExpired(expired, context);
    return DONE;
  }
  if (end.oldest === null) {
    if (verdict.kind === 'denied')
      return startAgain(walk, new CursorGoneError(walk.after?.id ?? 'head'), filling);
    endHole(walk, verdict.oldestServedAt, context);
    return DONE;
  }
  if (verdict.kind === 'denied') {
    // Older rows are served: from here on the walk goes on until a page is empty.
    context.traits.isEndDoubted = true;
    return advance({ ...page, hasMore: null }, walk, filling);
  }
  // A server may take "nothing below this second" for the end, and cut the second itself: on a full page that would not show.
  if (!walk.goesInside && isFull(page, filling)) {
    context.traits.isEndDoubted = true;
    return advance({ ...page, hasMore: null }, walk, filling);
  }
  endHole(walk, verdict.oldestServedAt, context);
  return DONE;
}

/** The larger pages that would prove the second cannot be read: it is a gap, and the walk goes on below it. */
function tooLargeToProve(error: unknown, second: UnixSeconds, page: Page): DenseOutcome {
  const row = page.items.filter(isPlaced).at(-1);
  if (!(error instanceof ReplyTooLargeError) || row === undefined) throw error;
  const rowsSeen = page.items.filter(({ createdAt }) => createdAt === second).length;
  const gap = { kind: 'unreadable', from: second, to: second, rowsSeen, rowsMissingEstimate: null } as const;
  return { kind: 'unproven', row, gap: { ...gap, detail: error.message } };
}

const isFull = ({ items }: Page, { pageSize, context: { traits } }: Filling): boolean =>
  items.length > 1 && [pageSize, traits.pageRowsMax, traits.pageRowsSeen].includes(items.length);

/** The list ended inside the hole. */
function endHole(walk: Walk, oldestServedAt: UnixSeconds | null, context: FillContext): void {
  if (oldestServedAt !== null) context.noteOldestServed(oldestServedAt);
  const rest = range(walk.hole.from, walk.frontier - 1);
  if (rest === null) return;
  const { covered, expired } = judgeEnd(
    rest,
    oldestServedAt,
    context.present(),
    context.source.retentionSeconds,
  );
  cover(context, covered);
  noteExpired(expired, context);
}

async function startAgain(walk: Walk, gone: CursorGoneError | null, filling: Filling): Promise<Walk> {
  filling.asked = new Set();
  return filling.restarts.above(walk, gone);
}

function cover(context: FillContext, covered: SecondRange | null, isMet = true): void {
  context.loader.addCovered(settledPart(covered, context.settledUntil()), isMet);
}

function pageAfter(after: KnownRow | null, pageSize: number) {
  return { after: after?.id ?? null, order: 'desc', pageSize, filter: NO_FILTER } as const;
}

function denseReader(context: FillContext): DenseReader {
  const { source, warehouse } = context;
  return {
    pageSize: context.pageSize,
    traits: context.traits,
    async fetchPage(request) {
      // A second may take dozens of pages: the batch must not wait for its last one.
      await context.loader.commitIfDue();
      return await context.fetchPage(request);
    },
    async idsReadBefore(page, second) {
      const held = await warehouse.knownIdsIn(source.name, second);
      return context.loader.idsGatheredIn(second, page).union(new Set(held));
    },
    knownSplitValues: () => warehouse.knownSplitValues(source.name, 50),
  };
}
