import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeldRows } from '../../src/sync/held.ts';
import { type CompletionId, unixSeconds } from '../../src/sync/ports.ts';

it('counts rows between seconds, and finds the second below which so many are', () => {
  const part = fc.record({ at: fc.integer({ min: 1, max: 99 }), rows: fc.integer({ min: 1, max: 9 }) });
  const parts = fc.uniqueArray(part, { selector: ({ at }) => at, maxLength: 30, minLength: 1 });
  fc.assert(
    fc.property(parts, fc.nat(100), fc.nat(100), fc.nat(300), (all, from, to, rows) => {
      const held = new HeldRows(
        all.map(({ at, rows }) => ({ id: `r-${at}` as CompletionId, createdAt: unixSeconds(at), rows })),
      );
      const sum = (low: number, high: number) =>
        all.filter(({ at }) => at >= low && at < high).reduce((total, { rows }) => total + rows, 0);
      expect(held.rowsBetween(from, to)).toBe(sum(from, to));
      const below = held.secondBelow(to, rows);
      // The lowest with no more than that many, and the newest where that one alone has more.
      const newest = Math.max(...all.map(({ at }) => at));
      const isWithin = below >= to || below === newest || sum(below, to) <= rows;
      expect(isWithin).toBe(true);
      const lower = all.map(({ at }) => at).filter((at) => at < below);
      if (below < to) for (const at of lower) expect(sum(at, to)).toBeGreaterThan(rows);
    }),
  );
});

it('nothing held is no row anywhere', () => {
  const held = new HeldRows([]);
  expect([held.rowsBetween(0, 100), held.secondBelow(50, 5)]).toEqual([0, 0]);
});
