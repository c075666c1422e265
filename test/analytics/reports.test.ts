import { expect, test } from 'vitest';
import { kindOf } from '../../src/analytics/report-columns.ts';
import { REPORTS } from '../../src/analytics/reports.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import {
  EU,
  type Fields,
  fixture,
  GPT5,
  GPT41,
  NOW,
  PRICES,
  PROD,
  publishedCopy,
  type REQUEST,
  run,
  table,
} from './reports-support.ts';
import { choice, listOf, load, openPriced, price, usage } from './support.ts';

const answersOf = async (warehouse: WarehouseFile, sql: string) =>
  (await warehouse.query(sql)).rows.map((row) =>
    row.map((value) =>
      typeof value === 'bigint'
        ? Number(value)
        : typeof value === 'number'
          ? Math.round(value * 1e9) / 1e9
          : value,
    ),
  );

test('question 1: daily tokens and list cost by model sum to the completions, once each', async () => {
  const warehouse = await fixture();
  expect(
    await table(warehouse, 'usage', [
      'created_date',
      'model',
      'completions',
      'total_tokens',
      'list_cost_usd',
      'state',
    ]),
  ).toEqual([
    ['2026-11-09', GPT41, 1, 1_100_000, 3.4, null],
    ['2026-11-10', GPT41, 1, 1_100_000, 2.8, null],
    ['2026-11-10', GPT5, 1, 1_100_000, 1, null],
    ['2026-11-11', GPT5, 2, 1_101_100, 3.5, null],
    ['2026-11-12', 'llama-9', 1, 2_200, null, null],
    ['2026-11-12', GPT41, 1, null, null, null],
    ['2026-11-20', GPT41, 1, 500_000, 1, 'open'],
  ]);
  // The same of the tables themselves.
  expect(
    await table(warehouse, 'usage', [
      'created_date',
      'model',
      'completions',
      'input_tokens',
      'output_tokens',
    ]),
  ).toEqual(
    await answersOf(
      warehouse,
      `select (created_at at time zone 'UTC')::date::varchar, model, count(*), sum(prompt_tokens)::bigint, sum(completion_tokens)::bigint
       from main.completion_usage group by all order by 1, sum(total_tokens) desc nulls last, 2`,
    ),
  );
});

test('question 2: what each team spent, with what is untagged, and each key sums to the whole', async () => {
  const warehouse = await fixture();
  const columns = [
    'group_name',
    'completions',
    'total_tokens',
    'list_cost_usd',
    'cost_share',
    'priced_token_share',
  ];
  // 3.4 + 1 + 1 of x, 2.8 of y, 3.5 without: 11.7.
  expect(await table(warehouse, 'cost', columns, { by: 'metadata.team' })).toEqual([
    ['x', 4, 2_702_200, 5.4, 0.461538462, 0.999185849],
    ['(untagged)', 2, 1_101_100, 3.5, 0.299145299, 0.999000999],
    ['y', 2, 1_100_000, 2.8, 0.239316239, 1],
  ]);
  expect(await table(warehouse, 'cost', columns, { by: 'metadata.env' })).toEqual([
    ['(untagged)', 6, 3_802_200, 8.3, 0.709401709, 0.999421388],
    ['dev', 1, 1_100_000, 3.4, 0.290598291, 1],
    ['prod', 1, 1_100, null, null, 0],
  ]);
  expect(await table(warehouse, 'cost', ['group_name', 'completions'], { by: 'metadata.nobody' })).toEqual([
    ['(untagged)', 8],
  ]);
  expect(
    await table(warehouse, 'top-spenders', ['place', 'group_name', 'list_cost_usd', 'cumulative_cost_share']),
  ).toEqual([
    [1, 'x', 5.4, 0.461538462],
    [2, '(untagged)', 3.5, 0.760683761],
    [3, 'y', 2.8, 1],
  ]);
});

