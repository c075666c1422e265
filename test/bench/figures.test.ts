/**
 * Figures that no machine changes, held against the kept ones: requests, bytes and statements of fixed walks, and how memory
 * grows with the rows. Who makes one better keeps it: `npm run bench -- --only d --save`.
 */
import { describe, expect, test } from 'vitest';
import { countFigures } from './counts.ts';
import { isWorse, judged, keptFigures, lower, median } from './figures.ts';
import { measureMemory } from './measure-memory.ts';
import { peerFigures } from './measure-peer.ts';
import { FULL } from './sizes.ts';

/**
 * Three times the rows at most take so much more memory. Over a heap that has not grown to its size yet this is looser
 * than what is wanted of a million rows over 100,000.
 */
const PEAK_RATIO_MAX = 1.5;

describe('figures', () => {
  test('requests, bytes and statements are no worse than the kept ones by more than a fifth', async () => {
    const figures = await countFigures();
    const kept = keptFigures();
    expect(Object.keys(kept)).toEqual(expect.arrayContaining(Object.keys(figures)));
    expect(judged(figures, kept).worse, JSON.stringify(figures)).toEqual([]);
  });

  test('the memory of a first sync does not grow with its rows', async () => {
    const { peak_large_over_small: ratio } = await measureMemory({ ...FULL, memoryRows: [20_000, 60_000] });
    expect(ratio?.value).toBeLessThanOrEqual(PEAK_RATIO_MAX);
  }, 120_000);
});

describe('judging', () => {
  test.each([
    [119, 100, 'lower', false],
    [121, 100, 'lower', true],
    [1, 0, 'lower', true],
    [-18, -20, 'lower', false],
    [-15, -20, 'lower', true],
    [84, 100, 'higher', false],
    [83, 100, 'higher', true],
  ] as const)('%d after %d, %s is better: worse is %s', (value, than, better, worse) => {
    expect(isWorse(value, than, better)).toBe(worse);
  });

  test('a figure that was not taken is neither worse nor missed, nor is one without a kept one', () => {
    const kept = { peer: lower(1, { unit: 's', wanted: 1 }) };
    expect(judged({ peer: { ...kept.peer, value: null }, other: lower(9, { unit: 's' }) }, kept)).toEqual({
      worse: [],
      missed: [],
    });
    expect(judged({ peer: lower(2, { unit: 's', wanted: 1 }) }, kept)).toEqual({
      worse: ['peer'],
      missed: ['peer'],
    });
  });

  test('the middle of an even number of values is the lower one of two', () => {
    expect(median([9, 1, 3])).toBe(3);
    expect(median([4, 1])).toBe(1);
  });

  test('of a run beside the peer the better round counts, and a missing one is not run', () => {
    const figures = peerFigures([
      'bulk1 1.00 s 50000 rows',
      'th1 3.00 409600 openai: landed',
      'dlt1 9.00 307200 WALL 8.50 MAXRSS_MB 300',
      'nopub1 2.50 400000 openai: landed',
      'th2 4.00 512000 openai: landed',
      'dlt2 8.00 307200 WALL 7.50 MAXRSS_MB 300',
      'th50_1 6.00 409600 openai: landed',
    ]);
    expect(figures).toMatchObject({
      peer_seconds_over_ours: { value: 2.667, wanted: 2 },
      peer_seconds_over_ours_without_publishing: { value: 3.2 },
      ours_over_peer_at_50_ms: { value: null },
      peak_above_peer: { value: 100, wanted: 50 },
      peer_bulk_load_over_ours: { value: 0.4 },
    });
  });
});
