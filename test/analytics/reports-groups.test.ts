/** Every report by a group it is not about of itself: the team of the fixture, worked out by hand. */
import { expect, test } from 'vitest';
import { REPORTS } from '../../src/analytics/reports.ts';
import { type Fields, fixture, GPT5, NOW, PRICES, run, table } from './reports-support.ts';
import { listOf, load, type Made, openPriced, price, usage } from './support.ts';

const TEAM: Fields = { by: 'metadata.team' };

test('usage, cache and reasoning of each team', async () => {
  const warehouse = await fixture();
  const columns = [
    'group_name',
    'completions',
    'total_tokens',
    'list_cost_usd',
    'cache_hit_ratio',
    'reasoning_share',
  ];
  expect(await table(warehouse, 'usage', columns, TEAM)).toEqual([
    // a and c tell of the cache: 400,000 of 2,000,000; c of reasoning: half.
    ['x', 4, 2_702_200, 5.4, 0.2, 0.5],
    ['(untagged)', 2, 1_101_100, 3.5, 0.25, 1],
    ['y', 2, 1_100_000, 2.8, null, null],
  ]);
  expect(await table(warehouse, 'usage', ['group_name', 'completions'], { ...TEAM, top: 1 })).toEqual([
    ['x', 4],
    ['(untagged)', 2],
    ['(others)', 2],
  ]);
  expect((await run(warehouse, 'usage')).columns.map(({ name }) => name).slice(0, 2)).toEqual([
    'created_date',
    'model',
  ]);
});

test('the tiers of each team, and what they saved and added', async () => {
  const columns = [
    'group_name',
    'service_tier',
    'total_tokens',
    'token_share',
    'list_cost_usd',
    'saved_usd',
    'added_usd',
  ];
  expect(await table(await fixture(), 'tiers', columns, TEAM)).toEqual([
    ['x', 'default', 1_602_200, 0.592924284, 4.4, null, null],
    ['x', 'flex', 1_100_000, 0.407075716, 1, 1, 0],
    ['(untagged)', 'priority', 1_100_000, 0.999000999, 3.5, 0, 1.75],
    ['(untagged)', 'turbo', 1_100, 0.000999001, null, null, null],
    ['y', 'default', 1_100_000, 1, 2.8, null, null],
  ]);
});

test('why the answers of each team ended, and what was cut off, filtered or refused', async () => {
  const warehouse = await fixture();
  const columns = ['group_name', 'finish_reason', 'choices', 'choice_share', 'warning'];
  expect(await table(warehouse, 'finish-reasons', columns, TEAM)).toEqual([
    ['x', 'stop', 3, 0.75, null],
    ['x', 'length', 1, 0.25, 'above 10 %'],
    ['y', 'stop', 2, 0.5, null],
    ['y', 'content_filter', 1, 0.25, null],
    ['y', 'tool_calls', 1, 0.25, null],
    ['(untagged)', 'stop', 2, 1, null],
  ]);
  const rates = ['group_name', 'choices', 'truncation_rate', 'content_filter_rate', 'refusal_rate'];
  expect(await table(warehouse, 'refusals', rates, TEAM)).toEqual([
    ['x', 4, 0.25, 0, 0],
    ['y', 4, 0, 0.25, 0.25],
    ['(untagged)', 2, 0, 0, 0],
  ]);
});

test('the tools that each team calls, as shares of its calls and completions', async () => {
  const columns = ['group_name', 'tool_name', 'calls', 'call_share', 'completions', 'completion_share'];
  expect(await table(await fixture(), 'tools', columns, TEAM)).toEqual([
    ['y', 'look_up', 2, 0.666666667, 1, 0.5],
    ['y', 'send', 1, 0.333333333, 1, 0.5],
  ]);
});

