import { expect, it } from 'vitest';
import { contains } from '../../src/sync/coverage.ts';
import type { ModelRow, ModelTraits } from '../support/api-model.ts';
import { benchOf, NOW } from '../support/sync-run.ts';

const row = (id: string, secondsAgo: number): ModelRow => ({
  id,
  createdAt: NOW - secondsAgo,
  visibleAt: NOW - secondsAgo,
  model: 'only',
  metadata: {},
});

/** A server whose `has_more` always says that a page is the last, and that lists nothing after a row it does not know. */
const SILENT: Partial<ModelTraits> = { hasMore: 'never', unknownCursor: 'empty', ties: 'stable' };

it('an old row in sight denies the end, though the list is empty twice in a row', async () => {
  // Two rows a page, and two of each second: what is asked oldest first does not show that it is.
  const rows = [8_000, 8_500, 9_000].flatMap((ago) => [row(`a-${ago}`, ago), row(`b-${ago}`, ago)]);
  const bench = benchOf(rows, { ...SILENT, pageRowsMax: 2 });
  bench.api.onRequest = (count) => {
    if (count === 4) bench.api.emptyReplies = 2;
  };
  await expect(bench.run()).rejects.toThrow(/is empty, though rows of it are still served; run again/);
  const coverage = await bench.warehouse.readCoverage('model', 'model');
  expect(contains(coverage, NOW - 8_500)).toBe(false);
  await bench.run();
  expect(bench.missing()).toEqual([]);
});

it('nothing after a row that was deleted just then is no end', async () => {
  const rows = [row('a', 8_000), row('b', 8_010), row('c', 8_020), row('old', 9_000)];
  const bench = benchOf(rows, { ...SILENT, ascending: false, pageRowsMax: 3 });
  bench.api.onRequest = (count) => {
    if (count === 3) bench.api.delete('c');
  };
  await bench.run();
  expect(bench.missing()).toEqual([]);
});

it('another row of the last second denies the end: the server has cut that second', async () => {
  const rows = ['a', 'b', 'c', 'd', 'e'].map((id) => row(id, 8_000));
  const bench = benchOf(rows, { ...SILENT, ties: 'shuffled', pageRowsMax: 2, canRetrieve: false });
  await bench.run();
  const coverage = await bench.warehouse.readCoverage('model', 'model');
  expect(bench.missing().length === 0 || !contains(coverage, NOW - 8_000)).toBe(true);
});

it('a second whose rows expire while they are read is not taken for read, where the server hides that it lost the cursor', async () => {
  let lost = 0;
  for (let moment = 3; moment <= 30; moment += 1) {
    const rows = [
      ...Array.from({ length: 30 }, (_, index) => row(`r-${index}`, 8_000 + 10 * index)),
      row('above', 8_995),
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => row(id, 9_000)),
    ];
    const hidden: Partial<ModelTraits> = {
      ...SILENT,
      hasMore: 'missing',
      ascending: false,
      canRetrieve: false,
    };
    const bench = benchOf(rows, { ...hidden, cursor: 'exact', pageRowsMax: 3 });
    bench.api.retentionSeconds = 9_100;
    bench.api.onRequest = (count) => {
      if (count === moment) bench.api.nowSeconds += 150;
    };
    await bench.run({ pageSize: 3 });
    const coverage = await bench.warehouse.readCoverage('model', 'model');
    lost += bench.missing().length;
    const isClaimed = bench.missing().length > 0 && contains(coverage, NOW - 9_000);
    expect({ moment, isClaimed }).toEqual({ moment, isClaimed: false });
  }
  expect(lost).toBeGreaterThan(7);
});
