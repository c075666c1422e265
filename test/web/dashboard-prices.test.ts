/** The prices that the dashboard's costs are told with. */
import { utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { publishOf } from '../../src/run/publish-run.ts';
import { load, usage } from '../analytics/support.ts';
import { open, temporaryWarehouse } from '../warehouse/support.ts';
import { served } from './dashboard-support.ts';

const HEADER = 'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok';

test.each([
  ['the published copy', true],
  ['the warehouse', false],
])('%s is shown with the prices file as it is now, and says so', async (_, isCopy) => {
  const path = await temporaryWarehouse('priced');
  await using warehouse = await open(path, { prices: priceParts(null) });
  await load(warehouse, {
    now: '2026-11-20T02:00:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T01:30:00Z']],
    made: [{ id: 'a', at: '2026-11-10T08:00:00Z', usage: usage(1_000_000, 0) }],
  });
  await warehouse.close();
  const settings = { path, memoryLimit: '256MB', content: 'full', waitSeconds: 0 } as const;
  const to = `${path}.copy`;
  if (isCopy) {
    await publishOf(
      { warehouse: { ...settings, pricesFile: null }, publish: { to, content: 'none', spareMinutes: null } },
      to,
      { signal: new AbortController().signal },
    );
  }
  const pricesFile = `${path}.csv`;
  const write = (usd: string, second: number) => {
    writeFileSync(pricesFile, `${HEADER}\ngpt-4.1,default,input,,,,${usd}\n`);
    utimesSync(pricesFile, second, second);
  };
  write('3', 1_000);
  const nowMs = () => Date.parse('2026-11-20T03:00:00Z');
  const url = await served(path, { publishTo: to, pricesFile, nowMs });
  const usd = async (address: string) => {
    const { totals } = (await (await fetch(`${address}/dashboard.json?range=all`)).json()) as {
      totals: { shown: { list_cost_usd: string } };
    };
    return Number(totals.shown.list_cost_usd);
  };
  expect(await usd(url)).toBe(3);
  expect(await (await fetch(`${url}/?range=all`)).text()).toMatch(
    /was made with other prices than there are now/,
  );
  write('4', 2_000);
  expect(await usd(url)).toBe(4);
  const plain = await served(path, { publishTo: to, nowMs });
  expect(await usd(plain)).toBe(2);
  expect(await (await fetch(`${plain}/?range=all`)).text()).not.toContain('other prices');
});