test('percentiles of each team and of each week are those of its calls', async () => {
  const warehouse = await fixture();
  const columns = ['group_name', 'completions', 'input_tokens_p50', 'input_tokens_max', 'output_tokens_p50'];
  expect(await table(warehouse, 'percentiles', columns, TEAM)).toEqual([
    ['x', 4, 750_000, 1_000_000, 50_100],
    ['(untagged)', 2, 500_500, 1_000_000, 50_050],
    ['y', 2, 1_000_000, 1_000_000, 100_000],
  ]);
  expect(await table(warehouse, 'percentiles', [...columns.slice(0, 3), 'state'], { by: 'week' })).toEqual([
    ['2026-11-09', 7, 1_000_000, null],
    ['2026-11-16', 1, 500_000, 'open'],
  ]);
});

test('what has no price of each team, as a share of its tokens', async () => {
  const columns = ['group_name', 'model', 'token_type', 'tokens', 'token_share'];
  expect(await table(await fixture(), 'unpriced', columns, TEAM)).toEqual([
    ['x', 'llama-9', 'input', 2000, 0.000740138],
    ['x', 'llama-9', 'output', 200, 0.000074014],
    ['(untagged)', GPT5, 'input', 1000, 0.000908183],
    ['(untagged)', GPT5, 'output', 100, 0.000090818],
  ]);
});

test('the summary of each team', async () => {
  const columns = ['group_name', 'metric', 'value', 'value_before'];
  const rows = await table(await fixture(), 'summary', columns, { ...TEAM, since: '2026-11-10' });
  expect(rows.filter(([, metric]) => metric === 'total_tokens' || metric === 'list_cost_usd')).toEqual([
    // c and f, against a; h is on the open day.
    ['x', 'total_tokens', 1_102_200, 1_100_000],
    ['x', 'list_cost_usd', 1, 3.4],
    ['(untagged)', 'total_tokens', 1_101_100, null],
    ['(untagged)', 'list_cost_usd', 3.5, null],
    ['y', 'total_tokens', 1_100_000, null],
    ['y', 'list_cost_usd', 2.8, null],
  ]);
});

test('the forecast of each team adds up to that of all', async () => {
  const warehouse = await fixture();
  const columns = ['group_name', 'complete_days', 'list_cost_usd', 'open_day_list_cost_usd'];
  const forecast = await table(warehouse, 'forecast', columns, TEAM);
  expect(forecast.toSorted((a, b) => Number(b[2]) - Number(a[2]))).toEqual([
    ['x', 19, 4.4, 1],
    ['(untagged)', 19, 3.5, 0],
    ['y', 19, 2.8, 0],
  ]);
  const sum = async (fields: Fields) =>
    (await run(warehouse, 'forecast', fields)).rows.reduce(
      (all, row) => all + Number(row['forecast_list_cost_usd']),
      0,
    );
  expect(await sum(TEAM)).toBeCloseTo(await sum({}), 9);
  expect(await sum({})).toBeGreaterThan(10.7);
});

test('what each team takes of the budget adds up to what is used of it', async () => {
  const warehouse = await fixture();
  const columns = ['group_name', 'budget_usd', 'list_cost_usd', 'budget_used_share', 'verdict'];
  expect(await table(warehouse, 'budget', columns, { ...TEAM, budget: 10 })).toEqual([
    // 4.4 of whole days and 1 of the open one.
    ['x', 10, 5.4, 0.54, 'within budget'],
    ['(untagged)', 10, 3.5, 0.35, 'within budget'],
    ['y', 10, 2.8, 0.28, 'within budget'],
  ]);
  const whole = ['list_cost_usd', 'budget_used_share', 'verdict'];
  expect(await table(warehouse, 'budget', whole, { budget: 10 })).toEqual([[11.7, 1.17, 'over budget']]);
  expect(await table(warehouse, 'budget', whole, { budget: 10, source: 'eu' })).toHaveLength(1);
});

/** A day's call of a team. */
const daily = (day: number, team: string, tokens: number): Made => ({
  id: `${team}${day}`,
  at: new Date(Date.UTC(2026, 9, 21 + day)).toISOString().replace('.000', ''),
  model: 'm-1',
  usage: usage(tokens, 0),
  tags: team === '' ? {} : { team },
});