test('question 3: the cache hit ratio by model and day is cached over input, of the calls that tell', async () => {
  const warehouse = await fixture();
  const columns = ['created_date', 'model', 'input_cached_tokens', 'cache_hit_ratio'];
  expect(await table(warehouse, 'usage', columns, { until: '2026-11-12' })).toEqual([
    ['2026-11-09', GPT41, 400_000, 0.4],
    ['2026-11-10', GPT41, null, null],
    ['2026-11-10', GPT5, 0, 0],
    // 250,000 of the million that tells; the thousand beside it does not.
    ['2026-11-11', GPT5, 250_000, 0.25],
  ]);
  expect(await table(warehouse, 'cache', ['group_name', 'cache_hit_ratio', 'told_share'])).toEqual([
    [GPT41, 0.4, 0.4],
    [GPT5, 0.125, 0.99950025],
    ['llama-9', null, 0],
  ]);
  expect(
    await table(warehouse, 'cache', ['group_name', 'cache_hit_ratio'], { by: 'day', source: 'eu' }),
  ).toEqual([
    ['2026-11-10', 0],
    ['2026-11-11', 0.25],
  ]);
});

test('question 4: the reasoning share of the output by model', async () => {
  const warehouse = await fixture();
  expect(
    await table(warehouse, 'reasoning', [
      'group_name',
      'output_tokens',
      'output_reasoning_tokens',
      'reasoning_share',
    ]),
  ).toEqual([
    [GPT5, 200_100, 150_000, 0.75],
    [GPT41, 200_000, null, null],
    ['llama-9', 200, null, null],
  ]);
});

test('question 5: the share of each finish reason, truncation above a tenth, refusals and filters by model', async () => {
  const warehouse = await fixture();
  const columns = ['model', 'finish_reason', 'choices', 'choice_share', 'warning'];
  expect(await table(warehouse, 'finish-reasons', columns)).toEqual([
    [GPT41, 'stop', 3, 0.5, null],
    [GPT41, 'content_filter', 1, 0.166666667, null],
    [GPT41, 'length', 1, 0.166666667, 'above 10 %'],
    [GPT41, 'tool_calls', 1, 0.166666667, null],
    [GPT5, 'stop', 3, 1, null],
    ['llama-9', 'stop', 1, 1, null],
  ]);
  expect(
    await table(warehouse, 'refusals', [
      'model',
      'truncation_rate',
      'content_filter_rate',
      'refusal_rate',
      'warning',
    ]),
  ).toEqual([
    [GPT41, 0.166666667, 0.166666667, 0.166666667, 'above 10 % cut off'],
    [GPT5, 0, 0, 0, null],
    ['llama-9', 0, 0, 0, null],
  ]);
});

test('a tenth of the answers cut off is not above a tenth', async () => {
  const warehouse = await openPriced(PRICES);
  const made = Array.from({ length: 10 }, (_, place) => ({
    id: `c${place}`,
    at: '2026-11-10T00:00:00Z',
    choices: [choice(place === 0 ? 'length' : 'stop')],
  }));
  await load(warehouse, { now: NOW, made });
  expect(await table(warehouse, 'finish-reasons', ['finish_reason', 'choice_share', 'warning'])).toEqual([
    ['stop', 0.9, null],
    ['length', 0.1, null],
  ]);
});

test('question 6: what each tier cost, what flex saved and priority added, and a tier without prices is unpriced', async () => {
  const warehouse = await fixture();
  expect(
    await table(warehouse, 'tiers', [
      'service_tier',
      'completions',
      'total_tokens',
      'list_cost_usd',
      'standard_cost_usd',
      'saved_usd',
      'added_usd',
      'priced_token_share',
    ]),
  ).toEqual([
    ['default', 5, 2_702_200, 7.2, 7.2, null, null, 0.999185849],
    ['flex', 1, 1_100_000, 1, 2, 1, 0, 1],
    ['priority', 1, 1_100_000, 3.5, 1.75, 0, 1.75, 1],
    ['turbo', 1, 1_100, null, null, null, null, 0],
  ]);
});

