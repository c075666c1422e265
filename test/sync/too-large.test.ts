import { describe, expect, it } from 'vitest';
import { ReplyTooLargeError } from '../../src/errors.ts';
import type { Page } from '../../src/sync/ports.ts';
import { benchOf, rowsAt } from '../support/sync-run.ts';

/** A server whose replies have a size: each row has 1, these ones 10,000, and a reply may have 500. */
function withHeavyRows(
  bench: ReturnType<typeof benchOf>,
  heavy: ReadonlySet<string>,
): { requests: string[] } {
  const seen = { requests: [] as string[] };
  const fetchPage = bench.api.fetchPage.bind(bench.api);
  bench.api.fetchPage = async (request, signal, onTail) => {
    seen.requests.push(`${request.order} ${request.pageSize}`);
    let told: (() => void) | null = null;
    const page: Page = await fetchPage(request, signal, (tail) => {
      told = () => onTail?.(tail);
    });
    const size = page.items.reduce((sum, { id }) => sum + (heavy.has(id ?? '') ? 10_000 : 1), 0);
    if (size > 500) {
      const id = page.items[0]?.id ?? null;
      throw new ReplyTooLargeError(
        `the reply is larger than 256 MB (MAX_RESPONSE_MB), from the row ${id} on`,
        id,
      );
    }
    (told as (() => void) | null)?.();
    return page;
  };
  return seen;
}

const byTime = <T extends { createdAt: number; id: string }>(rows: readonly T[]): readonly T[] =>
  rows.toSorted((a, b) => b.createdAt - a.createdAt);

describe('a row that no reply is large enough for', () => {
  it.each([0.001, 0.3, 0.9])(
    'costs that row alone, and its gap names it (at %f of the list)',
    async (share) => {
      const rows = rowsAt(2_000, 2);
      const bench = benchOf(rows);
      const heavy = byTime(rows)[Math.floor(rows.length * share)]?.id ?? '';
      withHeavyRows(bench, new Set([heavy]));
      const result = await bench.run();
      expect(result.status).toBe('landed');
      expect(new Set(result.gaps.map(({ kind }) => kind))).toEqual(new Set(['unreadable']));
      const heavyAt = rows.find(({ id }) => id === heavy)?.createdAt ?? 0;
      const own = result.gaps.find(({ from, to }) => from <= heavyAt && heavyAt <= to);
      // Among rows of its own second another one may be the first of the reply.
      expect(own?.detail).toContain('MAX_RESPONSE_MB), from the row row-');
      // A second above it may be one that pages of two rows cannot pass.
      const newest = Math.max(...rows.map(({ createdAt }) => createdAt));
      for (const { from, to } of result.gaps) {
        expect(heavyAt - from).toBeLessThan(10);
        expect(Math.min(to, newest) - heavyAt).toBeLessThan(10);
      }
      // Rows of the heavy one's own second may be out of reach with it.
      expect(bench.missing()).toContain(heavy);
      expect(bench.missing().length).toBeLessThan(8);
      expect(result.unprovenSeconds).toBeGreaterThan(0);
    },
  );

  it('without ties it is named', async () => {
    const bench = benchOf(rowsAt(300, 0.01));
    const heavy = byTime(bench.api.stored())[150]?.id ?? '';
    withHeavyRows(bench, new Set([heavy]));
    const result = await bench.run();
    expect(result.gaps).toHaveLength(1);
    expect(result.gaps[0]?.detail).toContain(`MAX_RESPONSE_MB), from the row ${heavy} on`);
    expect(bench.missing()).toEqual([heavy]);
  });

  it('several in a row cost these', async () => {
    const rows = rowsAt(600, 0.5);
    const bench = benchOf(rows);
    const heavy = new Set(
      byTime(rows)
        .slice(200, 205)
        .map(({ id }) => id),
    );
    withHeavyRows(bench, heavy);
    const result = await bench.run();
    expect(result.status).toBe('landed');
    for (const id of heavy) expect(bench.missing()).toContain(id);
    expect(bench.missing().length).toBeLessThan(14);
  });

  it('the oldest of all leaves the rest of the list loaded', async () => {
    const rows = rowsAt(600, 0.5);
    const bench = benchOf(rows);
    const heavy = byTime(rows).at(-1)?.id ?? '';
    withHeavyRows(bench, new Set([heavy]));
    const result = await bench.run();
    expect(result.status).toBe('landed');
    expect(bench.missing()).toEqual([heavy]);
    expect(result.gaps).toMatchObject([{ kind: 'unreadable' }]);
  });

  it('once the setting allows it, the next run fills the gap', async () => {
    const rows = rowsAt(600, 0.5);
    const bench = benchOf(rows);
    const heavy = new Set([byTime(rows)[300]?.id ?? '']);
    withHeavyRows(bench, heavy);
    await bench.run();
    heavy.clear();
    bench.api.nowSeconds += 86_400;
    const next = await bench.run();
    expect(bench.missing()).toEqual([]);
    expect(next).toMatchObject({ gaps: [], unprovenSeconds: 0 });
  });

  it('a server whose every reply is too large fails the run', async () => {
    const rows = rowsAt(100, 2);
    const bench = benchOf(rows);
    withHeavyRows(bench, new Set(rows.map(({ id }) => id)));
    await expect(bench.run()).rejects.toThrow(ReplyTooLargeError);
  });

  it('pages of rows that are together too large are read in smaller ones', async () => {
    const rows = rowsAt(500, 0.3);
    const bench = benchOf(rows);
    const fetchPage = bench.api.fetchPage.bind(bench.api);
    bench.api.fetchPage = async (request, signal) => {
      const page = await fetchPage(request, signal);
      if (page.items.length > 6) throw new ReplyTooLargeError('too large', page.items[0]?.id ?? null);
      return page;
    };
    const result = await bench.run();
    expect(result).toMatchObject({ status: 'landed', gaps: [], unprovenSeconds: 0 });
    expect(bench.missing()).toEqual([]);
  });
});
