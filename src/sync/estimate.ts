/** How many rows of a dense second were not seen: capture-recapture over repeated draws. Pure. */
import type { CompletionId } from './ports.ts';

/**
 * One look at the second, unfiltered: the rows of it that a page happened to show. Where the order of ties varies from
 * call to call, that is a random sample.
 */
export type Draw = ReadonlySet<CompletionId>;

export interface Evidence {
  readonly draws: readonly Draw[];
  /** Rows that belong to classes read in full (by a filter), met in a draw or not. */
  readonly classed: ReadonlySet<CompletionId>;
  /** All rows of the second that were read, in whatever way. */
  readonly seen: ReadonlySet<CompletionId>;
}

/**
 * Estimates the rows of the second that no page showed.
 *
 * With N rows outside the complete classes and draws of L₁…Lₖ of all T rows, the draws are expected to show
 * N·(1 − Π(1 − Lᵢ/T)) of them; N is solved for what they did show (the maximum-likelihood estimate for samples of
 * fixed size, "Schnabel" in the literature on closed populations).
 *
 * @returns rows, 0 or more, not rounded; null when the draws tell nothing: fewer than two, two of them alike to the
 * row (then the order of ties does not vary), or no row drawn twice.
 */
export function estimateMissing({ draws, classed, seen }: Evidence): number | null {
  if (draws.length < 2 || hasTwins(draws)) return null;
  const outside = new Set(draws.flatMap((draw) => [...draw].filter((id) => !classed.has(id))));
  if (outside.size === 0) return 0;
  const drawnOutside = draws.reduce(
    (sum, draw) => sum + [...draw].filter((id) => !classed.has(id)).length,
    0,
  );
  if (drawnOutside === outside.size) return null;

  const expectedShown = (rowsOutside: number) => {
    const rowsAll = classed.size + rowsOutside;
    const missedByAll = draws.reduce((p, draw) => p * Math.max(0, 1 - draw.size / rowsAll), 1);
    return rowsOutside * (1 - missedByAll);
  };
  let low = outside.size;
  let high = outside.size * 2;
  // More rows than this would show next to no row twice; drawnOutside > outside.size bounds it.
  while (expectedShown(high) < outside.size && high < 1e9) high *= 2;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (expectedShown(middle) < outside.size) low = middle;
    else high = middle;
  }
  const seenOutside = [...seen].filter((id) => !classed.has(id)).length;
  return Math.max(0, low - seenOutside);
}

function hasTwins(draws: readonly Draw[]): boolean {
  return draws.some((draw, index) =>
    draws.slice(index + 1).some((other) => draw.size === other.size && draw.isSubsetOf(other)),
  );
}