test('question 7: percentiles of tokens a call are those of the calls themselves', async () => {
  const warehouse = await openPriced(PRICES);
  const made = Array.from({ length: 101 }, (_, place) => ({
    id: `c${place}`,
    at: '2026-11-10T00:00:00Z',
    usage: usage(place * 10, 1_000 - place),
  }));
  await load(warehouse, { now: NOW, made: [...made, { id: 'x', at: '2026-11-10T00:00:00Z', usage: null }] });
  const columns = ['p50', 'p95', 'p99', 'max'].flatMap((which) => [
    `input_tokens_${which}`,
    `output_tokens_${which}`,
  ]);
  expect(await table(warehouse, 'percentiles', ['model', 'completions', ...columns])).toEqual([
    [GPT41, 102, 500, 950, 950, 995, 990, 999, 1000, 1000],
  ]);
  expect(await table(warehouse, 'percentiles', columns)).toEqual(
    await answersOf(
      warehouse,
      `select quantile_cont(prompt_tokens, 0.5), quantile_cont(completion_tokens, 0.5), quantile_cont(prompt_tokens, 0.95),
         quantile_cont(completion_tokens, 0.95), quantile_cont(prompt_tokens, 0.99), quantile_cont(completion_tokens, 0.99),
         max(prompt_tokens), max(completion_tokens)
       from main.completion_usage`,
    ),
  );
});

test('question 8: the most expensive completions, unpriced ones last and by tokens, in an order that stays', async () => {
  const warehouse = await fixture();
  const columns = ['completion_id', 'source', 'model', 'list_cost_usd', 'tags'];
  expect(await table(warehouse, 'top-completions', columns, { since: '2026-11-09' })).toEqual([
    ['d', 'eu', GPT5, 3.5, {}],
    ['a', 'prod', GPT41, 3.4, { team: 'x', env: 'dev' }],
    ['b', 'prod', GPT41, 2.8, { team: 'y' }],
    // Two at 1: more tokens first.
    ['c', 'eu', GPT5, 1, { team: 'x' }],
    ['h', 'prod', GPT41, 1, { team: 'x' }],
    ['f', 'prod', 'llama-9', null, { team: 'x' }],
    ['e', 'prod', GPT5, null, { env: 'prod' }],
    ['g', 'prod', GPT41, null, { team: 'y' }],
  ]);
  expect(await table(warehouse, 'top-completions', ['completion_id'], { top: 2 })).toEqual([['d'], ['a']]);
});

/** A day's calls of a model, each of so many input tokens at a dollar a million. */
const calls = (day: string, model: string, count: number, tokens: number) =>
  Array.from({ length: count }, (_, place) => ({
    id: `${day} ${model} ${place}`,
    at: `${day}T0${place % 9}:00:00Z`,
    model,
    usage: usage(tokens, 0),
  }));

test('question 9: a week is compared with the whole week before it, and the effects add up to the change', async () => {
  const warehouse = await openPriced(
    listOf(price({ model: 'm-1', usd_per_mtok: '1' }), price({ model: 'm-2', usd_per_mtok: '10' })),
  );
  const made = [
    // Weeks of the 2nd and the 9th; the week of the 16th is open.
    ...calls('2026-11-03', 'm-1', 4, 100_000),
    ...calls('2026-11-10', 'm-1', 4, 150_000),
    ...calls('2026-11-11', 'm-2', 4, 100_000),
    ...calls('2026-11-17', 'm-1', 9, 500_000),
  ];
  await load(warehouse, { now: NOW, covered: [['2026-10-26T00:00:00Z', '2026-11-20T11:30:00Z']], made });
  const { rows } = await run(warehouse, 'week-over-week');
  expect(rows.map((row) => row['week_from'])).toEqual(['2026-11-02', '2026-11-09']);
  const week = Object.fromEntries(
    Object.entries(rows[1] ?? {}).map(([name, value]) => [name, Number(value)]),
  );
  expect(week).toMatchObject({
    completions: 8,
    completions_before: 4,
    total_tokens: 1_000_000,
    tokens_delta: 600_000,
    // Twice the calls at 100,000 each; half of them m-2, which is new and taken as it is; m-1 by 50,000 longer.
    tokens_volume_effect: 400_000,
    tokens_per_call_effect: 200_000,
  });
  expect(week['list_cost_usd']).toBeCloseTo(0.6 + 4);
  expect(week['cost_delta_usd']).toBeCloseTo(4.6 - 0.4);
  const effects = (unit: string) =>
    Object.entries(week)
      .filter(([name]) => name.startsWith(unit) && name.includes('_effect'))
      .reduce((sum, [, value]) => sum + value, 0);
  expect(effects('tokens_')).toBeCloseTo(600_000);
  expect(effects('cost_')).toBeCloseTo(4.2);
});

