import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { SettingsError } from '../../src/errors.ts';
import { open, temporaryPath, value } from '../warehouse/support.ts';
import { listOf, load, price, usage } from './support.ts';

const COST =
  "select sum(list_cost_usd)::double from marts.usage_daily where created_date = date '2026-11-10'";

async function opened() {
  const path = await temporaryPath();
  const warehouse = await open(path, { prices: listOf(price({ usd_per_mtok: '2' })) });
  await load(warehouse, {
    now: '2026-11-20T02:00:00Z',
    made: [{ id: 'a', at: '2026-11-10T08:00:00Z', usage: usage(1_000_000, 0) }],
  });
  await warehouse.close();
  return path;
}

test('a price that is new from today never changes yesterday; a corrected one does', async () => {
  const path = await opened();
  const from = listOf(
    price({ usd_per_mtok: '2', valid_to: '2026-11-11' }),
    price({ usd_per_mtok: '9', valid_from: '2026-11-11' }),
  );
  const later = await open(path, { prices: from });
  expect(await value(later, COST)).toBe(2);
  await later.close();
  const corrected = await open(path, { prices: listOf(price({ usd_per_mtok: '3' })) });
  expect(await value(corrected, COST)).toBe(3);
});

test('a list that has changed within a version is noticed by who reads; one of a newer program is left alone', async () => {
  const path = await opened();
  const read = async () => {
    await using warehouse = await open(path, {
      readOnly: true,
      prices: listOf(price({ usd_per_mtok: '3' })),
    });
    return [warehouse.prices, await value(warehouse, COST)];
  };
  expect(await read()).toEqual(['shown', 3]);
  const newer = await open(path);
  await newer.query("update sync.editions set program_version = '999.0.0' where part = 'list prices'");
  await newer.close();
  expect(await read()).toEqual(['held', 2]);
});

test('a contract wins for the days it holds, under the alias too, and goes when the setting does', async () => {
  const path = await opened();
  const file = `${path}.csv`;
  const header = 'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok';
  await writeFile(file, `${header}\ngpt-4.1,default,input,0,2026-11-10,2026-11-11,1\n`);
  const contract = await open(path, { prices: priceParts(file) });
  expect(await value(contract, COST)).toBe(1);
  await contract.close();
  await rm(file);
  const without = await open(path, { prices: priceParts(null) });
  expect(await value(without, COST)).toBe(2);
});

test('a contract that is missing or wrong names the setting, the line and the column', async () => {
  const file = `${await temporaryPath()}.csv`;
  expect(() => priceParts(file)).toThrow(/PRICES_FILE .* cannot be read \(ENOENT\)/);
  await writeFile(
    file,
    'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok\nx,default,input,0,,,cheap\n',
  );
  expect(() => priceParts(file)).toThrow(/PRICES_FILE .*line 2: usd_per_mtok/);
  expect(() => priceParts(file)).toThrow(SettingsError);
});

test('marts of another edition are replaced, those of a newer program are left alone', async () => {
  const path = await opened();
  const change = async (version: string) => {
    const warehouse = await open(path);
    await warehouse.query('create or replace view marts.as_of as select 1 as other');
    await warehouse.query(
      `update sync.editions set edition = 'another', program_version = '${version}' where part = 'marts'`,
    );
    await warehouse.close();
  };
  const columns = async () => {
    const warehouse = await open(path);
    const count = await value(
      warehouse,
      "select count(*) from duckdb_columns() where schema_name = 'marts' and table_name = 'as_of'",
    );
    await warehouse.close();
    return count;
  };
  await change('0.0.1');
  expect(await columns()).toBe(7n);
  await change('999.0.0');
  expect(await columns()).toBe(1n);
});
