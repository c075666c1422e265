import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MARTS } from '../../src/warehouse/marts.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { openTemporary, rows, value } from '../warehouse/support.ts';
import { choice, listOf, load, type Made, numbers, openPriced, price, usage } from './support.ts';

/** A token costs a dollar a million, so that a million tokens are a dollar. */
const DOLLAR = listOf(
  price({ usd_per_mtok: '1' }),
  price({ token_type: 'input_cached', usd_per_mtok: '0.5' }),
  price({ token_type: 'output', usd_per_mtok: '1' }),
  price({ model: 'gpt-5-2025-08-07', usd_per_mtok: '2' }),
  price({ model: 'gpt-5-2025-08-07', token_type: 'output', usd_per_mtok: '2' }),
);
const MILLION = 1_000_000;

const day = (text: string, ordinal: number): string =>
  new Date(Date.parse(`${text}T00:00:00Z`) + ordinal * 86_400_000).toISOString().slice(0, 10);

test('every mart has a file, every file a mart, and every mart and column says what it is', async () => {
  const files = readdirSync(new URL('../../sql/marts/', import.meta.url)).map((name) =>
    name.replace('.sql', ''),
  );
  expect(MARTS.map(({ name }) => name).toSorted()).toEqual(files.toSorted());
  const warehouse = await openTemporary();
  const views = await rows(
    warehouse,
    "select view_name as name, comment from duckdb_views() where schema_name = 'marts' and not internal",
  );
  expect(views.map(({ name }) => name).toSorted()).toEqual(files.toSorted());
  const columns = await rows(
    warehouse,
    `select table_name || '.' || column_name as name, data_type, comment from duckdb_columns() where schema_name = 'marts'`,
  );
  expect([...views, ...columns].filter(({ comment }) => String(comment ?? '').length < 20)).toEqual([]);
  // HUGEINT is what sum() gives: Parquet makes a double of it.
  expect(columns.filter(({ data_type }) => data_type === 'HUGEINT')).toEqual([]);
  for (const { name, dayColumn } of MARTS) {
    if (dayColumn !== null)
      expect(columns).toContainEqual(
        expect.objectContaining({ name: `${name}.${dayColumn}`, data_type: 'DATE' }),
      );
  }
});

test('every mart answers on an empty warehouse', async () => {
  const warehouse = await openTemporary();
  for (const { name } of MARTS) {
    const count = await value(warehouse, `select count(*) from (select * from marts.${name})`);
    expect([name, count]).toEqual([name, name === 'as_of' ? 1n : 0n]);
  }
});

test('no mart shows prompt or answer text', async () => {
  const warehouse = await openPriced();
  const call = { id: 'c', type: 'function', function: { name: 'look_up', arguments: 'SECRET' } };
  await load(warehouse, {
    now: '2026-11-20T02:00:00Z',
    made: [
      {
        id: 'a',
        at: '2026-11-10T08:00:00Z',
        choices: [
          choice('stop', {
            content: 'SECRET',
            refusal: 'SECRET',
            tool_calls: [call],
            reasoning_content: 'SECRET',
          }),
        ],
      },
    ],
  });
  for (const { name } of MARTS) {
    const text = JSON.stringify(
      await rows(warehouse, `select to_json(t)::varchar as row from marts.${name} as t`),
    );
    expect([name, text.includes('SECRET')]).toEqual([name, false]);
  }
});

/** Rows that try every sum: two sources, midnight, tags and none, details told and not, known and unknown models and tiers. */
const MIXED: readonly Made[] = [
  {
    id: 'a',
    at: '2026-11-09T23:59:59Z',
    tags: { team: 'x', env: 'dev' },
    usage: usage(100, 10, { cached: 40, reasoning: 5 }),
  },
  { id: 'b', at: '2026-11-10T00:00:00Z', tags: { team: 'y' }, usage: usage(200, 20) },
  { id: 'c', at: '2026-11-10T00:00:00Z', tags: {}, usage: usage(300, 30, { cached: 0, reasoning: 0 }) },
  {
    id: 'd',
    at: '2026-11-10T00:00:00Z',
    tags: { env: '(untagged)', team: null },
    model: 'llama-9',
    usage: usage(400, 40),
  },
  { id: 'e', at: '2026-11-10T12:00:00Z', tags: { team: 'x' }, tier: 'scale', usage: usage(500, 50) },
  { id: 'f', at: '2026-11-10T12:00:00Z', tags: { team: 'x' }, usage: null },
];

