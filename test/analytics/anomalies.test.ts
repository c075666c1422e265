import { expect, test } from 'vitest';
import { noteLines } from '../../src/analytics/report-text.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { seededRandom } from '../support/random.ts';
import { run, table } from './reports-support.ts';
import { listOf, load, type Made, numbers, openPriced, price, usage } from './support.ts';

/** A Monday. */
const FIRST = Date.UTC(2026, 7, 3);

const dayAt = (place: number): string => new Date(FIRST + place * 86_400_000).toISOString().slice(0, 10);

const calls = (place: number, model: string, count: number, tokens: number): Made[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${place} ${model} ${tokens} ${index}`,
    at: `${dayAt(place)}T08:00:00Z`,
    model,
    usage: usage(tokens, 0),
  }));

const isWeekend = (place: number): boolean => place % 7 >= 5;

/** Calls of a day in a quiet project: some 40 on weekdays, 2 or 3 at weekends. */
const ordinary = (place: number, random: { below(below: number): number }): number =>
  isWeekend(place) ? 2 + random.below(2) : 32 + random.below(17);

const PRICES = listOf(...['m-1', 'm-2', 'm-3'].map((model) => price({ model, usd_per_mtok: '1' })));

interface History {
  readonly days: number;
  /** Of a day, by its place. */
  readonly made: (place: number) => readonly Made[];
  /** Days, by place, that are not read. */
  readonly unread?: readonly number[];
}

/** A warehouse of whole days, read in full, and an hour of the open one. */
async function history({ days, made, unread = [] }: History): Promise<WarehouseFile> {
  const warehouse = await openPriced(PRICES);
  const places = Array.from({ length: days }, (_, place) => place);
  await load(warehouse, {
    now: `${dayAt(days)}T02:00:00Z`,
    covered: [
      ...places
        .filter((place) => !unread.includes(place))
        .map((place) => [`${dayAt(place)}T00:00:00Z`, `${dayAt(place + 1)}T00:00:00Z`] as const),
      [`${dayAt(days)}T00:00:00Z`, `${dayAt(days)}T01:00:00Z`],
    ],
    made: [...places.flatMap(made), ...calls(days, 'm-1', 1, 1000)],
  });
  return warehouse;
}

const EVENT = ['created_date', 'model', 'metrics', 'also'];

const eventsOf = (warehouse: WarehouseFile, columns = EVENT, fields = {}) =>
  table(warehouse, 'anomalies', columns, { since: dayAt(0), ...fields });

test('ordinary weekends, holes in what was read and the open day are no events', async () => {
  const random = seededRandom(1);
  const warehouse = await history({
    days: 84,
    unread: [44, 59],
    made: (place) => ([44, 59].includes(place) ? [] : calls(place, 'm-1', ordinary(place, random), 1000)),
  });
  expect(await eventsOf(warehouse)).toEqual([]);
  expect(
    await numbers(
      warehouse,
      `select count(*) as judged, bool_or(created_date in ('${dayAt(44)}', '${dayAt(59)}', '${dayAt(84)}')) as others, min(created_date) as first
       from marts.usage_anomalies_daily where model = 'm-1' and metric = 'completions' and is_anomaly is not null`,
    ),
  ).toEqual([{ judged: 84 - 21 - 2, others: false, first: dayAt(21) }]);
});

test('a Saturday of 20 calls where 2 or 3 are usual is one event, with its model and all that is out of line', async () => {
  const random = seededRandom(2);
  const warehouse = await history({
    days: 70,
    made: (place) => [
      ...calls(place, 'm-1', place === 61 ? 20 : ordinary(place, random), 1000),
      ...calls(place, 'm-2', 5, 2000),
    ],
  });
  expect(await eventsOf(warehouse)).toEqual([[dayAt(61), 'm-1', 'completions, tokens, list cost', null]]);
  const [event] = (await run(warehouse, 'anomalies', { since: dayAt(0) })).rows;
  expect(event).toMatchObject({ metric: 'completions', value: 20, baseline_days: 8n });
  expect(Number(event?.['baseline_median'])).toBeGreaterThanOrEqual(2);
  expect(Number(event?.['baseline_median'])).toBeLessThanOrEqual(3);
});

test('a few calls more or less are chance: 4 instead of 2, some where there were none, none where there were some', async () => {
  const warehouse = await history({
    days: 56,
    made: (place) => [
      ...calls(place, 'm-1', place === 47 ? 4 : place === 40 ? 0 : 2, 1000),
      ...calls(place, 'm-2', place === 45 ? 4 : 0, 1000),
    ],
  });
  expect(await eventsOf(warehouse)).toEqual([]);
});

test('days all alike leave a tenth to chance, and what is far beyond it, or missing, is an event', async () => {
  const warehouse = await history({
    days: 49,
    made: (place) =>
      calls(place, 'm-1', place === 40 ? 120 : place === 44 ? 0 : place === 46 ? 180 : 100, 1000),
  });
  expect(await eventsOf(warehouse, ['created_date', 'model', 'metrics'])).toEqual([
    [dayAt(46), 'm-1', 'completions, tokens, list cost'],
    [dayAt(44), 'm-1', 'completions, tokens, list cost'],
  ]);
});

test('a few calls as long as hundreds are out of line by their tokens, not by their number', async () => {
  const warehouse = await history({
    days: 35,
    made: (place) => [
      ...calls(place, 'm-1', 10, 1000),
      ...(place === 30 ? calls(place, 'm-1', 1, 300_000) : []),
    ],
  });
  expect(await eventsOf(warehouse, ['created_date', 'model', 'metric', 'metrics'])).toEqual([
    [dayAt(30), 'm-1', 'list_cost_usd', 'tokens, list cost'],
  ]);
});

test('an outage of all models is one event; two models that stand out while the whole does not are two', async () => {
  const warehouse = await history({
    days: 42,
    made: (place) => [
      ...calls(place, 'm-1', place === 30 ? 0 : 100, 1000),
      ...calls(place, 'm-2', place === 30 ? 0 : place === 36 ? 70 : 30, 1000),
      ...calls(place, 'm-3', [30, 36].includes(place) ? 0 : 40, 1000),
    ],
  });
  expect(await eventsOf(warehouse)).toEqual([
    [dayAt(36), 'm-2', 'completions, tokens, list cost', null],
    [dayAt(36), 'm-3', 'completions, tokens, list cost', null],
    [dayAt(30), 'm-1', 'completions, tokens, list cost', 'm-3, m-2'],
  ]);
});

test('a new level is news for two weeks and then what is usual', async () => {
  const warehouse = await history({
    days: 84,
    made: (place) => calls(place, 'm-1', place < 49 ? 20 : 90, 1000),
  });
  const days = (await eventsOf(warehouse, ['created_date'])).flat().toSorted();
  expect(days).toEqual(Array.from({ length: 14 }, (_, place) => dayAt(49 + place)));
});

test('what --top cuts off is told of, with how many there are', async () => {
  const warehouse = await history({
    days: 35,
    made: (place) => [...calls(place, 'm-1', place >= 32 ? 90 : 20, 1000), ...calls(place, 'm-2', 1, 1000)],
  });
  const cut = await run(warehouse, 'anomalies', { since: dayAt(0), top: 1 });
  expect(cut.rows).toHaveLength(1);
  expect(cut.rowsMore).toBe(2);
  expect(noteLines(cut)[0]).toBe('More      and 2 more; --top 3 shows all');
  const whole = await run(warehouse, 'anomalies', { since: dayAt(0) });
  expect([whole.rows.length, whole.rowsMore]).toEqual([3, 0]);
  for (const name of ['cache', 'reasoning', 'top-spenders']) {
    const days = { since: dayAt(0), by: 'model', top: 1 };
    const two = await run(warehouse, name, days);
    expect([name, two.rows.length, two.rowsMore]).toEqual([name, 1, 1]);
  }
});