test('question 10: each day costs what was in force on it, and a new price changes no day before it', async () => {
  const columns = ['group_name', 'list_cost_usd'];
  const before = [
    ['2026-11-09', 3.4],
    ['2026-11-10', 3.8],
    ['2026-11-11', 3.5],
    ['2026-11-12', null],
  ];
  const warehouse = await fixture();
  expect(await table(warehouse, 'cost', columns, { by: 'day' })).toEqual([...before, ['2026-11-20', 1]]);
  const from = (valid_from: string, usd_per_mtok: string, valid_to: string | null = null) =>
    price({ valid_from, valid_to, usd_per_mtok });
  const priced = async (...prices: readonly ReturnType<typeof price>[]) => {
    const other = await openPriced(listOf(...prices, ...(PRICES[0]?.rows.slice(2) ?? [])));
    await load(other, { source: 'prod', now: NOW, made: PROD });
    await load(other, { source: 'eu', now: NOW, made: EU });
    return table(other, 'cost', columns, { by: 'day' });
  };
  const old = price({ valid_to: '2026-11-10', usd_per_mtok: '4' });
  expect(await priced(old, from('2026-11-10', '2', '2026-11-20'), from('2026-11-20', '100'))).toEqual([
    ...before,
    ['2026-11-20', 50],
  ]);
  // An old price put right changes its own days alone: 0.6 x 5 + 0.4 x 0.5 + 0.8.
  expect(await priced({ ...old, usd_per_mtok: '5' }, from('2026-11-10', '2'))).toEqual([
    ['2026-11-09', 4],
    ...before.slice(1),
    ['2026-11-20', 1],
  ]);
});

test('what grows is told from equal halves of the whole days, new and gone groups included', async () => {
  const warehouse = await openPriced(
    listOf(price({ model: 'm-1', usd_per_mtok: '1' }), price({ model: 'm-2', usd_per_mtok: '1' })),
  );
  const made = [
    ...calls('2026-11-12', 'm-1', 2, 1_000_000),
    ...calls('2026-11-13', 'm-2', 1, 3_000_000),
    ...calls('2026-11-13', 'm-3', 1, 10),
    ...calls('2026-11-16', 'm-1', 1, 3_000_000),
    ...calls('2026-11-19', 'm-4', 1, 500),
    // Before the halves, and on the open day.
    ...calls('2026-11-11', 'm-1', 9, 1_000_000),
    ...calls('2026-11-20', 'm-1', 9, 1_000_000),
  ];
  await load(warehouse, { now: NOW, covered: [['2026-11-01T00:00:00Z', '2026-11-20T11:30:00Z']], made });
  const columns = [
    'group_name',
    'list_cost_before_usd',
    'list_cost_usd',
    'cost_change_usd',
    'tokens_change',
    'tokens_growth',
    'trend',
  ];
  // Nine days from the 11th on: the 12th to the 15th against the 16th to the 19th.
  expect(await table(warehouse, 'growth', columns, { since: '2026-11-11' })).toEqual([
    ['m-1', 2, 3, 1, 1_000_000, 0.5, 'growing'],
    ['m-2', 3, null, -3, -3_000_000, -1, 'gone'],
    ['m-4', null, null, null, 500, null, 'new'],
    ['m-3', null, null, null, -10, -1, 'gone'],
  ]);
  // Beyond the two largest: 500 tokens that are new and 10 that are gone.
  const few = await table(warehouse, 'growth', [...columns, 'total_tokens'], { since: '2026-11-11', top: 2 });
  expect(few).toEqual([
    ['m-1', 2, 3, 1, 1_000_000, 0.5, 'growing', 3_000_000],
    ['m-2', 3, null, -3, -3_000_000, -1, 'gone', 0],
    ['(others)', null, null, null, 490, 49, 'growing', 500],
  ]);
  const bounds = ['earlier_since', 'earlier_until', 'later_since', 'later_until'];
  expect(new Set((await table(warehouse, 'growth', bounds, { since: '2026-11-11' })).map(String))).toEqual(
    new Set(['2026-11-12,2026-11-16,2026-11-16,2026-11-20']),
  );
  // All of the halves, whatever is shown of them.
  const sums = async (fields: Fields) => {
    const { rows } = await run(warehouse, 'growth', { since: '2026-11-11', ...fields });
    return ['total_tokens', 'total_tokens_before', 'list_cost_usd', 'list_cost_before_usd'].map((column) =>
      rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0),
    );
  };
  const whole = [3_000_500, 5_000_010, 3, 5];
  for (const top of [1, 2, 3, 50]) expect(await sums({ top })).toEqual(whole);
  expect(await sums({ by: ['model', 'service_tier'], top: 1 })).toEqual(whole);
});

