import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { builtIn } from '../../src/analytics/reports.ts';
import { runReport } from '../../src/analytics/run-report.ts';
import { REQUEST } from '../analytics/reports-support.ts';
import { load, usage } from '../analytics/support.ts';
import { madeOnce } from '../support/once.ts';
import { open, temporaryWarehouse } from '../warehouse/support.ts';
import { run as program } from './support.ts';

const NOW = Date.parse('2026-11-20T03:00:00Z') / 1000;
const NOTE = /made with other prices than there are now/;

async function fresh(): Promise<string> {
  const path = await temporaryWarehouse('priced');
  await using warehouse = await open(path, { prices: priceParts(null) });
  await load(warehouse, {
    now: '2026-11-20T02:00:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T01:30:00Z']],
    made: [{ id: 'a', at: '2026-11-10T08:00:00Z', usage: usage(1_000_000, 0) }],
  });
  await warehouse.close();
  expect((await program(['--warehouse', path, 'publish'], { now: NOW })).code).toBe(0);
  return path;
}
const made = madeOnce(fresh);

/** A warehouse of one call, for $2 by the list, and its published copy. */
async function published(start = made) {
  const path = await start();
  const contract = `${path}.csv`;
  const header = 'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok';
  const write = (usd: string) => writeFileSync(contract, `${header}\ngpt-4.1,default,input,,,,${usd}\n`);
  write('1');
  const run = (args: readonly string[], pricesFile: string | null) =>
    program(['--warehouse', path, ...args], {
      env: pricesFile === null ? {} : { PRICES_FILE: pricesFile },
      now: NOW,
    });
  return { path, copy: path.replace(/\.duckdb$/, '.published.duckdb'), contract, write, run };
}

type House = Awaited<ReturnType<typeof published>>;

async function cost({ run }: House, pricesFile: string | null, flags: readonly string[] = []) {
  const { code, stdout, stderr } = await run(
    ['report', 'cost', '--by', 'model', '--json', ...flags],
    pricesFile,
  );
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  const { rows, completeness } = JSON.parse(stdout);
  expect(completeness.list_cost_usd).toBe(rows[0].list_cost_usd);
  return { usd: rows[0].list_cost_usd, isTold: NOTE.test(stderr) };
}

test.each([
  ['the published copy', []],
  ['the warehouse', ['--live']],
] as const)('a report on %s has the prices that are set now, and changes no byte of it', async (_, flags) => {
  const house = await published();
  const files = [house.path, house.copy].map((file) => readFileSync(file));
  expect(await cost(house, null, flags)).toEqual({ usd: 2, isTold: false });
  expect(await cost(house, house.contract, flags)).toEqual({ usd: 1, isTold: true });
  // The file changes under the same name.
  house.write('7');
  expect(await cost(house, house.contract, flags)).toEqual({ usd: 7, isTold: true });
  expect(await cost(house, null, flags)).toEqual({ usd: 2, isTold: false });
  expect([house.path, house.copy].map((file) => readFileSync(file))).toEqual(files);
});

test('once it is published the copy has them, until the setting goes', async () => {
  const house = await published();
  expect((await house.run(['publish'], house.contract)).code).toBe(0);
  expect(await cost(house, house.contract)).toEqual({ usd: 1, isTold: false });
  expect(await cost(house, null)).toEqual({ usd: 2, isTold: true });
});

test('every report, query and export has them', async () => {
  const house = await published();
  const asked = async (sql: string) => (await house.run(['query', '--csv', sql], house.contract)).stdout;
  expect(await asked('select sum(list_cost_usd)::double as usd from marts.completions')).toBe('usd\n1\n');
  expect(await asked('select sum(ListCost)::double as usd from marts.focus_charges')).toBe('usd\n1\n');
  // What has nothing to do with prices finds the file as it is.
  expect(
    await asked(
      "select count(*) as n, count(comment) as told from duckdb_tables() where table_name = 'completion_usage'",
    ),
  ).toBe('n,told\n1,1\n');
  await using copy = await open(house.copy, { readOnly: true, prices: priceParts(house.contract) });
  // One of each kind of relation: by hour, by completion, over what a mart works out.
  for (const report of ['usage', 'top-completions', 'week-over-week', 'unpriced'].map(builtIn)) {
    const { completeness } = await runReport(copy, report, REQUEST);
    expect([report.name, Number(completeness.listCostUsd)]).toEqual([report.name, 1]);
  }
  const to = join(house.path, '..', 'lake');
  const exported = async (pricesFile: string | null) => {
    const args = ['export', '--to', to, '--format', 'csv', '--table', 'marts.usage_daily'];
    expect((await house.run(args, pricesFile)).code).toBe(0);
    const file = readdirSync(to, { recursive: true })
      .map(String)
      .find((name) => name.endsWith('.csv'));
    const [header = '', row = ''] = readFileSync(join(to, file ?? ''), 'utf8').split('\n');
    return Number(row.split(',')[header.split(',').indexOf('list_cost_usd')]);
  };
  expect(await exported(null)).toBe(2);
  expect(await exported(house.contract)).toBe(1);
});

test('a copy without its warehouse keeps the contract it came with, unless another one is set', async () => {
  const house = await published();
  expect((await house.run(['publish'], house.contract)).code).toBe(0);
  renameSync(house.path, `${house.path}.away`);
  expect(await cost(house, null)).toEqual({ usd: 1, isTold: false });
  house.write('3');
  expect(await cost(house, house.contract)).toEqual({ usd: 3, isTold: true });
});

test('a copy of another version that cannot be priced anew says that its costs are old, and what helps', async () => {
  const house = await published(fresh);
  const instance = await DuckDBInstance.create(house.copy);
  const connection = await instance.connect();
  await connection.run(
    'delete from sync.migrations where number = (select max(number) from sync.migrations)',
  );
  connection.closeSync();
  instance.closeSync();
  const { stdout, stderr } = await house.run(['report', 'cost', '--json'], house.contract);
  expect(JSON.parse(stdout).completeness.list_cost_usd).toBe(2);
  expect(stderr).toMatch(/its costs are the old ones; `tokenhouse publish`/);
});

test('a prices file that is wrong is named, and no cost is told', async () => {
  const house = await published();
  writeFileSync(house.contract, 'model\nx\n');
  const { code, stdout, stderr } = await house.run(['report', 'cost'], house.contract);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/PRICES_FILE .*line 1 lacks the column/);
});
