import { describe, expect, it } from 'vitest';
import { UnreadablePageError } from '../../src/errors.ts';
import { contains } from '../../src/sync/coverage.ts';
import { benchOf, NOW, rowsAt } from '../support/sync-run.ts';

/** The row in the middle of the list by time, or at a share of it. */
function rowAt<T extends { createdAt: number }>(rows: readonly T[], share: number): T {
  return rows.toSorted((a, b) => b.createdAt - a.createdAt)[Math.floor(rows.length * share)] as T;
}

describe('a page that the server always fails on', () => {
  it.each([0.2, 0.5, 0.9])(
    'costs no row on either side of it (row at %f of the list), and is a gap',
    async (share) => {
      const rows = rowsAt(3_000, 2);
      const bench = benchOf(rows);
      const bad = rowAt(rows, share);
      bench.api.poison.add(bad.id);
      const result = await bench.run();
      expect(result.status).toBe('landed');
      const [gap] = result.gaps;
      expect(result.gaps.map(({ kind }) => kind)).toEqual(['unreadable']);
      expect(gap?.from).toBeLessThanOrEqual(bad.createdAt);
      expect(gap?.to).toBeGreaterThanOrEqual(bad.createdAt);
      const lost = new Set(bench.missing());
      for (const row of rows.filter(({ id }) => lost.has(id))) {
        expect(row.createdAt).toBeGreaterThanOrEqual(gap?.from ?? 0);
        expect(row.createdAt).toBeLessThanOrEqual(gap?.to ?? 0);
      }
      // Pages of ten on the newer side, of a hundred on the older one.
      expect(lost.size).toBeLessThan(120);

      // Once the server can serve it, the next run fills the gap.
      bench.api.poison.clear();
      bench.api.nowSeconds += 86_400;
      const next = await bench.run();
      expect(bench.missing()).toEqual([]);
      expect(next.gaps).toEqual([]);
      expect(next.unprovenSeconds).toBe(0);
    },
  );

  it('read from below, rows that have expired unseen are no empty seconds, though the cursor has expired as well', async () => {
    const at = (id: string, createdAt: number) => ({
      id,
      createdAt,
      visibleAt: createdAt,
      model: 'only',
      metadata: {},
    });
    const bench = benchOf([at('low', NOW - 4_000)], { unknownCursor: 'startsOver' });
    bench.api.retentionSeconds = 5_000;
    await bench.run();
    bench.api.nowSeconds += 9_000;
    for (let n = 0; n < 9; n += 1) bench.api.add(at(`new-${n}`, NOW + 5_000 + 10 * n));
    bench.api.add(at('unseen', NOW + 500));
    // On the newest page, and not on the oldest one.
    bench.api.add(at('bad', NOW + 7_000));
    bench.api.poison.add('bad');
    const result = await bench.run({ pageSize: 4 });
    const coverage = await bench.warehouse.readCoverage('model', 'model');
    expect(contains(coverage, NOW + 500)).toBe(false);
    expect(contains(coverage, NOW + 5_010)).toBe(true);
    expect(result.gaps.map(({ kind }) => kind)).toEqual(['retention', 'unreadable']);
  });

  it('a page that is only too heavy is read in smaller ones', async () => {
    const rows = rowsAt(500, 2);
    const bench = benchOf(rows);
    const fetchPage = bench.api.fetchPage.bind(bench.api);
    bench.api.fetchPage = async (request, signal) => {
      const page = await fetchPage(request, signal);
      if (page.items.length > 20) throw new UnreadablePageError('too heavy');
      return page;
    };
    const result = await bench.run();
    expect(bench.missing()).toEqual([]);
    expect(result.unprovenSeconds).toBe(0);
  });

  it('a server that fails on every page fails the run, and leaves no gap', async () => {
    const rows = rowsAt(500, 2);
    const bench = benchOf(rows);
    for (const row of rows) bench.api.poison.add(row.id);
    await expect(bench.run()).rejects.toThrow(UnreadablePageError);
    expect(await bench.warehouse.readGaps('model', 'model')).toEqual([]);
    expect(await bench.warehouse.readCoverage('model', 'model')).toEqual([]);
  });

  it('a server that cannot list oldest first proves nothing from that side', async () => {
    const rows = rowsAt(500, 2);
    const bench = benchOf(rows, { ascending: false });
    bench.api.poison.add(rowAt(rows, 0.5).id);
    await expect(bench.run()).rejects.toThrow(UnreadablePageError);
    const bad = rowAt(rows, 0.5).createdAt;
    for (const { from, to } of await bench.warehouse.readCoverage('model', 'model')) {
      expect(from <= bad && bad <= to).toBe(false);
      expect(from).toBeGreaterThan(bad);
    }
  });
});

it('what expires while the run walks is neither claimed nor called a gap', async () => {
  const month = 30 * 86_400;
  const bench = benchOf(rowsAt(400, 0.01));
  bench.api.retentionSeconds = month;
  bench.api.onRequest = () => {
    bench.api.nowSeconds += 600;
  };
  const result = await bench.run();
  expect(result).toMatchObject({ unprovenSeconds: 0, gaps: [] });
  const [lowest] = await bench.warehouse.readCoverage('model', 'model');
  expect(lowest?.from).toBeGreaterThan(result.plan.range.from);
});
