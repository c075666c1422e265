/** What a period would have cost, by hand: input at 2, cached 0.5, output 8, and two models to put in its place. */
import { expect, test } from 'vitest';
import { headingOf, noteLines } from '../../src/analytics/report-text.ts';
import type { WhatIf } from '../../src/analytics/what-if.ts';
import { fixture, GPT5, GPT41, NOW, run, table } from './reports-support.ts';
import { listOf, load, openPriced, price, usage } from './support.ts';

const MILLION = 1_000_000;
const MINI = 'gpt-4.1-mini';

const whatIf = (fields: Partial<WhatIf>): { readonly whatIf: WhatIf } => ({
  whatIf: { model: null, tier: null, cachedShare: null, ...fields },
});

const COLUMNS = [
  'group_name',
  'list_cost_usd',
  'compared_token_share',
  'compared_cost_usd',
  'what_if_cost_usd',
  'cost_difference_usd',
];

const priced = () =>
  openPriced(
    listOf(
      price({ usd_per_mtok: '2' }),
      price({ token_type: 'input_cached', usd_per_mtok: '0.5' }),
      price({ token_type: 'output', usd_per_mtok: '8' }),
      // Not in use; its price falls on the 11th, and is another for long contexts. Under its alias.
      price({ model: MINI, usd_per_mtok: '1', valid_to: '2026-11-11' }),
      price({ model: MINI, usd_per_mtok: '0.5', valid_from: '2026-11-11' }),
      price({ model: MINI, usd_per_mtok: '3', min_input_tokens: 2 * MILLION }),
      price({ model: MINI, token_type: 'input_cached', usd_per_mtok: '0.1' }),
      price({ model: MINI, token_type: 'output', usd_per_mtok: '2' }),
      price({ model: MINI, service_tier: 'flex', usd_per_mtok: '0.25' }),
      // Its output has no price.
      price({ model: GPT5, usd_per_mtok: '1' }),
    ),
  );

test('the same tokens on another model, of each day and size, and what has no price on either side is left out', async () => {
  const warehouse = await priced();
  const made = [
    // 0.6 x 2 + 0.4 x 0.5 + 0.1 x 8 = 2.2; then 0.6 x 1 + 0.4 x 0.1 + 0.1 x 2 = 0.84.
    {
      id: 'a',
      at: '2026-11-10T00:00:00Z',
      usage: usage(MILLION, 100_000, { cached: 400_000 }),
      tags: { team: 'x' },
    },
    // 2 + 0.8; from the 11th on 0.5 + 0.2.
    { id: 'b', at: '2026-11-11T00:00:00Z', usage: usage(MILLION, 100_000), tags: { team: 'y' } },
    // 3 million in one call: 6; then 3 x 3.
    { id: 'c', at: '2026-11-11T01:00:00Z', usage: usage(3 * MILLION, 0), tags: { team: 'y' } },
    // Of x too: input 1, which would be 0.5; the output has no price as it is, and none of llama-9 has.
    { id: 'd', at: '2026-11-12T00:00:00Z', model: GPT5, usage: usage(MILLION, MILLION), tags: { team: 'x' } },
    { id: 'e', at: '2026-11-12T00:00:00Z', model: 'llama-9', usage: usage(MILLION, 0), tags: {} },
  ];
  await load(warehouse, { now: NOW, made });
  for (const model of [MINI, `${MINI}-2025-04-14`]) {
    expect(await table(warehouse, 'what-if', COLUMNS, whatIf({ model })), model).toEqual([
      [GPT41, 11, 1, 11, 10.54, -0.46],
      [GPT5, 1, 0.5, 1, 0.5, -0.5],
      ['llama-9', null, 0, null, null, null],
    ]);
  }
  // By team, which the tokens alone do not tell: x is a and d.
  expect(
    await table(warehouse, 'what-if', COLUMNS, { by: 'metadata.team', ...whatIf({ model: MINI }) }),
  ).toEqual([
    ['y', 8.8, 1, 8.8, 9.7, 0.9],
    ['x', 3.2, 0.677419355, 3.2, 1.34, -1.86],
    ['(untagged)', null, 0, null, null, null],
  ]);
  expect(
    await table(warehouse, 'what-if', COLUMNS, { by: 'metadata.team', top: 1, ...whatIf({ model: MINI }) }),
  ).toEqual([
    ['y', 8.8, 1, 8.8, 9.7, 0.9],
    ['(untagged)', null, 0, null, null, null],
    ['(others)', 3.2, 0.677419355, 3.2, 1.34, -1.86],
  ]);
  // In a tier where only its input has a price, 0.25, which cached input is assumed to cost: all but the output, of all sizes.
  expect(
    await table(warehouse, 'what-if', COLUMNS, {
      where: `model=${GPT41}`,
      ...whatIf({ model: MINI, tier: 'flex' }),
    }),
  ).toEqual([[GPT41, 11, 0.961538462, 9.4, 1.25, -8.15]]);
});

