import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Piece } from '../../src/sync/piece.ts';
import { type CompletionId, unixSeconds } from '../../src/sync/ports.ts';

const row = (createdAt: number) => ({
  id: `row-${createdAt}` as CompletionId,
  createdAt: unixSeconds(createdAt),
});

it('however pieces are walked, raised and split, what is dealt with and what is left are the whole', () => {
  const step = fc.record({
    of: fc.nat(9),
    kind: fc.constantFrom('reach', 'split', 'raise'),
    at: fc.integer({ min: -5, max: 105 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pieces = [new Piece({ from: unixSeconds(0), to: unixSeconds(99) })];
      const done = new Set<number>();
      for (const { of, kind, at } of steps) {
        const piece = pieces[of % pieces.length];
        if (piece === undefined || piece.isDone) continue;
        const { hole, frontier } = piece;
        if (kind === 'split') {
          const part = piece.split(row(at));
          expect(part !== null).toBe(at > hole.from && at < frontier);
          if (part !== null) pieces.push(part);
        } else if (kind === 'reach' && at >= hole.from && at < frontier) {
          for (let second = at; second < frontier; second += 1) done.add(second);
          piece.reach(unixSeconds(at));
        } else if (kind === 'raise' && at > hole.from && at <= frontier) {
          for (let second: number = hole.from; second < at; second += 1) done.add(second);
          piece.raise(unixSeconds(at));
        }
      }
      const left = pieces.flatMap(({ hole, frontier }) =>
        Array.from({ length: Math.max(0, frontier - hole.from) }, (_, index) => hole.from + index),
      );
      expect([...done, ...left].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 100 }, (_, second) => second),
      );
      expect(pieces.reduce((sum, { secondsLeft }) => sum + secondsLeft, 0)).toBe(left.length);
    }),
  );
});

it("a part begins after the row it was cut at, below that row's second", () => {
  const piece = new Piece({ from: unixSeconds(0), to: unixSeconds(99) });
  piece.reach(unixSeconds(80));
  const part = piece.split(row(40));
  expect([piece.hole, part?.hole, part?.start]).toEqual([{ from: 40, to: 99 }, { from: 0, to: 39 }, row(40)]);
  expect([piece.secondsAPage, part?.secondsAPage]).toEqual([20, 20]);
});

it('how many seconds a page has is taken from the last ones: a long time without rows above them does not count', () => {
  const piece = new Piece({ from: unixSeconds(0), to: unixSeconds(999_999) });
  piece.reach(unixSeconds(10_000));
  expect(piece.secondsAPage).toBe(990_000);
  for (const frontier of [9_900, 9_800]) piece.reach(unixSeconds(frontier));
  expect(piece.secondsAPage).toBe(100);
  for (let frontier = 9_790; frontier > 9_700; frontier -= 10) piece.reach(unixSeconds(frontier));
  expect(piece.secondsAPage).toBe(10);
});
