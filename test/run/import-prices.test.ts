/** Prices put into a warehouse while something else has it. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { importPrices } from '../../src/run/import-prices.ts';
import { open, temporaryWarehouse } from '../warehouse/support.ts';

test('a list that waits for the warehouse past midnight changes nothing of the day that is over by then', async () => {
  const path = await temporaryWarehouse('priced');
  const list = join(dirname(path), 'list.csv');
  await writeFile(
    list,
    'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok\nm,,input,,,,2',
  );
  const reader = await open(path, { readOnly: true });
  let now = '2026-11-29T23:59:50Z';
  let closed: Promise<void> | null = null;
  const done = await importPrices(
    { path, memoryLimit: '256MB', content: 'full', waitSeconds: 20, pricesFile: null },
    {
      from: list,
      provider: 'openai',
      since: null,
      dryRun: false,
      signal: new AbortController().signal,
      nowMs: () => Date.parse(now),
      onWaiting: () => {
        now = '2026-11-30T00:00:10Z';
        closed ??= reader.close();
      },
    },
  );
  await closed;
  expect([closed === null, done.since, done.sourceVersion]).toEqual([false, '2026-11-30', 'csv 2026-11-30']);
});