test('another tier and another share of cached input, of what is in use', async () => {
  const warehouse = await fixture();
  const at = { since: '2026-11-10', until: '2026-11-12', where: `model=${GPT5}` };
  // c in flex is 1, d in priority 3.5; both at the default tier 2 and 1.75. Of e in turbo nothing is known before, so nothing after.
  expect(await table(warehouse, 'what-if', COLUMNS, { ...at, ...whatIf({ tier: 'default' }) })).toEqual([
    [GPT5, 4.5, 0.99950025, 4.5, 3.75, -0.75],
  ]);
  // Half a million of each cached, which costs nothing: c 0.25 + 0.5, d 1 + 2.
  expect(await table(warehouse, 'what-if', COLUMNS, { ...at, ...whatIf({ cachedShare: 0.5 }) })).toEqual([
    [GPT5, 4.5, 0.99950025, 4.5, 3.75, -0.75],
  ]);
  // None of it cached: d 2 + 2.
  expect(await table(warehouse, 'what-if', COLUMNS, { ...at, ...whatIf({ cachedShare: 0 }) })).toEqual([
    [GPT5, 4.5, 0.99950025, 4.5, 5, 0.5],
  ]);
});

test('on its own model nothing changes, and the whole is said under the table', async () => {
  const warehouse = await fixture();
  const found = await run(warehouse, 'what-if', { where: `model=${GPT41}`, ...whatIf({ model: GPT41 }) });
  expect(found.rows.map((row) => [row['list_cost_usd'], row['cost_difference_usd']])).toEqual([[7.2, 0]]);
  const dear = await run(warehouse, 'what-if', {
    ...whatIf({ model: GPT5, tier: 'priority', cachedShare: 0.5 }),
  });
  expect(headingOf(dear)).toBe(
    `What it would have cost on ${GPT5}, tier priority, 50 % of the input cached, by model`,
  );
  // Half of the input of a, b, c and d at 2, half of h too, their output at 20: 4 + 0.5 + 4 x 2 for 11.7.
  expect(noteLines(dear)).toContain(
    'Otherwise $12.50 instead of $11.70 (+$0.80, +6.8 %), of the 99.9 % of tokens that have a price on both sides',
  );
});

test.each([
  [{}, 'the report what-if needs --model, --tier or --cached-share'],
  [{ model: 'gpt-4.1-2025-04-41' }, `has no price for it; is ${GPT41} meant?`],
  [{ model: 'llama-9' }, '--model llama-9: the price list has no price for it (PRICES_FILE can give it one)'],
  [
    { model: GPT5, tier: 'flexi' },
    `--tier flexi: no list price of ${GPT5} is for that tier; there is default, flex, priority; is flex meant?`,
  ],
  [{ tier: 'turbo' }, '--tier turbo: no list price is for that tier; there is default, flex, priority'],
])('what cannot be reckoned is refused: %j', async (fields, message) => {
  await expect(run(await fixture(), 'what-if', whatIf(fields))).rejects.toThrow(message);
});

test('a report that takes nothing to be otherwise refuses it', async () => {
  await expect(run(await fixture(), 'cost', whatIf({ cachedShare: 0.5 }))).rejects.toThrow(
    'the report cost takes no --cached-share',
  );
});