test('a day out of line is told of the team it is out of line for, and a team called (all) is none of all', async () => {
  const warehouse = await openPriced(listOf(price({ model: 'm-1', usd_per_mtok: '1' })));
  const made = Array.from({ length: 30 }, (_, day) => [
    daily(day, 'steady', 1_000_000 + (day % 3) * 10),
    daily(day, '(all)', 1_000 + (day % 3) * 10),
    daily(day, '', day === 29 ? 50_000 : 1_000 + (day % 3) * 10),
  ]).flat();
  await load(warehouse, { now: NOW, covered: [['2026-10-21T00:00:00Z', '2026-11-20T11:30:00Z']], made });
  const columns = ['created_date', 'group_name', 'group_kind', 'metrics', 'value', 'baseline_median'];
  expect(await table(warehouse, 'anomalies', columns, TEAM)).toEqual([
    ['2026-11-19', '(untagged)', 'absent', 'tokens, list cost', 0.05, 0.00101],
  ]);
  expect(await table(warehouse, 'anomalies', columns.slice(1), { ...TEAM, where: 'team=steady' })).toEqual(
    [],
  );
  // Of all together the day is not out of line: one team in a thousand.
  expect(await table(warehouse, 'anomalies', columns, {})).toEqual([]);
});

test('the dearest completions of each team, and the keys that each carries', async () => {
  const warehouse = await fixture();
  const dearest = ['group_name', 'completion_id', 'list_cost_usd'];
  expect(await table(warehouse, 'top-completions', dearest, { ...TEAM, top: 1 })).toEqual([
    ['(untagged)', 'd', 3.5],
    ['x', 'a', 3.4],
    ['y', 'b', 2.8],
  ]);
  const keys = ['group_name', 'key', 'completions', 'completion_share'];
  const tagging = await table(warehouse, 'tagging', keys, TEAM);
  expect(tagging.filter(([, key]) => key === 'team')).toEqual([
    ['x', 'team', 4, 1],
    ['y', 'team', 2, 1],
  ]);
  expect(tagging.find(([team, key]) => team === 'x' && key === 'env')?.[3]).toBeLessThan(1);
});

test('the weeks of each team add up to those of all, and each has its own effects', async () => {
  const warehouse = await openPriced(listOf(price({ model: 'm-1', usd_per_mtok: '1' })));
  // Twice as long from the third week on.
  const made = Array.from({ length: 30 }, (_, day) => [
    daily(day, 'grows', day < 19 ? 1_000_000 : 2_000_000),
    daily(day, '', 1_000_000),
  ]).flat();
  await load(warehouse, { now: NOW, covered: [['2026-10-21T00:00:00Z', '2026-11-20T11:30:00Z']], made });
  const columns = ['week_from', 'group_name', 'cost_delta_usd', 'cost_per_call_effect_usd'];
  const days = { since: '2026-10-21', until: '2026-11-20' };
  const found = await table(warehouse, 'week-over-week', columns, { ...TEAM, ...days });
  expect(found).toEqual([
    ['2026-11-02', '(untagged)', 0, 0],
    ['2026-11-02', 'grows', 0, 0],
    ['2026-11-09', 'grows', 7, 7],
    ['2026-11-09', '(untagged)', 0, 0],
  ]);
  const whole = ['week_from', 'cost_delta_usd', 'cost_per_call_effect_usd'];
  expect(await table(warehouse, 'week-over-week', whole, days)).toEqual([
    ['2026-11-02', 0, 0],
    ['2026-11-09', 7, 7],
  ]);
});

test('an hour is one of a day, marked while it is open and where it was not read from its first second', async () => {
  const warehouse = await openPriced(PRICES);
  const made = [
    '2026-11-19T22:40:00Z',
    '2026-11-19T23:59:59Z',
    '2026-11-20T00:00:00Z',
    '2026-11-20T10:59:59Z',
    '2026-11-20T11:00:00Z',
  ];
  await load(warehouse, {
    now: NOW,
    covered: [['2026-11-19T22:30:00Z', '2026-11-20T11:30:00Z']],
    made: made.map((at, place) => ({ id: `c${place}`, at, tags: { team: 'x' } })),
  });
  const hours = [
    ['2026-11-19T22:00Z', 1, 2.8, 'partial'],
    ['2026-11-19T23:00Z', 1, 2.8, null],
    ['2026-11-20T00:00Z', 1, 2.8, null],
    ['2026-11-20T10:00Z', 1, 2.8, null],
    ['2026-11-20T11:00Z', 1, 2.8, 'open'],
  ];
  const columns = ['group_name', 'completions', 'list_cost_usd', 'state'];
  expect(await table(warehouse, 'cost', columns, { by: 'hour' })).toEqual(hours);
  expect(await table(warehouse, 'cost', columns, { by: 'hour', where: 'team=x' })).toEqual(hours);
  const both = ['group_name', 'group_name_2', 'choices'];
  expect(await table(warehouse, 'finish-reasons', both, { by: ['metadata.team', 'hour'] })).toEqual(
    hours.map(([hour]) => ['x', hour, 1]),
  );
});

