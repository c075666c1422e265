/** Which holes a run is to fill, and what a filled hole proves. Pure. */
import { type Coverage, difference, holes, range } from './coverage.ts';
import { type Gap, type SecondRange, type UnixSeconds, unixSeconds } from './ports.ts';

export interface PlanQuestion {
  /** The run's start, Unix seconds. */
  readonly now: UnixSeconds;
  /** Oldest second asked for. */
  readonly cutoff: UnixSeconds;
  /** Newest second asked for; null: now. */
  readonly until: UnixSeconds | null;
  /** True when a person named the stretch: then it is kept to, and gaps given up on are tried again. */
  readonly isExplicit: boolean;
  /** Read covered seconds again too. */
  readonly reread: boolean;
  readonly coverage: Coverage;
  readonly gaps: readonly Gap[];
  readonly retentionSeconds: number | null;
}

export interface Plan {
  readonly range: SecondRange;
  /** What to fill, newest first. Independent of each other: they may be filled in any order, or side by side. */
  readonly holes: readonly SecondRange[];
}

/** Gaps of dense seconds older than this are left alone where the API keeps rows for ever. */
const RETRY_DAYS = 30;
const DAY_SECONDS = 86_400;

/**
 * The holes of the stretch.
 *
 * A run without a stretch of its own goes down to the cutoff, and further to the oldest second that was ever covered:
 * a worker that was away for longer than the cutoff reaches back would else leave a hole that nobody sees.
 * Left out: stretches recorded as lost to retention, dense seconds of which nothing seems to be missing, and those so old
 * that the API has forgotten them. They stay in `sync.gaps`, and a person who names the stretch has them tried again.
 */
export function planRun(question: PlanQuestion): Plan {
  const { now, cutoff, until, coverage, isExplicit } = question;
  const oldestCovered = coverage[0]?.from ?? cutoff;
  const from = isExplicit ? cutoff : Math.min(cutoff, oldestCovered);
  const to = Math.min(now, until ?? now);
  const asked = { from: unixSeconds(Math.min(from, to)), to: unixSeconds(to) };
  const uncovered = question.reread ? [asked] : holes(coverage, asked);
  const givenUp = isExplicit ? [] : question.gaps.filter((gap) => isGivenUp(gap, question));
  return { range: asked, holes: difference(uncovered, givenUp).toReversed() };
}

function isGivenUp(gap: Gap, { now, retentionSeconds }: PlanQuestion): boolean {
  if (gap.kind === 'retention') return true;
  // All that can be told of it was done, and nothing seems to be missing: it stays a gap, and is not asked for every night.
  if (gap.rowsMissingEstimate === 0) return true;
  return gap.to < now - (retentionSeconds ?? RETRY_DAYS * DAY_SECONDS);
}

/**
 * What the end of the list says of a hole's rest: seconds the API still keeps are proven to be empty; older than that,
 * rows may have expired unseen.
 *
 * @param oldestServedAt the oldest row of the list, null when the list is empty.
 * @returns `covered` and `expired` together are the rest; either may be null.
 */
export function judgeEnd(
  rest: SecondRange,
  oldestServedAt: UnixSeconds | null,
  now: UnixSeconds,
  retentionSeconds: number | null,
): { readonly covered: SecondRange | null; readonly expired: SecondRange | null } {
  if (retentionSeconds === null) return { covered: rest, expired: null };
  // Rows expire oldest first: while an old one is served, no younger one has expired.
  const provenFrom = Math.min(oldestServedAt ?? Number.POSITIVE_INFINITY, now - retentionSeconds);
  return {
    covered: range(Math.max(rest.from, provenFrom), rest.to),
    expired: range(rest.from, Math.min(rest.to, provenFrom - 1)),
  };
}

/** The part of a proven stretch that may be marked as covered: nothing younger than the settle window. */
export function settledPart(covered: SecondRange | null, settledUntil: UnixSeconds): SecondRange | null {
  return covered === null ? null : range(covered.from, Math.min(covered.to, settledUntil));
}
