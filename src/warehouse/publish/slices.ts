/** Which stretches of time a published copy is brought up to date by. */
import type { Statements } from '../engine/session.ts';

/** Days whose marts are made together. */
export interface Slice {
  /** First day and the one after the last, as `2026-11-24`. */
  readonly from: string;
  readonly to: string;
  /** Of them those that had changed. */
  readonly days: number;
  readonly completions: number;
  /** Where in it rows have to be copied; null: they are in the copy already, and only marts of its days are made anew. */
  readonly changed: Stretch | null;
}

/** Of which rows are copied in one transaction; as times of SQL, `to` not included. */
export interface Stretch {
  readonly from: string;
  readonly to: string;
  readonly completions: number;
}

/** Each slice costs as much as some thousand rows. */
const BETWEEN_MAX = 4_000;

/** What is copied at a time: enough to be quick, few enough to take no more memory than a sync does. */
export const SLICE_COMPLETIONS = 18_000;

/** A day that is behind in the copy. */
export interface ChangedDay {
  readonly day: string;
  readonly nextDay: string;
  readonly completions: number;
  /** Completions of the days that did not change since the one before. */
  readonly between: number;
  readonly changed: Stretch | null;
}

/**
 * Days up to {@link SLICE_COMPLETIONS} together, whose rows are copied as a whole. Those between two that changed are copied again with
 * them, as long as they have few rows. Of a day by itself only what changed is copied. Pure.
 *
 * @param days ascending.
 */
export function slicesOf(days: readonly ChangedDay[]): readonly Slice[] {
  const slices: Slice[] = [];
  for (const { day, nextDay, completions: own, between, changed } of days) {
    const last = slices.at(-1);
    const completions = (last?.completions ?? 0) + between + own;
    if (last !== undefined && between <= BETWEEN_MAX && completions <= SLICE_COMPLETIONS) {
      const whole = { from: startOf(last.from), to: startOf(nextDay), completions };
      slices[slices.length - 1] = {
        from: last.from,
        to: nextDay,
        days: last.days + 1,
        completions,
        changed: last.changed === null && changed === null ? null : whole,
      };
    } else {
      slices.push({ from: day, to: nextDay, days: 1, completions: own, changed });
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
      changed:
        row['from_second'] === null
          ? null
          : {
              from: timeOf(Number(row['from_second'])),
              to: timeOf(Number(row['to_second'])),
              completions: Number(row['changed_count']),
            },
    })),
  );
}

/** What changed of a slice in one piece, or in several of `size` completions, ascending and without a gap. */
export async function stretchesOf(
  statements: Statements,
  { changed }: Slice,
  size: number,
): Promise<readonly Stretch[]> {
  if (changed === null) return [];
  const { from, to, completions } = changed;
  if (completions <= size) return [changed];
  const rows = await statements.rows('publish/stretches', { from, to, size });
  // The first begins where the change does, not with its first row: the copy may hold rows above or below.
  const starts = rows.map((row, place) => (place === 0 ? from : timeOf(Number(row['from_second']))));
  return rows.map((row, place) => ({
    from: starts[place] ?? from,
    to: starts[place + 1] ?? to,
    completions: Number(row['row_count']),
  }));
}

/** A UTC day begins, as a time of SQL. */
export const startOf = (day: string): string => `${day} 00:00:00+00`;

const timeOf = (second: number): string => new Date(second * 1000).toISOString().replace('Z', '+00');