test('tools: calls of each, and the share of all completions that calls it', async () => {
  const columns = ['tool_name', 'calls', 'call_share', 'completions', 'completion_share', 'models'];
  expect(await table(await fixture(), 'tools', columns)).toEqual([
    ['look_up', 2, 0.666666667, 1, 0.125, 1],
    ['send', 1, 0.333333333, 1, 0.125, 1],
  ]);
});

test('unpriced usage is listed with its reason, for the period and the source', async () => {
  const warehouse = await fixture();
  const columns = ['model', 'service_tier', 'token_type', 'reason', 'tokens', 'first_date'];
  expect(await table(warehouse, 'unpriced', columns)).toEqual([
    ['llama-9', 'default', 'input', 'unknown model', 2000, '2026-11-12'],
    [GPT5, 'turbo', 'input', 'no price for the tier', 1000, '2026-11-11'],
    ['llama-9', 'default', 'output', 'unknown model', 200, '2026-11-12'],
    [GPT5, 'turbo', 'output', 'no price for the tier', 100, '2026-11-11'],
  ]);
  expect(await table(warehouse, 'unpriced', columns, { source: 'eu' })).toEqual([]);
});

test('tagging: the share that carries each key', async () => {
  const columns = ['key', 'distinct_values', 'completions', 'completion_share', 'token_share', 'cost_share'];
  expect(await table(await fixture(), 'tagging', columns)).toEqual([
    ['team', 2, 6, 0.75, 0.775436951, 0.700854701],
    ['env', 2, 2, 0.25, 0.224563049, 0.290598291],
  ]);
});

