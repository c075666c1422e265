/** Which stretches of time a published copy is brought up to date by. */
import type { Statements } from '../engine/session.ts';

/** Days that are copied together. */
export interface Slice {
  /** First day and the one after the last, as `2026-11-24`. */
  readonly from: string;
  readonly to: string;
  /** Of them those that had changed. */
  readonly days: number;
  readonly completions: number;
}

/** A part of a slice, whose rows are copied in one transaction; as times of SQL, `to` not included. */
export interface Stretch {
  readonly from: string;
  readonly to: string;
  readonly completions: number;
}

/** Each slice costs as much as some thousand rows. */
const BETWEEN_MAX = 4_000;

/** What is copied at a time: enough to be quick, few enough to take no more memory than a sync does. */
export const SLICE_COMPLETIONS = 20_000;

/**
 * Days up to {@link SLICE_COMPLETIONS} together. Those between two that changed are copied again with them, as long as they have few
 * rows. Pure.
 *
 * @param days ascending; `between`: completions of the days that did not change since the one before.
 */
export function slicesOf(
  days: readonly {
    readonly day: string;
    readonly nextDay: string;
    readonly completions: number;
    readonly between: number;
  }[],
): readonly Slice[] {
  const slices: Slice[] = [];
  for (const { day, nextDay, completions: own, between } of days) {
    const last = slices.at(-1);
    const completions = own + between;
    if (last !== undefined && between <= BETWEEN_MAX && last.completions + completions <= SLICE_COMPLETIONS) {
      slices[slices.length - 1] = {
        from: last.from,
        to: nextDay,
        days: last.days + 1,
        completions: last.completions + completions,
      };
    } else {
      slices.push({ from: day, to: nextDay, days: 1, completions: own });
    }
  }
  return slices;
}

/**
 * Days that are behind in the copy.
 *
 * @param after the newest commit the copy holds; 0: none, so every day.
 * @param openDay the day on which it was made; null: it is new.
 */
export async function changedSlices(
  statements: Statements,
  after: number,
  openDay: string | null,
): Promise<readonly Slice[]> {
  const rows = await statements.rows('publish/changed_days', { after, open_day: openDay });
  return slicesOf(
    rows.map((row) => ({
      day: String(row['day']),
      nextDay: String(row['next_day']),
      completions: Number(row['row_count']),
      between: Number(row['row_count_between']),
    })),
  );
}

/** A slice in one piece, or a long day in several of `size` completions, ascending and without a gap. */
export async function stretchesOf(
  statements: Statements,
  slice: Slice,
  size: number,
): Promise<readonly Stretch[]> {
  const [from, to] = [`${slice.from} 00:00:00+00`, `${slice.to} 00:00:00+00`];
  if (slice.completions <= size) return [{ from, to, completions: slice.completions }];
  const rows = await statements.rows('publish/stretches', { from, to, size });
  // The first begins with the day, not with its first row: the copy may hold rows above or below.
  const starts = rows.map((row, place) => (place === 0 ? from : timeOf(Number(row['from_second']))));
  return rows.map((row, place) => ({
    from: starts[place] ?? from,
    to: starts[place + 1] ?? to,
    completions: Number(row['row_count']),
  }));
}

const timeOf = (second: number): string => new Date(second * 1000).toISOString().replace('Z', '+00');