async function openMixed(): Promise<WarehouseFile> {
  const warehouse = await openPriced(DOLLAR);
  const covered = [['2026-11-01T00:00:00Z', '2026-11-11T01:30:00Z']] as const;
  await load(warehouse, { now: '2026-11-11T02:00:00Z', covered, made: MIXED });
  // The same ids from another source are other rows.
  await load(warehouse, { source: 'eu', now: '2026-11-11T02:00:00Z', covered, made: MIXED.slice(0, 3) });
  return warehouse;
}

test('whatever is summed, by line, hour, day or any key, comes to the same whole', async () => {
  const warehouse = await openMixed();
  // Prod 110 + 220 + 330 + 440 + 550 tokens, eu 110 + 220 + 330; without a price are 440 and 550. List cost, by a million:
  // 60 + 40 x 0.5 + 10 = 90 for the first, and as many as tokens for the others.
  const whole = { n: 9, tokens: 2310, priced: 1320, cost: 0.00128 };
  const sums =
    'sum(completions) as n, sum(total_tokens) as tokens, sum(priced_tokens) as priced, sum(list_cost_usd) as cost';
  expect(
    await numbers(
      warehouse,
      `select count(*) as n, sum(total_tokens) as tokens, sum(priced_tokens) as priced, sum(list_cost_usd) as cost from marts.completions`,
    ),
  ).toEqual([whole]);
  expect(await numbers(warehouse, `select ${sums} from marts.usage_hourly`)).toEqual([whole]);
  expect(await numbers(warehouse, `select ${sums} from marts.usage_daily`)).toEqual([whole]);
  expect(
    await numbers(warehouse, `select key, ${sums} from marts.usage_daily_by_tag group by key order by key`),
  ).toEqual(['env', 'team'].map((key) => ({ key, ...whole })));
  for (const mart of ['usage_costs', 'usage_costs_daily']) {
    expect(
      await numbers(
        warehouse,
        `select sum(tokens) as tokens, sum(tokens) filter (where not is_unpriced) as priced, sum(list_cost_usd) as cost from marts.${mart}`,
      ),
    ).toEqual([{ tokens: whole.tokens, priced: whole.priced, cost: whole.cost }]);
  }
  expect(
    await numbers(
      warehouse,
      'select sum(ConsumedQuantity) as tokens, sum(ListCost) as cost, count(BilledCost) + count(EffectiveCost) as billed from marts.focus_charges',
    ),
  ).toEqual([{ tokens: whole.tokens, cost: whole.cost, billed: 0 }]);
});