test('the forecast is of the open month by source, and the budget is measured by it', async () => {
  const warehouse = await openPriced(listOf(price({ model: 'm-1', usd_per_mtok: '1' })));
  const days = Array.from({ length: 19 }, (_, place) => `2026-11-${String(place + 1).padStart(2, '0')}`);
  // A dollar a day, and half a dollar so far on the open one.
  const made = [
    ...days.flatMap((day) => calls(day, 'm-1', 1, 1_000_000)),
    ...calls('2026-11-20', 'm-1', 1, 500_000),
  ];
  await load(warehouse, { now: NOW, covered: [['2026-11-01T00:00:00Z', '2026-11-20T11:30:00Z']], made });
  expect(
    await table(warehouse, 'forecast', [
      'source',
      'complete_days',
      'list_cost_usd',
      'open_day_list_cost_usd',
      'forecast_list_cost_usd',
      'run_rate_list_cost_usd',
    ]),
  ).toEqual([['prod', 19, 19, 0.5, 30, 30]]);
  const columns = [
    'budget_usd',
    'list_cost_usd',
    'budget_used_share',
    'forecast_list_cost_usd',
    'forecast_share',
    'verdict',
  ];
  expect(await table(warehouse, 'budget', columns, { budget: 25 })).toEqual([
    [25, 19.5, 0.78, 30, 1.2, 'heading over'],
  ]);
  expect(await table(warehouse, 'budget', columns, { budget: 60 })).toEqual([
    [60, 19.5, 0.325, 30, 0.5, 'within budget'],
  ]);
  expect(await table(warehouse, 'budget', columns, { budget: 10 })).toEqual([
    [10, 19.5, 1.95, 30, 3, 'over budget'],
  ]);
  expect(await table(warehouse, 'budget', ['budget_usd', 'verdict'])).toEqual([[null, 'no BUDGET_MONTHLY']]);
  // A source without any price changes nothing of what the others cost.
  await load(warehouse, {
    source: 'unpriced',
    now: NOW,
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T11:30:00Z']],
    made: days.flatMap((day) => calls(day, 'nobody-knows', 1, 1_000_000)),
  });
  expect(await table(warehouse, 'budget', columns, { budget: 25 })).toEqual([
    [25, 19.5, 0.78, 30, 1.2, 'heading over'],
  ]);
  const ofUnpriced = { budget: 25, source: 'unpriced' };
  expect(await table(warehouse, 'budget', columns, ofUnpriced)).toEqual([
    [25, null, null, null, null, 'no price'],
  ]);
});

test('health: how fresh and how complete each source is', async () => {
  const columns = ['source', 'last_run_status', 'completions', 'covered_until', 'covered_share', 'open_gaps'];
  expect(await table(await fixture(), 'health', columns)).toEqual([
    ['eu', 'landed', 2, '2026-11-20T11:30:00Z', 1, 0],
    ['prod', 'landed', 6, '2026-11-20T11:30:00Z', 1, 0],
  ]);
});

test('the summary compares whole days with as many before them, where those were read', async () => {
  const warehouse = await fixture();
  const columns = ['metric', 'value', 'value_before'];
  const glance = await table(warehouse, 'summary', columns, { since: '2026-11-10' });
  // The 10th to the 19th against the 31st to the 9th; the open day is in neither.
  expect(glance).toEqual(
    [
      ['completions', 6, 1],
      ['total_tokens', 2_203_300 + 1_100_000, 1_100_000],
      ['list_cost_usd', 7.3, 3.4],
      ['list_cost_per_mtok_usd', 2.212121212, 3.090909091],
      ['tokens_per_completion', 660_660, 1_100_000],
      ['cache_hit_ratio', 0.125, 0.4],
      ['reasoning_share', 0.75, null],
      ['truncation_rate', 0, 0],
      ['priced_token_share', 0.999000999, 1],
    ].filter(([, , before]) => before !== undefined),
  );
  // A month before the first day that was read.
  const [first] = await table(warehouse, 'summary', columns, { since: '2026-10-05' });
  expect(first).toEqual(['completions', 7, null]);
});

test('every report says how complete its period is', async () => {
  const warehouse = await fixture();
  const { completeness, period } = await run(warehouse, 'cost', { since: '2026-11-09', until: '2026-11-13' });
  expect(period).toEqual({
    since: '2026-11-09',
    until: '2026-11-13',
    isDefault: false,
    wholeDays: 4,
    openDays: 0,
  });
  expect(completeness).toEqual({
    asOf: NOW,
    settledUntil: '2026-11-20T11:30:00Z',
    coveredShare: 1,
    daysWithGaps: 0,
    rowsMissingEstimate: null,
    completions: 7,
    completionsWithoutUsage: 1,
    totalTokens: 4_403_300,
    pricedTokenShare: 4_400_000 / 4_403_300,
    listCostUsd: '10.700000000000',
    assumedCostUsd: '0.000000000000',
  });
  // Two sources from the 26th of September on, read from the 1st of October: 5 of 10 days of each are not proven.
  const early = await run(warehouse, 'cost', { since: '2026-09-26', until: '2026-10-06' });
  expect(early.completeness.coveredShare).toBe(0.5);
});