test('the API’s user, and what named none', async () => {
  const warehouse = await openPriced(PRICES);
  const at = '2026-11-10T10:00:00Z';
  await load(warehouse, {
    now: NOW,
    made: [
      { id: 'a', at, user: 'u-1' },
      { id: 'b', at, user: 'u-1', usage: usage(500_000, 0) },
      { id: 'c', at, user: '(none)' },
      { id: 'd', at },
    ],
  });
  const columns = ['group_name', 'group_kind', 'completions', 'list_cost_usd'];
  const rows = [
    ['u-1', 'value', 2, 3.8],
    ['(none)', 'value', 1, 2.8],
    ['(none)', 'absent', 1, 2.8],
  ];
  expect(await table(warehouse, 'cost', columns, { by: 'input_user' })).toEqual(rows);
  expect(await table(warehouse, 'top-spenders', columns, { by: 'input_user' })).toEqual(rows);
  expect(await table(warehouse, 'cost', columns, { by: 'input_user', where: 'input_user=(none)' })).toEqual([
    rows[2],
  ]);
  expect(await table(warehouse, 'cost', columns, { by: 'input_user', where: 'input_user="(none)"' })).toEqual(
    [rows[1]],
  );
});

test('the rows of a group are those of a filter on it', async () => {
  const warehouse = await fixture();
  const isOfWhole = (column: string): boolean => /place|cost_share|^token_share$/.test(column);
  for (const { name, groupsMax, takesWhere, columns } of REPORTS) {
    // What is told of all groups together has no row of one.
    if (groupsMax === 0 || !takesWhere || name === 'per-key') continue;
    // A share of the whole is one of another whole; in reports with columns of their own it is of the group.
    const shares = ['cost', 'top-spenders'].includes(name);
    const rowsOf = async (fields: Fields) =>
      (await run(warehouse, name, { ...TEAM, ...fields })).rows
        .filter((row) => row['group_name'] === 'x' && row['group_kind'] === 'value')
        .map((row) => Object.entries(row).filter(([column]) => !(shares && isOfWhole(column))));
    expect(await rowsOf({ where: 'team=x' }), name).toEqual(await rowsOf({}));
    expect(
      columns?.some(({ kind }) => kind === 'group'),
      name,
    ).toBe(true);
  }
}, 120_000);

test('a group that makes no sense is refused', async () => {
  const warehouse = await fixture();
  const refused = (name: string, by: string) => expect(run(warehouse, name, { by }), name).rejects;
  await refused('health', 'model').toThrow('the report health takes no --by');
  await refused('tiers', 'service_tier').toThrow('tells service_tier apart as it is');
  await refused('finish-reasons', 'finish_reason').toThrow('tells finish_reason apart as it is');
  await refused('unpriced', 'model').toThrow('tells model apart as it is');
  for (const name of [
    'summary',
    'growth',
    'top-spenders',
    'forecast',
    'anomalies',
    'week-over-week',
    'budget',
    'cost-drivers',
    'what-if',
    'per-key',
    'heatmap',
    'budget-days',
  ]) {
    await refused(name, 'hour').toThrow('--by takes model');
  }
  expect(await table(warehouse, 'cost', ['group_name'], { by: 'base_model' })).toEqual([
    ['gpt-4.1'],
    ['gpt-5'],
    ['llama-9'],
  ]);
});
