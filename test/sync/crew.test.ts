import { expect, it } from 'vitest';
import { TerminalError } from '../../src/errors.ts';
import type { CompletionSource } from '../../src/sync/ports.ts';
import type { ModelRow, ModelTraits } from '../support/api-model.ts';
import { seededRandom } from '../support/random.ts';
import { type Bench, benchOf, NOW, rowsAt } from '../support/sync-run.ts';

const DAYS = 20 * 86_400;

/** Rows over twenty days, busier by day than at night, of a few models and teams. */
function rowsOf(count: number, isPlain = false): ModelRow[] {
  const random = seededRandom(5);
  const times = new Set<number>();
  while (times.size < count) {
    const second = random.below(DAYS);
    const isNight = second % 86_400 < 30_000;
    if (!isNight || random.chance(0.2)) times.add(second);
  }
  return [...times].map((second, index) => ({
    id: `row-${String(random.below(1e9)).padStart(9, '0')}-${index}`,
    createdAt: NOW - 7_200 - second,
    visibleAt: NOW - 7_200 - second,
    model: isPlain ? 'only' : random.pick(['a', 'a', 'a', 'a', 'b', 'b', 'c']),
    metadata: isPlain ? {} : { team: random.chance(0.04) ? 'small' : random.pick(['x', 'y', 'z']) },
  }));
}

/** All requests that are under way are answered together: the number of answers is the time a run takes, in latencies. */
function countTurns({ api }: Bench): () => number {
  let turns = 0;
  let waiting: (() => void)[] = [];
  const turn = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length > 1) return;
      setImmediate(() => {
        turns += 1;
        const answered = waiting;
        waiting = [];
        for (const answer of answered) answer();
      });
    });
  };
  const fetchPage = api.fetchPage.bind(api) as CompletionSource['fetchPage'];
  api.fetchPage = async (request, signal, onTail) => {
    await turn();
    return await fetchPage(request, signal, onTail);
  };
  return () => turns;
}

interface Measured {
  readonly turns: number;
  readonly requests: number;
}

async function measure(
  bench: Bench,
  concurrency: number,
  options: Partial<Parameters<Bench['run']>[0]> = {},
): Promise<Measured> {
  const before = bench.requests();
  const turns = countTurns(bench);
  const result = await bench.run({ pageSize: 20, concurrency, ...options });
  expect([result.status, bench.missing(), result.unprovenSeconds]).toEqual(['landed', [], 0]);
  return { turns: turns(), requests: bench.requests() - before };
}

const TRAITS: Partial<ModelTraits> = { pageRowsMax: 20 };

it('a first backfill by eight walkers takes a sixth of the time at the most, and hardly more requests', async () => {
  const one = await measure(benchOf(rowsOf(5_000), TRAITS), 1);
  const eight = await measure(benchOf(rowsOf(5_000), TRAITS), 8);
  expect(one.turns / eight.turns).toBeGreaterThan(6);
  expect(eight.requests / one.requests).toBeLessThan(1.25);
});

it('what is held already is read again faster still', async () => {
  const [first, second] = [benchOf(rowsOf(5_000), TRAITS), benchOf(rowsOf(5_000), TRAITS)];
  for (const bench of [first, second]) await bench.run({ concurrency: 8 });
  const one = await measure(first, 1, { kind: 'sweep', reread: true });
  const eight = await measure(second, 8, { kind: 'sweep', reread: true });
  expect(one.turns / eight.turns).toBeGreaterThan(6.5);
  expect(eight.requests / one.requests).toBeLessThan(1.25);
});

it('one model and no metadata: it is read from both ends', async () => {
  const one = await measure(benchOf(rowsOf(2_000, true), TRAITS), 1);
  const eight = await measure(benchOf(rowsOf(2_000, true), TRAITS), 8);
  expect(one.turns / eight.turns).toBeGreaterThan(1.8);
  expect(eight.requests / one.requests).toBeLessThan(1.05);
});

it.each([
  ['filters are ignored', { modelFilter: false, metadataFilter: false }],
  ['the list is not to be had oldest first', { ascending: false }],
  ['neither', { modelFilter: false, metadataFilter: false, ascending: false }],
] as const)('where %s all rows are read all the same', async (_, traits) => {
  await measure(benchOf(rowsOf(2_000), { ...TRAITS, ...traits }), 8);
});

const VALUES = { models: ['a', 'b', 'c'], teams: ['s', 't', 'u', 'v', 'w', 'x', 'y', 'z'] };

it.each([1, 8])('what is left is told by what is there, %i walkers', async (concurrency) => {
  // Two days of a window of thirty.
  const bench = benchOf(rowsAt(4_000, 4_000 / 172_800, VALUES), TRAITS);
  const told: { readonly pages: number; readonly pagesLeft: number | null; readonly walkers: number }[] = [];
  const options = { pageSize: 20, concurrency };
  const { counts } = await bench.run(options, undefined, ({ counts: { pages }, pagesLeft, walkers }) =>
    told.push({ pages, pagesLeft, walkers }),
  );
  const later = told.filter(({ pages }) => pages > counts.pages / 4 && pages < 0.9 * counts.pages);
  expect(later.length).toBeGreaterThan(20);
  for (const { pages, pagesLeft } of later) {
    expect(Math.abs(pages + (pagesLeft ?? 0) - counts.pages)).toBeLessThan(0.25 * counts.pages);
  }
  expect(Math.max(...told.map(({ walkers }) => walkers))).toBe(concurrency);
  expect(told.at(-1)?.pagesLeft ?? 0).toBeLessThan(2);
});

it.each(['error', 'empty', 'startsOver'] as const)(
  'a cut whose row is deleted before a walker starts from it (%s) is replaced by another row',
  async (unknownCursor) => {
    const bench = benchOf(rowsOf(3_000), { ...TRAITS, unknownCursor });
    const listed = new Set<string | null>();
    let deleted = 0;
    const fetchPage = bench.api.fetchPage.bind(bench.api) as CompletionSource['fetchPage'];
    bench.api.fetchPage = async (request, signal, onTail) => {
      await new Promise(setImmediate);
      const isFiltered = request.filter.model !== null || Object.keys(request.filter.metadata).length > 0;
      // Only the scout has met it so far.
      if (!isFiltered && request.after !== null && !listed.has(request.after) && deleted < 3) {
        bench.api.delete(request.after);
        deleted += 1;
      }
      const page = await fetchPage(request, signal, onTail);
      if (!isFiltered) for (const { id } of page.items) listed.add(id);
      return page;
    };
    const result = await bench.run({ pageSize: 20, concurrency: 8 });
    expect([deleted, bench.missing(), result.unprovenSeconds]).toEqual([3, [], 0]);
  },
);

it('the first error of a walker ends all of them, and is the one that is told', async () => {
  const bench = benchOf(rowsOf(5_000), TRAITS);
  let asked = 0;
  const fetchPage = bench.api.fetchPage.bind(bench.api) as CompletionSource['fetchPage'];
  bench.api.fetchPage = async (request, signal, onTail) => {
    asked += 1;
    if (asked > 40) throw new TerminalError(`refused ${asked}`);
    return await fetchPage(request, signal, onTail);
  };
  await expect(bench.run({ pageSize: 20, concurrency: 8 })).rejects.toThrow(/^refused 4[1-8]$/);
  expect(asked).toBeLessThan(60);
  // What was read is kept.
  expect(bench.missing().length).toBeLessThan(5_000 - 200);
});