test('list_cost_usd means one thing: where calls are priced in part, every mart that has it comes to the same sum', async () => {
  // Of gpt-4.1 only input has a price, of m-1 all but audio; llama-9 has none.
  const warehouse = await openPriced(
    listOf(
      price({ usd_per_mtok: '1' }),
      price({ model: 'm-1', usd_per_mtok: '1' }),
      price({ model: 'm-1', token_type: 'output', usd_per_mtok: '1' }),
    ),
  );
  const heard = {
    ...usage(1_000_000, 500_000),
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 250_000 },
  };
  const used = { all: 'x' };
  const made: readonly Made[] = [
    { id: 'no price of output', at: '2026-11-10T08:00:00Z', tags: used, usage: usage(1_000_000, 100_000) },
    { id: 'no price of audio', at: '2026-11-10T08:00:00Z', tags: used, model: 'm-1', usage: heard },
    { id: 'whole', at: '2026-11-11T08:00:00Z', tags: used, model: 'm-1', usage: usage(1_000_000, 500_000) },
    {
      id: 'more than its parts',
      at: '2026-11-11T08:00:00Z',
      tags: used,
      model: 'm-1',
      usage: { ...usage(1_000_000, 500_000), total_tokens: 1_600_000 },
    },
    { id: 'none', at: '2026-11-12T08:00:00Z', tags: used, model: 'llama-9', usage: usage(1000, 100) },
  ];
  const covered = [['2026-11-01T00:00:00Z', '2026-11-16T01:30:00Z']] as const;
  await load(warehouse, { now: '2026-11-16T02:00:00Z', covered, made });
  expect(
    await numbers(
      warehouse,
      `select completion_id as id, list_cost_usd as cost, priced_tokens as priced, total_tokens as tokens, is_unpriced
       from marts.completions order by id`,
    ),
  ).toEqual([
    { id: 'more than its parts', cost: 1.5, priced: 1_500_000, tokens: 1_600_000, is_unpriced: true },
    { id: 'no price of audio', cost: 1.25, priced: 1_250_000, tokens: 1_500_000, is_unpriced: true },
    { id: 'no price of output', cost: 1, priced: 1_000_000, tokens: 1_100_000, is_unpriced: true },
    { id: 'none', cost: null, priced: 0, tokens: 1100, is_unpriced: true },
    { id: 'whole', cost: 1.5, priced: 1_500_000, tokens: 1_500_000, is_unpriced: false },
  ]);
  const marts = await rows(
    warehouse,
    `select distinct table_name as name, column_name as cost from duckdb_columns()
     where database_name = 'dest' and schema_name = 'marts' and column_name in ('list_cost_usd', 'ListCost') order by 1`,
  );
  expect(marts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['completions', 'model_efficiency', 'usage_daily']),
  );
  const sums = await Promise.all(
    marts.map(async ({ name, cost }) => [
      name,
      Number(await value(warehouse, `select sum(${cost})::double from marts.${name}`)),
    ]),
  );
  expect(sums).toEqual(marts.map(({ name }) => [name, 5.25]));
  // What a tier saved is told of calls of which both costs are whole.
  expect(await value(warehouse, 'select sum(tier_saving_usd)::double from marts.usage_daily')).toBe(0);
});

test('a day is a UTC day whatever zone the session is in, and midnight belongs to the day it begins', async () => {
  const warehouse = await openMixed();
  const byDay =
    'select created_date as day, sum(completions) as n from marts.usage_daily group by 1 order by 1';
  const expected = [
    { day: '2026-11-09', n: 2 },
    { day: '2026-11-10', n: 7 },
  ];
  expect(await numbers(warehouse, byDay)).toEqual(expected);
  await warehouse.query("set TimeZone = 'Pacific/Auckland'");
  expect(await numbers(warehouse, byDay)).toEqual(expected);
  expect(await value(warehouse, 'select open_from from marts.as_of')).toBe('2026-11-11');
  await warehouse.query("set TimeZone = 'UTC'");
});

test('what lacks a key is a row of its own, and a value that reads (untagged) stays apart from it', async () => {
  const warehouse = await openMixed();
  expect(
    await numbers(
      warehouse,
      `select key, value, is_untagged, sum(completions) as n, sum(total_tokens) as tokens
       from marts.usage_daily_by_tag where source = 'prod' group by all order by all`,
    ),
  ).toEqual([
    { key: 'env', value: '(untagged)', is_untagged: false, n: 1, tokens: 440 },
    { key: 'env', value: '(untagged)', is_untagged: true, n: 4, tokens: 1100 },
    { key: 'env', value: 'dev', is_untagged: false, n: 1, tokens: 110 },
    { key: 'team', value: '(untagged)', is_untagged: true, n: 2, tokens: 770 },
    { key: 'team', value: 'x', is_untagged: false, n: 3, tokens: 660 },
    { key: 'team', value: 'y', is_untagged: false, n: 1, tokens: 220 },
  ]);
  expect(
    await numbers(
      warehouse,
      'select key, distinct_values, completions, token_share from marts.metadata_coverage order by key',
    ),
  ).toEqual([
    { key: 'env', distinct_values: 2, completions: 3, token_share: 660 / 2310 },
    { key: 'team', distinct_values: 2, completions: 6, token_share: 1210 / 2310 },
  ]);
});

