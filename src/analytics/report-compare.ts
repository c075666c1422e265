/** The two stretches of a report of before and after a moment. Pure; moments are Unix seconds. */
import { SettingsError } from '../errors.ts';
import { type Bounds, dayOf, daysBetween, type Period } from './report-period.ts';

const DAY_SECONDS = 86_400;

export interface ComparedSpans {
  readonly from: number;
  /** Where the one ends and the other begins. */
  readonly at: number;
  /** Excluded. */
  readonly to: number;
}

interface Asked {
  readonly since: string | null;
  readonly until: string | null;
  readonly compare?: number | null;
}

const secondsOf = (time: string): number => Date.parse(time) / 1_000;

/**
 * Two stretches of one length, as long as what was read allows: from the moment up to where the last sync had settled, and as long
 * before. An end that is asked for (`since`, `until`) stays, and the other stretch is as long as far as it can be.
 *
 * @returns null: no moment is asked for, or nothing was ever read.
 * @throws {SettingsError} for a moment with nothing read before or after it.
 */
export function comparedSpans({ since, until, compare }: Asked, bounds: Bounds): ComparedSpans | null {
  if (compare === undefined || compare === null || bounds.settledUntil === null) return null;
  const first = bounds.completeFrom === null ? 0 : secondsOf(bounds.completeFrom);
  const last = secondsOf(bounds.settledUntil);
  const from = since === null ? null : secondsOf(since);
  const to = until === null ? null : Math.min(secondsOf(until), last);
  const before = from === null ? compare - first : compare - from;
  const after = (to ?? last) - compare;
  if (before <= 0 || after <= 0) {
    throw new SettingsError(
      `--compare needs a moment with something read before and after it: from ${timeOf(from ?? first)} to ${timeOf(to ?? last)}`,
    );
  }
  const both = Math.min(before, after);
  return {
    from: from ?? compare - both,
    at: compare,
    to: to ?? compare + both,
  };
}

const timeOf = (seconds: number): string => new Date(seconds * 1_000).toISOString().replace(':00.000Z', 'Z');

/** The UTC days that both lie in, `until` excluded. */
export const daysOf = ({ from, to }: ComparedSpans): { readonly since: string; readonly until: string } => ({
  since: dayOf(from * 1_000),
  until: dayOf(Math.ceil(to / DAY_SECONDS) * DAY_SECONDS * 1_000),
});

/** The halves of the whole days of a period that were read; of an odd number the first day is left out. */
export function halvesOf({ since, until }: Period, { completeFrom, openFrom }: Bounds): ComparedSpans {
  const first = completeFrom !== null && completeFrom > since ? completeFrom : since;
  const end = openFrom !== null && openFrom < until ? openFrom : until;
  const half = Math.floor(daysBetween(first, end) / 2) * DAY_SECONDS;
  const to = secondsOf(end);
  return { from: to - 2 * half, at: to - half, to };
}

export const compareParameters = ({ from, at, to }: ComparedSpans): Readonly<Record<string, number>> => ({
  compare_from: from,
  compare: at,
  compare_to: to,
});
