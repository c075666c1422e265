import { expect, test } from 'vitest';
import type { StoredPrice } from '../../src/warehouse/editions.ts';
import { load, numbers, openPriced, price, usage } from './support.ts';

/** The list: 2 a million, and 4 for more than 272,000 tokens of input. */
const LIST = [price({ usd_per_mtok: '2' }), price({ usd_per_mtok: '4', min_input_tokens: 272_001 })];

const contract = (usd_per_mtok: string | null, fields: Partial<StoredPrice> = {}): StoredPrice =>
  price({ usd_per_mtok, source: 'contract', ...fields });

/** US dollars per million tokens that calls of so many input tokens pay; null: no price. */
async function pricesPaid(rows: readonly StoredPrice[], list: readonly StoredPrice[] = LIST) {
  await using warehouse = await openPriced([
    { part: 'list prices', rows: list },
    { part: 'contract prices', rows },
  ]);
  const sizes = [1000, 100_000, 272_000, 272_001, 300_000, 500_000];
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: sizes.map((tokens) => ({
      id: String(tokens).padStart(6, '0'),
      at: '2026-11-10T08:00:00Z',
      usage: usage(tokens, 0),
    })),
  });
  const paid = await numbers(
    warehouse,
    'select (list_cost_usd / input_tokens * 1_000_000)::double as usd from marts.completions order by completion_id',
  );
  return paid.map(({ usd }) => (usd === null ? null : Number(Number(usd).toFixed(6))));
}

test('without a contract the list holds', async () => {
  expect(await pricesPaid([])).toEqual([2, 2, 2, 4, 4, 4]);
});

test.each([
  ['one of no size: the long context stays with the list', [contract('1')], [1, 1, 1, 4, 4, 4]],
  ['one under the alias as well', [contract('1', { model: 'gpt-4.1' })], [1, 1, 1, 4, 4, 4]],
  [
    'a long context of its own, which begins elsewhere',
    [contract('1'), contract('3', { min_input_tokens: 300_000 })],
    [1, 1, 1, 1, 3, 3],
  ],
  ['a long context alone', [contract('3', { min_input_tokens: 272_001 })], [2, 2, 2, 3, 3, 3]],
  [
    'one price whatever the size',
    [contract('1'), contract('1', { min_input_tokens: 1 })],
    [1, 1, 1, 1, 1, 1],
  ],
  ['no price at all', [contract(null)], [null, null, null, null, null, null]],
  [
    'sizes for other days: they are none for this one',
    [contract('1'), contract('1', { min_input_tokens: 1, valid_to: '2026-11-10' })],
    [1, 1, 1, 4, 4, 4],
  ],
  [
    'another kind of token: it has nothing to do with it',
    [contract('1'), contract('9', { token_type: 'output', min_input_tokens: 1 })],
    [1, 1, 1, 4, 4, 4],
  ],
] as const)('a contract with %s', async (_, rows, expected) => {
  expect(await pricesPaid(rows)).toEqual(expected);
});

test('of two lists the first that names sizes says where the long context begins', async () => {
  const overlay = [
    price({ source: 'overlay', usd_per_mtok: '2' }),
    price({ source: 'overlay', usd_per_mtok: '6', min_input_tokens: 400_000 }),
  ];
  expect(await pricesPaid([contract('1')], [...LIST, ...overlay])).toEqual([1, 1, 1, 1, 1, 6]);
});