test('ratios are sums over sums of what is told: a count that is not told is no zero', async () => {
  const warehouse = await openMixed();
  expect(
    await numbers(
      warehouse,
      `select created_date as day, model, cache_hit_ratio, reasoning_share, priced_token_share, input_cached_tokens as cached, completions_without_usage as without
       from marts.usage_daily where source = 'prod' and service_tier = 'default' order by all`,
    ),
  ).toEqual([
    {
      day: '2026-11-09',
      model: 'gpt-4.1-2025-04-14',
      cache_hit_ratio: 0.4,
      reasoning_share: 0.5,
      priced_token_share: 1,
      cached: 40,
      without: 0,
    },
    {
      day: '2026-11-10',
      model: 'gpt-4.1-2025-04-14',
      cache_hit_ratio: 0,
      reasoning_share: 0,
      priced_token_share: 1,
      cached: 0,
      without: 1,
    },
    {
      day: '2026-11-10',
      model: 'llama-9',
      cache_hit_ratio: null,
      reasoning_share: null,
      priced_token_share: 0,
      cached: null,
      without: 0,
    },
  ]);
  // Over both sources of the model: 80 of 800 told input tokens, 10 of 80 told output tokens.
  expect(
    await numbers(
      warehouse,
      "select cache_hit_ratio, reasoning_share from marts.model_efficiency where model like 'gpt%'",
    ),
  ).toEqual([{ cache_hit_ratio: 0.1, reasoning_share: 0.125 }]);
});

test('percentiles are those of the calls, interpolated', async () => {
  const warehouse = await openMixed();
  // Input of gpt-4.1 calls, sorted: 100, 100, 200, 200, 300, 300, 500. The median is the 4th; 95% lie at 5.7 steps of 6.
  expect(
    await numbers(
      warehouse,
      "select input_tokens_p50, round(input_tokens_p95, 9) as p95, input_tokens_mean, input_tokens_max from marts.model_efficiency where model like 'gpt%'",
    ),
  ).toEqual([{ input_tokens_p50: 200, p95: 440, input_tokens_mean: 1700 / 7, input_tokens_max: 500 }]);
});

test('finish reasons count answers, tool calls count calls and completions', async () => {
  const warehouse = await openPriced(DOLLAR);
  const call = (name: string) => ({ id: 'c', type: 'function', function: { name, arguments: '{}' } });
  await load(warehouse, {
    now: '2026-11-11T02:00:00Z',
    made: [
      { id: 'a', at: '2026-11-10T08:00:00Z', choices: [choice('stop'), choice('length', {}, 1)] },
      {
        id: 'b',
        at: '2026-11-10T08:00:00Z',
        choices: [choice('tool_calls', { tool_calls: [call('x'), call('x'), call('y')] })],
      },
      { id: 'c', at: '2026-11-10T08:00:00Z', choices: [choice(null, { refusal: 'no' })] },
      { id: 'd', at: '2026-11-10T08:00:00Z', choices: [choice('content_filter')] },
    ],
  });
  expect(
    await numbers(
      warehouse,
      'select finish_reason as reason, choices, refused_choices as refused from marts.finish_reasons_daily order by 1',
    ),
  ).toEqual([
    { reason: '(none)', choices: 1, refused: 1 },
    { reason: 'content_filter', choices: 1, refused: 0 },
    { reason: 'length', choices: 1, refused: 0 },
    { reason: 'stop', choices: 1, refused: 0 },
    { reason: 'tool_calls', choices: 1, refused: 0 },
  ]);
  expect(
    await numbers(
      warehouse,
      'select tool_name as tool, calls, completions from marts.tool_usage_daily order by 1',
    ),
  ).toEqual([
    { tool: 'x', calls: 2, completions: 1 },
    { tool: 'y', calls: 1, completions: 1 },
  ]);
  expect(
    await numbers(
      warehouse,
      'select truncated_completions as cut, content_filtered_completions as filtered, refused_completions as refused, tool_calling_completions as calling, tool_calls, choices from marts.usage_daily',
    ),
  ).toEqual([{ cut: 1, filtered: 1, refused: 1, calling: 1, tool_calls: 3, choices: 5 }]);
});

