import { describe, expect, it } from 'vitest';
import { countSeconds } from '../../src/sync/coverage.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import type { ModelTraits } from '../support/api-model.ts';
import { benchOf, NOW, rowsAt } from '../support/sync-run.ts';

const MODELS = ['a', 'b', 'c', 'd', 'e'];
const TEAMS = ['x', 'y', 'z'];

describe('a dense second: more rows than a page holds', () => {
  it('rows of several models and teams are all found, and the second is still not called proven', async () => {
    const bench = benchOf(rowsAt(2_000, 300, { models: MODELS, teams: TEAMS }));
    const result = await bench.run();
    expect(bench.missing()).toEqual([]);
    expect(result.status).toBe('landed');
    expect(result.gaps.every((gap) => gap.kind === 'dense' && gap.rowsMissingEstimate === 0)).toBe(true);
    expect(result.unprovenSeconds).toBe(result.gaps.length);
    expect(result.unprovenSeconds).toBe(7);
    // 20 pages would hold them all.
    expect(bench.requests()).toBeLessThan(4 * 20);
  });

  it('a model met nowhere else does not slip into a second that looks proven', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const rows = rowsAt(600, 300, { models: MODELS, teams: TEAMS }, seed);
      const second = rows[0]?.createdAt ?? 0;
      const hidden = {
        ...rows[0],
        id: 'hidden',
        createdAt: second,
        model: 'never-met',
        metadata: { team: 'new' },
      };
      const bench = benchOf([...rows, hidden as (typeof rows)[number]], {}, seed);
      await bench.run();
      const coverage = await bench.warehouse.readCoverage('model', 'model');
      const isClaimed = coverage.some(({ from, to }) => from <= second && second <= to);
      expect(isClaimed, `seed ${seed}`).toBe(false);
    }
  });

  it.each([
    ['the model filter', { modelFilter: false }],
    ['the metadata filter', { metadataFilter: false }],
    ['every filter', { modelFilter: false, metadataFilter: false }],
  ] as const)(
    'a server that ignores %s makes no second look proven',
    async (_, traits: Partial<ModelTraits>) => {
      const rows = rowsAt(2_000, 300, { models: MODELS, teams: TEAMS });
      const bench = benchOf(rows, traits);
      const result = await bench.run();
      const unproven = new Set(result.gaps.map((gap) => gap.from as number));
      const missing = new Set(bench.missing());
      for (const row of rows) {
        if (missing.has(row.id)) expect(unproven.has(row.createdAt)).toBe(true);
      }
      expect(result.unprovenSeconds).toBe(7);
    },
  );

  it('one model without metadata: every unproven second is listed, the estimate is within 20 % in the median', async () => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 40; seed += 1) {
      const rows = rowsAt(2_000, 300, {}, seed);
      const bench = benchOf(rows, {}, seed);
      const result = await bench.run();
      const missing = new Set(bench.missing());
      const missingIn = Map.groupBy(
        rows.filter((row) => missing.has(row.id)),
        (row) => row.createdAt,
      );
      for (const second of missingIn.keys()) {
        expect(result.gaps.some((gap) => gap.from === second)).toBe(true);
      }
      for (const gap of result.gaps) {
        const actual = missingIn.get(gap.from)?.length ?? 0;
        if (actual > 0) errors.push(Math.abs((gap.rowsMissingEstimate ?? 0) - actual) / actual);
      }
    }
    errors.sort((a, b) => a - b);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThanOrEqual(0.2);
  });

  it('each further run draws again and adds to what is held', async () => {
    const bench = benchOf(rowsAt(2_000, 300));
    const left: number[] = [];
    for (let night = 0; night < 4; night += 1) {
      await bench.run();
      left.push(bench.missing().length);
      bench.api.nowSeconds += 86_400;
    }
    expect(left[0]).toBeGreaterThan(100);
    expect(left[3]).toBeLessThanOrEqual(1);
  });

  it('a cursor that goes on inside a second: all rows, nothing unproven, near the ideal number of requests', async () => {
    const bench = benchOf(rowsAt(2_000, 300), { cursor: 'exact', ties: 'stable' });
    const result = await bench.run();
    expect(bench.missing()).toEqual([]);
    expect(result.unprovenSeconds).toBe(0);
    expect(bench.requests()).toBeLessThanOrEqual(26);
  });

  it('a server without a cap on the page proves it by a larger page', async () => {
    const bench = benchOf(rowsAt(2_000, 300), { pageRowsMax: 5_000 });
    const result = await bench.run();
    expect(bench.missing()).toEqual([]);
    expect(result.unprovenSeconds).toBe(0);
  });

  it('without `has_more`, the oldest second is proven from its older side', async () => {
    const rows = [5, 5, 5, 9].map((ago, index) => ({
      id: `row-${index}`,
      createdAt: NOW - 10_000 - 9 + ago,
      visibleAt: 0,
      model: 'only',
      metadata: {},
    }));
    const bench = benchOf(rows, { hasMore: 'missing' });
    const result = await bench.run();
    expect(bench.missing()).toEqual([]);
    expect(result.unprovenSeconds).toBe(0);
  });

  it('a dense second inside the settle window costs no ladder, and the next run settles it', async () => {
    const rows = rowsAt(50, 50).map((row) => ({ ...row, createdAt: NOW - 60 }));
    const bench = benchOf(rows, { pageRowsMax: 20 });
    expect((await bench.run()).unprovenSeconds).toBe(0);
    expect(bench.requests()).toBeLessThan(8);
    bench.api.nowSeconds += 86_400;
    const next = await bench.run({ cutoff: unixSeconds(NOW - 86_400) });
    expect(next.gaps.map((gap) => gap.from)).toEqual([NOW - 60]);
    expect(countSeconds(next.gaps)).toBe(1);
  });
});

it('a burst little larger than a page is found whole by looking again, for fewer requests than a filter a value', async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const rows = rowsAt(112, 112, { models: MODELS, teams: TEAMS }, seed).map((row) => ({
      ...row,
      createdAt: NOW - 9_000,
    }));
    const before = rowsAt(60, 1, {}, seed + 100).map((row) => ({ ...row, createdAt: NOW - 8_999 }));
    const bench = benchOf([...rows, ...before], {}, seed);
    const result = await bench.run();
    expect(bench.missing(), `seed ${seed}`).toEqual([]);
    expect(result.gaps.map((gap) => gap.rowsMissingEstimate)).toEqual([0]);
    expect(bench.requests()).toBeLessThan(16);
    // Nothing seems to be missing, so the next night does not ask again.
    bench.api.nowSeconds += 86_400;
    expect((await bench.run()).unprovenSeconds).toBe(0);
  }
});
