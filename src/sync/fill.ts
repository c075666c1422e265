/** Fills one hole: fetch a page, judge it, keep what it proves, go on below. The decisions are in `walk.ts`. */
import { CursorGoneError, TerminalError, UnreadablePageError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { range } from './coverage.ts';
import { type DenseReader, readDenseSecond } from './dense.ts';
import { isAlive, verifyEnd } from './end.ts';
import { fillFromBelow, noteExpired } from './fill-below.ts';
import { judgeEnd, settledPart } from './plan.ts';
import {
  type CompletionId,
  NO_FILTER,
  type Page,
  type SecondRange,
  type UnixSeconds,
  unixSeconds,
} from './ports.ts';
import { RestartPoints } from './restart.ts';
import { type Finding, goInside, isPlaced, judge, pastSecond, startWalk, type Walk } from './walk.ts';

/** Pages in a row that prove nothing new; more mean that the server leads the walk nowhere. */
const PAGES_WITHOUT_PROOF_MAX = 100_000;

/**
 * A page that fails may only be too heavy, with answers of megabytes. Then pages of ten rows are asked for: twenty of them at
 * first, and ten times as many after each further failure, as one costs all the retries there are.
 */
const SMALL_PAGE_SIZE = 10;
const SMALL_PAGES_FIRST = 20;

/** The hole is filled: the walk is over. */
const DONE = null;

export async function fillHole(hole: SecondRange, context: FillContext): Promise<void> {
  const restarts = new RestartPoints(context);
  const filling: Filling = { context, restarts, asked: new Set() };
  const isTop = hole.to >= context.now;
  let walk: Walk | null = startWalk(hole, isTop ? null : await restarts.nearest(unixSeconds(hole.to + 1)));
  let smallPages = 0;
  let smallPagesNext = SMALL_PAGES_FIRST;
  while (walk !== DONE) {
    context.signal.throwIfAborted();
    const asked: Walk = walk;
    try {
      const pageSize = smallPages > 0 ? Math.min(SMALL_PAGE_SIZE, context.pageSize) : context.pageSize;
      const page: Page = await context.fetchPage(pageAfter(asked, pageSize));
      walk = await advance(page, asked, filling);
      context.traits.pageRowsSeen = Math.max(context.traits.pageRowsSeen, page.items.length);
      smallPages = Math.max(0, smallPages - 1);
    } catch (error) {
      if (error instanceof CursorGoneError) walk = await startAgain(asked, error, filling);
      else if (!(error instanceof UnreadablePageError)) throw error;
      else if (smallPages === 0) {
        smallPages = smallPagesNext;
        smallPagesNext *= 10;
      } else {
        const rest = range(hole.from, asked.frontier - 1);
        if (rest !== null) await fillFromBelow(rest, error, context);
        walk = DONE;
      }
    }
    context.onProgress(walk?.frontier ?? hole.from, hole);
    await context.loader.commitIfDue();
  }
}

/** What changes while one hole is filled. */
interface Filling {
  readonly context: FillContext;
  readonly restarts: RestartPoints;
  /** Cursors met on the pages of this walk since it last proved a second: one met twice shows a circle. */
  asked: Set<CompletionId>;
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
  const outcome = await readDenseSecond(second, page, walk, denseReader(context));
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
  if (!walk.goesInside && isFull(page, context)) {
    context.traits.isEndDoubted = true;
    return advance({ ...page, hasMore: null }, walk, filling);
  }
  endHole(walk, verdict.oldestServedAt, context);
  return DONE;
}

const isFull = ({ items }: Page, { pageSize, traits }: FillContext): boolean =>
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

function pageAfter(walk: Walk, pageSize: number) {
  return { after: walk.after?.id ?? null, order: 'desc', pageSize, filter: NO_FILTER } as const;
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
