import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Coverage,
  contains,
  countSeconds,
  difference,
  EMPTY_COVERAGE,
  holes,
  intersection,
  union,
} from '../../src/sync/coverage.ts';
import type { SecondRange } from '../../src/sync/ports.ts';

const LAST = 60;
const rangeArbitrary = fc
  .tuple(fc.nat(LAST), fc.nat(LAST))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }) as SecondRange);
const rangesArbitrary = fc.array(rangeArbitrary, { maxLength: 8 });

/** The model: a set of plain numbers. */
const seconds = (ranges: readonly SecondRange[]): Set<number> =>
  new Set(ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));
const coverageOf = (ranges: readonly SecondRange[]): Coverage => union(EMPTY_COVERAGE, ranges);

function expectNormal(coverage: Coverage): void {
  for (const [index, { from, to }] of coverage.entries()) {
    expect(from).toBeLessThanOrEqual(to);
    if (index > 0) expect(from).toBeGreaterThan((coverage[index - 1] as SecondRange).to + 1);
  }
}

describe('coverage is a set of seconds', () => {
  it('union, intersection, difference and holes agree with sets of numbers, and stay normal', () => {
    fc.assert(
      fc.property(rangesArbitrary, rangesArbitrary, rangeArbitrary, (first, second, within) => {
        const [a, b, w] = [coverageOf(first), seconds(second), seconds([within])];
        const inA = seconds(first);
        const cases: [Coverage, Set<number>][] = [
          [union(a, second), inA.union(b)],
          [intersection(a, within), inA.intersection(w)],
          [difference(a, second), inA.difference(b)],
          [holes(a, within), w.difference(inA)],
        ];
        for (const [result, model] of cases) {
          expectNormal(result);
          expect(seconds(result)).toEqual(model);
          expect(countSeconds(result)).toBe(model.size);
          for (let s = 0; s <= LAST; s += 7) expect(contains(result, s)).toBe(model.has(s));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the order in which ranges are learnt does not matter', () => {
    fc.assert(
      fc.property(rangesArbitrary, (ranges) => {
        const oneByOne = ranges.reduce<Coverage>((sum, next) => union(sum, [next]), EMPTY_COVERAGE);
        expect(oneByOne).toEqual(coverageOf(ranges.toReversed()));
      }),
    );
  });
});