test('an empty text is no refusal, no reason, no tier and no model', async () => {
  const warehouse = await openPriced(DOLLAR);
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: [
      { id: 'a', at: '2026-11-10T08:00:00Z', choices: [choice('stop', { refusal: '' })] },
      { id: 'b', at: '2026-11-10T08:00:00Z', tier: '', model: '', choices: [choice('', { refusal: 'no' })] },
    ],
  });
  expect(
    await numbers(
      warehouse,
      'select completion_id as id, is_refused, finish_reason as reason, is_truncated as cut, service_tier as tier, model from marts.completions order by id',
    ),
  ).toEqual([
    { id: 'a', is_refused: false, reason: 'stop', cut: false, tier: 'default', model: 'gpt-4.1-2025-04-14' },
    { id: 'b', is_refused: true, reason: null, cut: null, tier: 'default', model: '(unknown)' },
  ]);
  expect(
    await numbers(
      warehouse,
      'select model, service_tier as tier, finish_reason as reason, refused_choices as refused from marts.finish_reasons_daily order by all',
    ),
  ).toEqual([
    { model: '(unknown)', tier: 'default', reason: '(none)', refused: 1 },
    { model: 'gpt-4.1-2025-04-14', tier: 'default', reason: 'stop', refused: 0 },
  ]);
  expect(await value(warehouse, 'select sum(refused_completions)::integer from marts.usage_daily')).toBe(1);
  expect(await value(warehouse, "select count(*) from marts.dim_models where model = ''")).toBe(0n);
});

test('a week is compared with the week before, and volume, mix, length and rate add up to the change', async () => {
  const warehouse = await openPriced(DOLLAR);
  const calls = (prefix: string, from: string, model: string, count: number, tokens: number): Made[] =>
    Array.from({ length: count }, (_, place) => ({
      id: `${prefix}${place}`,
      at: `${from}T08:00:00Z`,
      model,
      usage: usage(tokens, 0),
    }));
  const [old, recent] = ['gpt-4.1-2025-04-14', 'gpt-5-2025-08-07'];
  await load(warehouse, {
    now: '2026-11-18T02:00:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-18T01:30:00Z']],
    made: [
      // A Sunday whose week was not read from its Monday on; two whole weeks; the open one.
      ...calls('z', '2026-11-01', old, 9, MILLION),
      ...calls('a', '2026-11-02', old, 8, MILLION),
      ...calls('b', '2026-11-08', recent, 2, MILLION),
      ...calls('c', '2026-11-09', old, 10, 2 * MILLION),
      ...calls('d', '2026-11-15', recent, 10, MILLION),
      ...calls('e', '2026-11-16', old, 50, MILLION),
    ],
  });
  // Before: 8 x $1 + 2 x $2 = $12, 10 calls of 1 M. After: 10 x $2 + 10 x $2 = $40, 20 calls, 30 M.
  // Volume: 10 more calls at $1.2. Mix: 20 x ((0.5 - 0.8) x 1 + (0.5 - 0.2) x 2). Length: 20 x 0.5 x 1 M x $1. Rate: nothing.
  const [week, ...others] = await numbers(warehouse, 'select * from marts.usage_week_over_week');
  expect(others).toEqual([]);
  expect(week).toMatchObject({
    week_from: '2026-11-09',
    week_to: '2026-11-16',
    completions: 20,
    completions_before: 10,
  });
  expect(week).toMatchObject({
    total_tokens: 30 * MILLION,
    total_tokens_before: 10 * MILLION,
    tokens_delta: 20 * MILLION,
  });
  const near = (name: string) => expect(Number(week?.[name]));
  near('tokens_volume_effect').toBeCloseTo(10 * MILLION, 3);
  near('tokens_mix_effect').toBeCloseTo(0, 3);
  near('tokens_per_call_effect').toBeCloseTo(10 * MILLION, 3);
  near('cost_delta_usd').toBeCloseTo(28, 9);
  near('cost_volume_effect_usd').toBeCloseTo(12, 9);
  near('cost_mix_effect_usd').toBeCloseTo(6, 9);
  near('cost_per_call_effect_usd').toBeCloseTo(10, 9);
  near('cost_rate_effect_usd').toBeCloseTo(0, 9);
});