test('the period is the last 30 whole days and the open one, by the records of the sync and not by the clock', async () => {
  const { period } = await run(await fixture(), 'cost', { nowMs: Date.parse('2027-05-01') });
  expect(period).toEqual({
    since: '2026-10-21',
    until: '2026-11-21',
    isDefault: true,
    wholeDays: 30,
    openDays: 1,
  });
});

test('weeks and months that are open, or cut by the period, are marked', async () => {
  const warehouse = await fixture();
  const columns = ['group_name', 'completions', 'state'];
  expect(await table(warehouse, 'cost', columns, { by: 'week', since: '2026-11-10' })).toEqual([
    ['2026-11-09', 6, 'partial'],
    ['2026-11-16', 1, 'open'],
  ]);
  expect(await table(warehouse, 'cost', columns, { by: 'month' })).toEqual([['2026-11', 8, 'open']]);
  expect(await table(warehouse, 'cost', columns, { by: 'week', until: '2026-11-11' })).toEqual([
    ['2026-11-09', 3, 'partial'],
  ]);
});

const allOf = async (warehouse: WarehouseFile, fields: Partial<typeof REQUEST> = {}) =>
  Object.fromEntries(
    await Promise.all(
      REPORTS.map(async ({ name, parameters }) => {
        const taken = Object.fromEntries(
          Object.entries(fields).filter(([key]) => parameters.some((one) => one === key)),
        );
        return [name, (await run(warehouse, name, taken)).rows.length] as const;
      }),
    ),
  );

test('an empty warehouse and a period without rows have an answer to every report', async () => {
  const none = Object.fromEntries(REPORTS.map(({ name }) => [name, 0]));
  expect(await allOf(await publishedCopy(PRICES, async () => {}))).toEqual(none);
  expect(await allOf(await fixture(), { since: '2026-10-02', until: '2026-10-03' })).toEqual({
    ...none,
    forecast: 2,
    budget: 1,
    // The 20 days of the month; what is budgeted, what is not, and all.
    'budget-days': 20,
    budgets: 3,
    health: 2,
  });
}, 120_000);

test('where nothing has a price, tokens take over and no cost is 0', async () => {
  const warehouse = await openPriced(listOf());
  await load(warehouse, { now: NOW, made: PROD });
  const columns = ['group_name', 'total_tokens', 'list_cost_usd', 'cost_share', 'priced_token_share'];
  expect(await table(warehouse, 'cost', columns, { by: 'metadata.team' })).toEqual([
    ['x', 1_602_200, null, null, 0],
    ['y', 1_100_000, null, null, 0],
    ['(untagged)', 1_100, null, null, 0],
  ]);
  const { completeness } = await run(warehouse, 'cost');
  expect(completeness).toMatchObject({ pricedTokenShare: 0, listCostUsd: null });
});

test('the catalogue names the columns its SQL has, and describes each report', async () => {
  const warehouse = await fixture();
  for (const report of REPORTS) {
    expect(report.description, report.name).toMatch(/^[A-Z].{20,}\.$/);
    const { columns, report: told } = await run(warehouse, report.name);
    for (const column of [...told.minor, told.bar].filter((name) => name !== null)) {
      expect(
        columns.map(({ name }) => name),
        report.name,
      ).toContain(column);
    }
  }
}, 120_000);

test('what a column holds is told from its name and type', () => {
  expect(kindOf('list_cost_usd', 'DECIMAL(38,12)')).toBe('usd');
  expect(kindOf('cache_hit_ratio', 'DOUBLE')).toBe('ratio');
  expect(kindOf('total_tokens', 'BIGINT')).toBe('tokens');
  expect(kindOf('calls', 'INTEGER')).toBe('count');
  expect(kindOf('created_date', 'DATE')).toBe('date');
  expect(kindOf('tags', 'MAP(VARCHAR, VARCHAR)')).toBe('tags');
  expect(kindOf('total_tokens', 'VARCHAR')).toBe('text');
});
