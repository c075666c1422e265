/** Questions people ask of their usage, on rows whose answers are worked out by hand. */
import { expect, test } from 'vitest';
import { GPT5, GPT41, NOW, table } from './reports-support.ts';
import { listOf, load, openPriced, price, usage } from './support.ts';

const MILLION = 1_000_000;

test('what a call costs at the median, the 95th and the 99th, by model and key, of calls with a price alone', async () => {
  const warehouse = await openPriced(
    listOf(price({ usd_per_mtok: '2' }), price({ token_type: 'output', usd_per_mtok: '8' })),
  );
  // 101 calls of 0, 1, … 100 thousand input tokens at 2 a million: 0.002 more each. Half of them of team x.
  const made = Array.from({ length: 101 }, (_, place) => ({
    id: `c${place}`,
    at: '2026-11-10T00:00:00Z',
    usage: usage(place * 1_000, 0),
    tags: place <= 50 ? { team: 'x' } : {},
  }));
  // Of one no token has a price, of another none is told.
  const others = [
    { id: 'u', at: '2026-11-10T01:00:00Z', model: GPT5, usage: usage(MILLION, 0) },
    { id: 'n', at: '2026-11-10T01:00:00Z', usage: null },
  ];
  await load(warehouse, { now: NOW, made: [...made, ...others] });
  const columns = [
    'completions',
    'list_cost_p50_usd',
    'list_cost_p95_usd',
    'list_cost_p99_usd',
    'list_cost_max_usd',
    'priced_completion_share',
  ];
  expect(await table(warehouse, 'percentiles', ['model', ...columns])).toEqual([
    [GPT41, 102, 0.1, 0.19, 0.198, 0.2, 0.990196078],
    [GPT5, 1, null, null, null, null, 0],
  ]);
  // Of x 0 to 50 thousand; of the others 51 to 100.
  expect(
    await table(warehouse, 'percentiles', ['group_name', 'group_name_2', ...columns], {
      by: ['model', 'metadata.team'],
      where: `model=${GPT41}`,
    }),
  ).toEqual([
    [GPT41, '(untagged)', 51, 0.151, 0.1951, 0.19902, 0.2, 0.980392157],
    [GPT41, 'x', 51, 0.05, 0.095, 0.099, 0.1, 1],
  ]);
});
