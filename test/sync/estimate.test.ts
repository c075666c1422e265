import { describe, expect, it } from 'vitest';
import { estimateMissing } from '../../src/sync/estimate.ts';
import type { CompletionId } from '../../src/sync/ports.ts';
import { seededRandom } from '../support/random.ts';

const ids = (numbers: Iterable<number>) => new Set([...numbers].map((n) => `row-${n}` as CompletionId));
const none = ids([]);

/** `count` draws of `size` rows out of `total`. */
function drawsOf(total: number, size: number, count: number, seed: number) {
  const random = seededRandom(seed);
  const all = Array.from({ length: total }, (_, index) => index);
  return Array.from({ length: count }, () => ids(random.shuffle(all).slice(0, size)));
}

const unionOf = (draws: readonly ReadonlySet<CompletionId>[]) =>
  draws.reduce<Set<CompletionId>>((sum, draw) => sum.union(draw), new Set());

describe('what is missing is estimated from rows drawn twice', () => {
  it.each([
    [300, 2],
    [300, 3],
    [300, 6],
    [1_000, 6],
  ])('of %i rows, %i draws of 100: within 20 % in the median of 200 trials', (total, count) => {
    const errors = Array.from({ length: 200 }, (_, seed) => {
      const draws = drawsOf(total, 100, count, seed + 1);
      const seen = unionOf(draws);
      const missing = total - seen.size;
      return Math.abs((estimateMissing({ draws, classed: none, seen }) ?? 0) - missing) / missing;
    }).sort((a, b) => a - b);
    expect(errors[100]).toBeLessThan(0.2);
  });

  it('rows in classes read in full are not estimated: only the rest is', () => {
    const draws = drawsOf(300, 100, 4, 1);
    const classed = ids(Array.from({ length: 300 }, (_, index) => index));
    expect(estimateMissing({ draws, classed, seen: classed })).toBe(0);
  });

  it.each([
    ['a single draw', drawsOf(300, 100, 1, 1)],
    ['no draw', []],
    ['two draws alike to the row, as of an order that does not vary', [ids([1, 2]), ids([2, 1])]],
    ['draws that share no row', [ids([1, 2]), ids([3, 4])]],
  ])('%s tells nothing', (_, draws) => {
    expect(estimateMissing({ draws, classed: none, seen: unionOf(draws) })).toBeNull();
  });
});
