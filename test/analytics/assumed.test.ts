/** What the price lists are silent on is assumed, and said to be: never charged in silence, and never left out either. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { noteLines } from '../../src/analytics/report-text.ts';
import { reportJson } from '../../src/cli/report-output.ts';
import { publishOf } from '../../src/run/publish-run.ts';
import { open, temporaryPath, temporaryWarehouse } from '../warehouse/support.ts';
import { served } from '../web/dashboard-support.ts';
import { run } from './reports-support.ts';
import { listOf, load, numbers, price } from './support.ts';

const DAY = '2026-11-10T08:00:00Z';

/** A call of a million tokens of input, 400,000 of them cached and 100,000 written to the cache, and of 100,000 of output. */
const cachedCall = (id: string, model: string, prompt = 1_000_000) => ({
  id,
  model,
  at: DAY,
  usage: {
    prompt_tokens: prompt,
    completion_tokens: 100_000,
    total_tokens: prompt + 100_000,
    prompt_tokens_details: { cached_tokens: 400_000, cache_write_tokens: 100_000 },
  },
});

/** Input 2 and output 8 US dollars a million, and no word on caching. */
const silent = (model: string) => [
  price({ model, usd_per_mtok: '2' }),
  price({ model, token_type: 'output', usd_per_mtok: '8' }),
];
const LIST = [
  ...silent('silent'),
  ...silent('half'),
  price({ model: 'half', token_type: 'input_cached', usd_per_mtok: '0.5' }),
  ...silent('contract'),
  ...silent('contract-half'),
  price({ model: 'contract-half', token_type: 'input_cached', usd_per_mtok: '0.5' }),
  // Known to have no price is not silence.
  ...silent('none'),
  price({ model: 'none', token_type: 'input_cached', usd_per_mtok: null }),
  // Long contexts at twice the price; of caching one has a price for all sizes, the other none.
  ...silent('long'),
  price({ model: 'long', min_input_tokens: 500_001, usd_per_mtok: '4' }),
  ...silent('long-half'),
  price({ model: 'long-half', min_input_tokens: 500_001, usd_per_mtok: '4' }),
  price({ model: 'long-half', token_type: 'input_cached', usd_per_mtok: '0.5' }),
];
/** For input alone: what a contract is silent on is the list's affair, and where that is silent too it is assumed by the contract. */
const CONTRACT = ['contract', 'contract-half'].map((model) =>
  price({ model, source: 'contract', usd_per_mtok: '1' }),
);
const PRICES = [
  ...listOf(...LIST).filter(({ part }) => part === 'list prices'),
  { part: 'contract prices', rows: CONTRACT } as const,
];

const MODELS = ['silent', 'half', 'contract', 'contract-half', 'none', 'long', 'long-half'];