test('a change of price is a rate effect; a week after none is all volume; each week adds up', async () => {
  const warehouse = await openPriced(
    listOf(
      price({ usd_per_mtok: '1', valid_to: '2026-11-16' }),
      price({ usd_per_mtok: '3', valid_from: '2026-11-16' }),
    ),
  );
  const one = (id: string, from: string): Made => ({ id, at: `${from}T08:00:00Z`, usage: usage(MILLION, 0) });
  await load(warehouse, {
    now: '2026-11-30T02:00:00Z',
    covered: [['2026-11-02T00:00:00Z', '2026-11-30T01:30:00Z']],
    made: [one('a', '2026-11-09'), one('b', '2026-11-16')],
  });
  expect(
    await numbers(
      warehouse,
      `select week_from as week, cost_delta_usd as delta, cost_volume_effect_usd as volume, round(cost_rate_effect_usd, 9) as rate,
         abs(cost_delta_usd - cost_volume_effect_usd - cost_mix_effect_usd - cost_per_call_effect_usd - cost_composition_effect_usd - cost_rate_effect_usd) < 1e-9 as cost_adds_up,
         abs(tokens_delta - tokens_volume_effect - tokens_mix_effect - tokens_per_call_effect) < 1e-3 as tokens_add_up
       from marts.usage_week_over_week order by 1`,
    ),
  ).toEqual([
    { week: '2026-11-09', delta: 1, volume: 1, rate: 0, cost_adds_up: true, tokens_add_up: true },
    { week: '2026-11-16', delta: 2, volume: 0, rate: 2, cost_adds_up: true, tokens_add_up: true },
    { week: '2026-11-23', delta: -3, volume: -3, rate: 0, cost_adds_up: true, tokens_add_up: true },
  ]);
});

test('the month will end at its whole days and the mean of the same weekdays for the rest', async () => {
  const warehouse = await openPriced(DOLLAR);
  // Four weeks from Monday 2026-10-19: $2 on Mondays, $1 on other days. Whole days to Sunday 11-15; the 16th is open.
  const made = Array.from(
    { length: 29 },
    (_, place): Made => ({
      id: `a${place}`,
      at: `${day('2026-10-19', place)}T00:30:00Z`,
      usage: usage(place === 28 ? 5 : (place % 7 === 0 ? 2 : 1) * MILLION, 0),
    }),
  );
  await load(warehouse, {
    now: '2026-11-16T02:00:00Z',
    covered: [['2026-10-19T00:00:00Z', '2026-11-16T01:30:00Z']],
    made,
  });
  // 1 to 15 November holds Mondays 2 and 9: 15 + 2 = $17. Left are 16 to 30 with Mondays 16, 23, 30: 15 + 3 = $18.
  expect(await numbers(warehouse, 'select * from marts.month_to_date_forecast')).toEqual([
    {
      source: 'prod',
      month_from: '2026-11-01',
      month_to: '2026-12-01',
      open_from: '2026-11-16',
      complete_days: 15,
      remaining_days: 15,
      baseline_days: 28,
      total_tokens: 17 * MILLION,
      list_cost_usd: 17,
      open_day_list_cost_usd: 0.000005,
      priced_token_share: 1,
      forecast_total_tokens: 35 * MILLION,
      forecast_list_cost_usd: 35,
      run_rate_list_cost_usd: 34,
      is_month_partial: false,
    },
  ]);
});

