/** Coverage: which whole seconds are known to be read in full. Set operations on integer ranges, nothing else. */
import { type SecondRange, unixSeconds } from './ports.ts';

/** Disjoint ranges, ascending, with at least one second between two of them. */
export type Coverage = readonly SecondRange[];

export const EMPTY_COVERAGE: Coverage = [];

/** The range, or null when it would be empty (`from > to`). */
export function range(from: number, to: number): SecondRange | null {
  return from <= to ? { from: unixSeconds(from), to: unixSeconds(to) } : null;
}

/** Seconds in either. Ranges that touch become one. */
export function union(coverage: Coverage, added: readonly SecondRange[]): Coverage {
  const sorted = [...coverage, ...added].sort((a, b) => a.from - b.from);
  const merged: SecondRange[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && next.from <= last.to + 1) {
      if (next.to > last.to) merged[merged.length - 1] = { from: last.from, to: next.to };
    } else merged.push(next);
  }
  return merged;
}

/** The stretches of `within` that are not covered, ascending. */
export function holes(coverage: Coverage, within: SecondRange): Coverage {
  const found: SecondRange[] = [];
  let from: number = within.from;
  for (const covered of coverage) {
    if (covered.to < from) continue;
    if (covered.from > within.to) break;
    const hole = range(from, covered.from - 1);
    if (hole !== null) found.push(hole);
    from = covered.to + 1;
  }
  const rest = range(from, within.to);
  if (rest !== null) found.push(rest);
  return found;
}

/** Seconds in both. */
export function intersection(coverage: Coverage, within: SecondRange): Coverage {
  return coverage.flatMap(
    (covered) => range(Math.max(covered.from, within.from), Math.min(covered.to, within.to)) ?? [],
  );
}

/** Seconds of `coverage` that are in none of `removed`. */
export function difference(coverage: Coverage, removed: readonly SecondRange[]): Coverage {
  const holesLeft = union(EMPTY_COVERAGE, removed);
  return coverage.flatMap((covered) => holes(holesLeft, covered));
}

export function countSeconds(coverage: Coverage): number {
  return coverage.reduce((sum, { from, to }) => sum + (to - from + 1), 0);
}

export function contains(coverage: Coverage, second: number): boolean {
  return coverage.some(({ from, to }) => from <= second && second <= to);
}
