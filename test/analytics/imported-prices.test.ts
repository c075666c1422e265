/** Imported prices among the others: which one counts, on which day. */
import { expect, test } from 'vitest';
import type { PricePart, StoredPrice } from '../../src/warehouse/editions.ts';
import { open, rows, temporaryWarehouse } from '../warehouse/support.ts';
import { listOf, load, price, usage } from './support.ts';

const imported = (model: string, usd_per_mtok: string, valid_from = '2026-11-11'): StoredPrice =>
  price({ model, usd_per_mtok, valid_from, source: 'imported', source_version: 'litellm 2026-11-11' });

const LIST = [
  price({ model: 'm-a', usd_per_mtok: '2' }),
  price({ model: 'm-b', usd_per_mtok: '2' }),
  price({ model: 'm-c-2026-01-01', usd_per_mtok: '2' }),
  price({ model: 'm-d', usd_per_mtok: '2' }),
  price({ model: 'm-d', usd_per_mtok: '0.5', service_tier: 'flex' }),
  price({ model: 'm-f', usd_per_mtok: '2', source: 'overlay' }),
];

const PARTS: readonly PricePart[] = [
  { part: 'list prices', rows: LIST },
  { part: 'contract prices', rows: [price({ model: 'm-b', usd_per_mtok: '1', source: 'contract' })] },
  {
    part: 'imported prices',
    rows: [
      imported('m-a', '3'),
      imported('m-b', '3'),
      imported('m-c', '9'),
      imported('m-d-2026-01-01', '5'),
      imported('m-e', '3'),
      { ...imported('m-e', '1'), service_tier: 'flex' },
      imported('m-e-2026-01-01', '4', '2026-11-13'),
      imported('m-f', '3'),
    ],
  },
];

const MODELS = [
  ['m-a', 'default'],
  ['m-b', 'default'],
  ['m-c-2026-01-01', 'default'],
  ['m-d-2026-01-01', 'default'],
  ['m-d-2026-01-01', 'flex'],
  ['m-e-2026-01-01', 'default'],
  ['m-e-2026-01-01', 'flex'],
  ['m-f', 'default'],
] as const;

const PAID = `select model || ' ' || service_tier as what, list(list_cost_usd::double order by created_at) as usd
  from marts.completions group by all order by all`;

/** On the days before the import, after it, and after the second one. */
const EXPECTED = [
  { what: 'm-a default', usd: [2, 3, 3] },
  // The contract wins over what was imported.
  { what: 'm-b default', usd: [1, 1, 1] },
  // The list knows the dated name, so an imported alias gives it nothing.
  { what: 'm-c-2026-01-01 default', usd: [2, 2, 2] },
  // An imported dated name changes nothing of the days before, when the alias of the list held, …
  { what: 'm-d-2026-01-01 default', usd: [2, 5, 5] },
  // … nor of a tier that it does not name.
  { what: 'm-d-2026-01-01 flex', usd: [0.5, 0.5, 0.5] },
  { what: 'm-e-2026-01-01 default', usd: [null, 3, 4] },
  // Once it was imported itself, an imported alias lends it nothing.
  { what: 'm-e-2026-01-01 flex', usd: [null, 1, null] },
  { what: 'm-f default', usd: [2, 3, 3] },
];

test('contract, imported, overlay, list: each for the days it holds, and another list leaves the imported ones', async () => {
  const path = await temporaryWarehouse('bare');
  const warehouse = await open(path, { prices: PARTS });
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: MODELS.flatMap(([model, tier], place) =>
      ['10', '12', '14'].map((day) => ({
        id: `${place}-${day}`,
        at: `2026-11-${day}T08:00:00Z`,
        model,
        tier,
        usage: usage(1_000_000, 0),
      })),
    ),
  });
  expect(await rows(warehouse, PAID)).toEqual(EXPECTED);
  await warehouse.close();

  // As a run of a newer program, which has the same list in another edition and no contract set.
  const dearer = LIST.map((one) => ({ ...one, note: 'looked up again' }));
  const later = await open(path, { prices: listOf(...dearer) });
  const withoutContract = EXPECTED.map((one) =>
    one.what.startsWith('m-b') ? { ...one, usd: [2, 3, 3] } : one,
  );
  expect(await rows(later, PAID)).toEqual(withoutContract);
  await later.close();

  // And one who reads with another contract than the file has.
  const [, contract] = PARTS;
  await using read = await open(path, { readOnly: true, prices: contract === undefined ? [] : [contract] });
  expect(read.prices).toBe('shown');
  expect(await rows(read, PAID)).toEqual(EXPECTED);
});
