/** Questions people ask of their usage, on rows whose answers are worked out by hand. */
import { expect, test } from 'vitest';
import { GPT5, GPT41, NOW, run, table } from './reports-support.ts';
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

test('what a user comes to: how many, mean, median, 95th percentile, largest, the ten largest, and what names none', async () => {
  const warehouse = await openPriced(listOf(price({ usd_per_mtok: '2' })));
  // User k has k times 100 thousand tokens, at 0.2 each; the 12th in three calls. The 13th has no price, one call no user.
  const of = (id: string, tokens: number, user: number | null, model = GPT41) => ({
    id,
    at: '2026-11-10T00:00:00Z',
    model,
    usage: usage(tokens, 0),
    tags: user === null ? {} : { user: `u-${user}` },
  });
  const made = [
    ...Array.from({ length: 11 }, (_, place) => of(`c${place}`, (place + 1) * 100_000, place + 1)),
    ...['x', 'y', 'z'].map((id) => of(id, 400_000, 12)),
    of('l', 50_000, 13, 'llama-9'),
    of('n', MILLION, null),
  ];
  await load(warehouse, { now: NOW, made });
  const columns = ['metric', 'distinct_values', 'all_values', 'mean', 'median', 'p95', 'largest'];
  const shares = ['top_ten_share', 'without_value', 'without_value_share'];
  expect(await table(warehouse, 'per-key', [...columns, ...shares], { by: 'metadata.user' })).toEqual([
    // 15 calls of 13. Of the sorted values place 11.4 of 0 to 12 is between 1 and 3. Twelve of fifteen.
    ['completions', 13, 15, 1.153846154, 1, 1.8, 3, 0.8, 1, 0.0625],
    // 78.5 times 100 thousand; the 3rd to the 12th are 75 of them.
    [
      'total_tokens',
      13,
      7_850_000,
      603_846.153846154,
      600_000,
      1_140_000,
      1_200_000,
      0.955414013,
      MILLION,
      0.11299435,
    ],
    // Of the twelve with a price: 15.6 dollars, place 10.45 is between 2.2 and 2.4; 75 of 78; 2 of 17.6.
    ['list_cost_usd', 12, 15.6, 1.3, 1.3, 2.29, 2.4, 0.961538462, 2, 0.113636364],
  ]);
  // It is asked for the key that most of the usage carries, and takes a filter.
  expect((await run(warehouse, 'per-key')).by).toEqual(['metadata.user']);
  expect(
    await table(warehouse, 'per-key', columns, { by: 'metadata.user', where: ['user=u-1', 'user=u-2'] }),
  ).toEqual([
    ['completions', 2, 2, 1, 1, 1, 1],
    ['total_tokens', 2, 300_000, 150_000, 150_000, 195_000, 200_000],
    ['list_cost_usd', 2, 0.6, 0.3, 0.3, 0.39, 0.4],
  ]);
  const { columns: told } = await run(warehouse, 'per-key');
  expect(told.map(({ name }) => name)).toEqual([...columns, ...shares]);
});

test('the hours of the week: sums and averages over the hours that are over and were read', async () => {
  const warehouse = await openPriced(listOf(price({ usd_per_mtok: '2' })));
  const of = (at: string, tokens: number, model = GPT41, team = 'x') => ({
    id: at,
    at,
    model,
    usage: usage(tokens, 0),
    tags: { team },
  });
  const made = [
    // Two Mondays between 10 and 11.
    of('2026-11-02T10:00:00Z', 100_000),
    of('2026-11-09T10:59:59Z', 200_000),
    // The last second of a week, and a first one without a price.
    of('2026-11-15T23:59:59Z', 50_000, GPT41, 'y'),
    of('2026-11-03T00:00:00Z', 10_000, 'llama-9', 'y'),
    // An hour that is not over: all is read up to half past.
    of('2026-11-20T11:10:00Z', 900_000),
  ];
  await load(warehouse, { now: NOW, covered: [['2026-11-02T00:00:00Z', '2026-11-20T11:30:00Z']], made });
  const columns = ['weekday', 'hour_of_day', 'hours_counted', 'completions', 'total_tokens', 'list_cost_usd'];
  const averages = ['completions_per_hour', 'tokens_per_hour', 'list_cost_per_hour_usd'];
  const rows = await table(warehouse, 'heatmap', [...columns, ...averages]);
  expect(rows).toHaveLength(7 * 24);
  expect(rows.filter(([, , , completions]) => completions !== 0)).toEqual([
    // The 2nd, the 9th and the 16th; 300,000 at 2 a million are 0.6.
    [1, 10, 3, 2, 300_000, 0.6, 0.666666667, 100_000, 0.2],
    [2, 0, 3, 1, 10_000, null, 0.333333333, 10_000 / 3, null].map((cell) =>
      typeof cell === 'number' ? Math.round(cell * 1e9) / 1e9 : cell,
    ),
    // The 8th and the 15th.
    [7, 23, 2, 1, 50_000, 0.1, 0.5, 25_000, 0.05],
  ]);
  const hours = (weekday: number, hour: number) =>
    rows.find(([day, of]) => day === weekday && of === hour)?.[2];
  // Fridays the 6th, the 13th and, up to 11, the 20th; Saturdays the 7th and the 14th.
  expect([hours(5, 10), hours(5, 11), hours(6, 10)]).toEqual([3, 2, 2]);
  // The hours of a day of one's own, which is a Monday; the others are not known.
  const monday = await table(warehouse, 'heatmap', columns, { since: '2026-11-09', until: '2026-11-10' });
  expect(monday.filter(([, , counted]) => counted === 1)).toHaveLength(24);
  expect(monday.find(([, hour]) => hour === 10)).toEqual([1, 10, 1, 1, 200_000, 0.4]);
  // The larger team, and the others.
  const teams = await table(warehouse, 'heatmap', ['group_name', 'group_kind', 'total_tokens'], {
    by: 'metadata.team',
    top: 1,
  });
  expect(teams).toHaveLength(2 * 7 * 24);
  expect(teams.filter(([, , tokens]) => tokens !== 0)).toEqual([
    ['x', 'value', 300_000],
    ['(others)', 'others', 10_000],
    ['(others)', 'others', 50_000],
  ]);
});