test('months and weeks of calls without any price cost nobody knows what, those without calls nothing', async () => {
  const warehouse = await openPriced(DOLLAR);
  // Two whole weeks of one source without a price, and of another one that has called in October only.
  const made = Array.from(
    { length: 15 },
    (_, place): Made => ({
      id: `a${place}`,
      at: `${day('2026-11-02', place)}T00:30:00Z`,
      model: 'nobody-knows',
      usage: usage(MILLION, 0),
    }),
  );
  const now = '2026-11-16T02:00:00Z';
  const covered = [['2026-10-19T00:00:00Z', '2026-11-16T01:30:00Z']] as const;
  await load(warehouse, { now, covered, made });
  await load(warehouse, {
    source: 'quiet',
    now,
    covered,
    made: [{ id: 'q', at: '2026-10-20T08:00:00Z', usage: usage(28 * MILLION, 0) }],
  });
  const month = `select source, list_cost_usd as cost, open_day_list_cost_usd as open, forecast_list_cost_usd as forecast,
    run_rate_list_cost_usd as run_rate from marts.month_to_date_forecast order by source`;
  expect(await numbers(warehouse, month)).toEqual([
    { source: 'prod', cost: null, open: null, forecast: null, run_rate: null },
    // The 28 dollars of a Tuesday of four are 7 a Tuesday: the 17th and the 24th are to come.
    { source: 'quiet', cost: 0, open: 0, forecast: 14, run_rate: null },
  ]);
  const weeks = `select week_from as week, list_cost_usd as cost, list_cost_usd_before as before, cost_delta_usd as delta,
    cost_volume_effect_usd as volume, cost_rate_effect_usd as rate from marts.usage_week_over_week order by week`;
  expect(await numbers(warehouse, weeks)).toEqual([
    { week: '2026-10-26', cost: 0, before: 28, delta: -28, volume: -28, rate: 0 },
    { week: '2026-11-02', cost: null, before: 0, delta: null, volume: null, rate: null },
    { week: '2026-11-09', cost: null, before: null, delta: null, volume: null, rate: null },
  ]);
});

test('how complete a day is: what is covered, what is missing, what is open', async () => {
  const warehouse = await openPriced(DOLLAR);
  await load(warehouse, {
    now: '2026-11-12T02:00:00Z',
    covered: [
      ['2026-11-09T12:00:00Z', '2026-11-10T06:00:00Z'],
      ['2026-11-10T12:00:00Z', '2026-11-12T01:30:00Z'],
    ],
    made: [{ id: 'a', at: '2026-11-10T08:00:00Z' }],
  });
  expect(
    await numbers(
      warehouse,
      'select created_date as day, covered_share as share, open_gaps as gaps, is_complete, is_open from marts.coverage_daily order by 1',
    ),
  ).toEqual([
    { day: '2026-11-09', share: 0.5, gaps: 0, is_complete: false, is_open: false },
    { day: '2026-11-10', share: 0.75, gaps: 0, is_complete: false, is_open: false },
    { day: '2026-11-11', share: 1, gaps: 0, is_complete: true, is_open: false },
    { day: '2026-11-12', share: 0.0625, gaps: 0, is_complete: false, is_open: true },
  ]);
  expect(
    await numbers(
      warehouse,
      'select source, last_run_status as status, completions, covered_from, covered_until, hole_seconds, open_gaps, rejected_items as rejected from marts.sync_health',
    ),
  ).toEqual([
    {
      source: 'prod',
      status: 'landed',
      completions: 1,
      covered_from: '2026-11-09T12:00:00Z',
      covered_until: '2026-11-12T01:30:00Z',
      hole_seconds: 21_600,
      open_gaps: 0,
      rejected: 0,
    },
  ]);
  expect(
    await numbers(
      warehouse,
      'select open_from, complete_from, open_week_from, open_month_from from marts.as_of',
    ),
  ).toEqual([
    {
      open_from: '2026-11-12',
      complete_from: '2026-11-10',
      open_week_from: '2026-11-09',
      open_month_from: '2026-11-01',
    },
  ]);
});

test('a run just after midnight leaves the day before open: its last minutes have not settled', async () => {
  const warehouse = await openPriced(DOLLAR);
  await load(warehouse, {
    now: '2026-11-12T00:10:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-11T23:40:00Z']],
    made: [],
  });
  expect(await value(warehouse, 'select open_from from marts.as_of')).toBe('2026-11-11');
});