test('caching without a price costs what input does and is counted apart; any price that is named comes first', async () => {
  const path = await temporaryWarehouse();
  await using warehouse = await open(path, { prices: PRICES });
  await load(warehouse, {
    now: '2026-11-20T02:00:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T01:30:00Z']],
    made: MODELS.map((model) => cachedCall(model, model)),
  });
  // Of each: 0.5 plain input, 0.4 cached, 0.1 written, 0.1 output x 8 = 0.8.
  expect(
    await numbers(
      warehouse,
      `select model, list_cost_usd as cost, assumed_cost_usd as assumed, priced_tokens as priced
       from marts.completions order by list_position(${JSON.stringify(MODELS).replaceAll('"', "'")}, model)`,
    ),
  ).toEqual([
    // 0.5 x 2 + (0.4 + 0.1) x 2 + 0.8.
    { model: 'silent', cost: 2.8, assumed: 1, priced: 1_100_000 },
    // 0.5 x 2 + 0.4 x 0.5 + 0.1 x 2 + 0.8: the write alone is assumed.
    { model: 'half', cost: 2.2, assumed: 0.2, priced: 1_100_000 },
    // 1 for all of the input, by the contract.
    { model: 'contract', cost: 1.8, assumed: 0.5, priced: 1_100_000 },
    // 0.5 x 1 + 0.4 x 0.5 + 0.1 x 1 + 0.8.
    { model: 'contract-half', cost: 1.6, assumed: 0.1, priced: 1_100_000 },
    // 0.5 x 2 + 0.1 x 2 + 0.8; the cached ones have none.
    { model: 'none', cost: 2, assumed: 0.2, priced: 700_000 },
    // The size of input counts for what is assumed as well: 1 x 4 + 0.8.
    { model: 'long', cost: 4.8, assumed: 2, priced: 1_100_000 },
    // 0.5 x 4 + 0.4 x 0.5 + 0.1 x 4 + 0.8.
    { model: 'long-half', cost: 3.4, assumed: 0.4, priced: 1_100_000 },
  ]);
  // By kind of token it is the same: 1 + 0.2 + 0.5 + 0.1 + 0.2 + 2 + 0.4 = 4.4 of 18.6.
  const sums = 'sum(list_cost_usd) as cost, sum(list_cost_usd) filter (where is_assumed) as assumed';
  for (const mart of ['usage_costs', 'usage_costs_daily']) {
    expect(await numbers(warehouse, `select ${sums} from marts.${mart}`)).toEqual([
      { cost: 18.6, assumed: 4.4 },
    ]);
  }
  for (const mart of ['usage_hourly', 'usage_daily']) {
    expect(await numbers(warehouse, `select sum(assumed_cost_usd) as assumed from marts.${mart}`)).toEqual([
      { assumed: 4.4 },
    ]);
  }
  expect(
    await numbers(
      warehouse,
      `select token_type, min_input_tokens as above, usd_per_mtok as usd, is_assumed from marts.list_prices
       where model = 'long-half' and token_type <> 'output' order by 1, 2`,
    ),
  ).toEqual([
    { token_type: 'input', above: 0, usd: 2, is_assumed: false },
    { token_type: 'input', above: 500_001, usd: 4, is_assumed: false },
    { token_type: 'input_cache_write', above: 0, usd: 2, is_assumed: true },
    { token_type: 'input_cache_write', above: 500_001, usd: 4, is_assumed: true },
    { token_type: 'input_cached', above: 0, usd: 0.5, is_assumed: false },
    { token_type: 'input_cached', above: 500_001, usd: 0.5, is_assumed: false },
  ]);

  // Reports, whether a rollup tells it or the completions one by one, say it in a note.
  for (const where of [[], ['finish_reason=stop']]) {
    const result = await run(warehouse, 'cost', { where, since: '2026-11-01' });
    expect(noteLines(result).filter((line) => line.startsWith('Assumed'))).toEqual([
      expect.stringMatching(
        /^Assumed {3}\$4\.40 of the list cost is caching that the price lists name no price for/,
      ),
    ]);
    expect(reportJson(result)).toMatchObject({
      completeness: { list_cost_usd: 18.6, assumed_cost_usd: 4.4 },
    });
  }
  // Cost by model of what has all its prices says nothing of it.
  const rest = await run(warehouse, 'summary', { where: ['model=nobody'], since: '2026-11-01' });
  expect(noteLines(rest).join('\n')).not.toContain('Assumed');
});

test('the published copy carries it and the dashboard says it', async () => {
  const path = await temporaryWarehouse('priced');
  await using warehouse = await open(path, { prices: priceParts(null) });
  await load(warehouse, {
    now: '2026-11-20T02:00:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T01:30:00Z']],
    made: [cachedCall('a', 'gpt-5-pro-2025-10-06')],
  });
  await warehouse.close();
  const settings = { path, memoryLimit: '256MB', content: 'full', waitSeconds: 0 } as const;
  const to = `${path}.copy`;
  await publishOf(
    { warehouse: { ...settings, pricesFile: null }, publish: { to, content: 'none', spareMinutes: null } },
    to,
    { signal: new AbortController().signal },
  );
  const url = await served(path, { publishTo: to, nowMs: () => Date.parse('2026-11-20T03:00:00Z') });
  const json = (await (await fetch(`${url}/dashboard.json?range=all`)).json()) as {
    totals: { shown: object };
  };
  // gpt-5-pro: 15 and 120, no word on caching. 1 x 15 + 0.1 x 120 = 27, of which 0.5 x 15.
  expect(json.totals.shown).toMatchObject({
    list_cost_usd: '27.000000000000',
    assumed_cost_usd: '7.500000000000',
  });
  expect(await (await fetch(`${url}/?range=all`)).text()).toContain(
    '$7.50 of the list cost is caching that the price lists name no price for',
  );
});

test('a file that an earlier version wrote is read as before', async () => {
  const path = await temporaryPath();
  const packed = new URL('../fixtures/warehouses/schema-7.duckdb.gz', import.meta.url);
  writeFileSync(path, gunzipSync(readFileSync(packed)));
  const warehouse = await open(path, { readOnly: true });
  for (const where of [[], ['finish_reason=stop']]) {
    const { completeness } = await run(warehouse, 'cost', { where, since: '2020-01-01' });
    expect(Number(completeness.listCostUsd)).toBeGreaterThan(0);
    expect(Number(completeness.assumedCostUsd)).toBe(0);
  }
});
