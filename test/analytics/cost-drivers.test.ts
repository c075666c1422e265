/** Why list cost grew, by hand and over whatever is used. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixture, NOW, run, table } from './reports-support.ts';
import { listOf, load, type Made, openPriced, price, usage } from './support.ts';

const MILLION = 1_000_000;
/** Of `NOW`, a Friday: the last whole week and the one before it. */
const COVERED = [['2026-10-26T00:00:00Z', '2026-11-20T11:30:00Z']] as const;
const [BEFORE, LAST] = ['2026-11-04', '2026-11-11'];
const MONDAY = '2026-11-09';

const EFFECTS = ['volume_effect_usd', 'mix_effect_usd', 'tokens_per_call_effect_usd', 'price_effect_usd'];

/** Input tokens of so many calls of a team. */
const calls = (
  day: string,
  team: string | null,
  model: string,
  count: number,
  tokens = MILLION,
): readonly Made[] =>
  Array.from({ length: count }, (_, place) => ({
    id: `${day} ${team} ${model} ${place}`,
    at: `${day}T10:00:00Z`,
    model,
    usage: usage(tokens, 0),
    tags: team === null ? {} : { team },
  }));

test('volume, mix, tokens a call and price of each team against the week before, by hand', async () => {
  const warehouse = await openPriced(
    listOf(
      price({ model: 'm-1', usd_per_mtok: '1', valid_to: MONDAY }),
      price({ model: 'm-1', usd_per_mtok: '2', valid_from: MONDAY }),
      price({ model: 'm-2', usd_per_mtok: '10' }),
      price({ model: 'm-3', usd_per_mtok: '1' }),
      price({ model: 'm-4', usd_per_mtok: '3', valid_from: MONDAY }),
    ),
  );
  const made = [
    ...calls(BEFORE, 'x', 'm-1', 4),
    ...calls(LAST, 'x', 'm-1', 6, 1_500_000),
    ...calls(LAST, 'x', 'm-2', 2),
    ...calls(BEFORE, 'y', 'm-2', 2),
    ...calls(LAST, 'y', 'm-2', 4),
    ...calls(BEFORE, 'z', 'm-2', 1, 500_000),
    ...calls(BEFORE, null, 'm-3', 1),
    ...calls(BEFORE, null, 'm-2', 1),
    ...calls(LAST, null, 'm-2', 2),
    ...calls(LAST, 'new', 'm-3', 1),
    ...calls(BEFORE, 'dear', 'm-4', 1),
    ...calls(LAST, 'dear', 'm-4', 1),
    ...calls(BEFORE, 'local', 'llama-9', 1),
    ...calls(LAST, 'local', 'llama-9', 3),
    // Neither week: the open one, and one long ago.
    ...calls('2026-11-17', 'x', 'm-2', 9),
    ...calls('2026-10-28', 'x', 'm-2', 9),
  ];
  await load(warehouse, { now: NOW, covered: COVERED, made });
  const columns = [
    'group_name',
    'list_cost_before_usd',
    'list_cost_usd',
    'cost_change_usd',
    ...EFFECTS,
    'main_driver',
  ];
  const by = 'metadata.team';
  // x: twice the calls at 1 each: 4. A quarter of its 8 calls are m-2 at 10 each, which takes as many from m-1 at 1: 20 - 2.
  // Half a million more in 6 calls at 1: 3. 9 million at 2 and not 1: 9.
  const x = ['x', 4, 38, 34, 4, 18, 3, 9, 'mix'];
  const y = ['y', 20, 40, 20, 20, 0, 0, 0, 'volume'];
  // As many calls, both of m-2: one at 10 for one at 1.
  const untagged = ['(untagged)', 11, 20, 9, 0, 9, 0, 0, 'mix'];
  // It had no price before.
  const dear = ['dear', null, 3, 3, 0, 0, 0, 3, 'price'];
  const fresh = ['new', 0, 1, 1, 1, 0, 0, 0, 'new'];
  const gone = ['z', 5, 0, -5, -5, 0, 0, 0, 'gone'];
  const local = ['local', null, null, null, null, null, null, null, null];
  expect(await table(warehouse, 'cost-drivers', columns, { by })).toEqual([
    x,
    y,
    untagged,
    dear,
    fresh,
    gone,
    local,
  ]);
  const found = await run(warehouse, 'cost-drivers', { by });
  expect(found.period).toMatchObject({ since: '2026-11-09', until: '2026-11-16', isDefault: true });
  expect(found.rows[0]).toMatchObject({ earlier_since: '2026-11-02', later_until: '2026-11-16' });
  // The two largest changes; 9 + 3 + 1 - 5 is left over, and what lacks the key keeps its row.
  expect(await table(warehouse, 'cost-drivers', columns, { by, top: 2 })).toEqual([
    x,
    y,
    untagged,
    ['(others)', 5, 4, -1, -4, 0, 0, 3, 'volume'],
  ]);
  // Days of one's own are held against as many before them: the 9th to the 11th against the 6th to the 8th, when nobody called.
  expect(
    await table(
      warehouse,
      'cost-drivers',
      ['group_name', 'main_driver', 'earlier_since', 'cost_change_usd'],
      {
        by: 'model',
        since: '2026-11-09',
        until: '2026-11-12',
        where: 'team=y',
      },
    ),
  ).toEqual([['m-2', 'new', '2026-11-06', 40]]);
});

test('days before that were not all read are not compared', async () => {
  const { rows } = await run(await fixture(), 'cost-drivers', { since: '2026-10-05' });
  expect(rows).toEqual([]);
});

const MODELS = ['m-1', 'm-2', 'm-3'];
const model = fc.constantFrom(...MODELS);
const tokens = fc
  .record({ prompt: fc.nat(300_000), cached: fc.nat(100), completion: fc.nat(50_000) })
  .map(({ prompt, cached, completion }) => ({
    prompt,
    completion,
    cached: Math.floor((prompt * cached) / 100),
  }));

interface Call {
  readonly model: string;
  readonly tokens: { readonly prompt: number; readonly cached: number; readonly completion: number };
}
interface Case {
  readonly before: readonly Call[];
  readonly last: readonly Call[];
  /** The effect that alone may differ from 0; null: any. */
  readonly alone: string | null;
}

const someCalls = fc.array(fc.record({ model, tokens }), { minLength: 1, maxLength: 6 });
const cases: fc.Arbitrary<Case> = fc.oneof(
  fc
    .record({ before: fc.array(fc.record({ model, tokens }), { maxLength: 6 }), last: someCalls })
    .map((both) => ({
      ...both,
      // Prices change and are missing in any of them.
      before: both.before.map((call) => ({ ...call, model: `${call.model}-moves` })),
      last: both.last.map((call, place) => ({
        ...call,
        model: place === 0 ? 'llama-9' : `${call.model}-moves`,
      })),
      alone: null,
    })),
  fc.record({ before: someCalls, times: fc.integer({ min: 2, max: 3 }) }).map(({ before, times }) => ({
    before,
    last: Array.from({ length: times }, () => before).flat(),
    alone: 'volume_effect_usd',
  })),
  fc
    .record({ one: tokens, other: tokens, many: fc.integer({ min: 1, max: 4 }), moved: fc.nat(4) })
    .map(({ one, other, many, moved }) => {
      const mixed = (firsts: number): readonly Call[] =>
        Array.from({ length: 5 }, (_, place) =>
          place < firsts ? { model: 'm-1', tokens: one } : { model: 'm-2', tokens: other },
        );
      return { before: mixed(many), last: mixed(moved), alone: 'mix_effect_usd' };
    }),
  fc
    .record({ before: someCalls, longer: fc.array(tokens, { minLength: 6, maxLength: 6 }) })
    .map(({ before, longer }) => ({
      before,
      last: before.map((call, place) => ({ ...call, tokens: longer[place] ?? call.tokens })),
      alone: 'tokens_per_call_effect_usd',
    })),
  someCalls.map((some) => {
    const moving = some.map((call) => ({ ...call, model: `${call.model}-moves` }));
    return { before: moving, last: moving, alone: 'price_effect_usd' };
  }),
);

const PRICES = listOf(
  ...MODELS.flatMap((name, place) =>
    Object.entries({ input: 2, input_cached: 0.5, output: 8 }).flatMap(([token_type, first]) => {
      const usd = String((place + 1) * first);
      return [
        price({ model: name, token_type, usd_per_mtok: usd }),
        price({ model: `${name}-moves`, token_type, usd_per_mtok: usd, valid_to: MONDAY }),
        price({ model: `${name}-moves`, token_type, usd_per_mtok: `${place + 3}.7`, valid_from: MONDAY }),
      ];
    }),
  ),
);

test('whatever is used, the effects add up to the change, and each is alone where nothing else changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(cases, { minLength: 20, maxLength: 30 }), async (all) => {
      const warehouse = await openPriced(PRICES);
      const made = all.flatMap(({ before, last }, group) =>
        [before, last].flatMap((some, week) =>
          some.map(
            (call, place): Made => ({
              id: `${group} ${week} ${place}`,
              at: `${week === 0 ? BEFORE : LAST}T0${place % 9}:00:00Z`,
              model: call.model,
              usage: usage(call.tokens.prompt, call.tokens.completion, { cached: call.tokens.cached }),
              tags: { case: String(group) },
            }),
          ),
        ),
      );
      await load(warehouse, { now: NOW, covered: COVERED, made });
      const costs = async (since: string, until: string) =>
        new Map(
          (await run(warehouse, 'cost', { by: 'metadata.case', since, until, top: 99 })).rows.map((row) => [
            row['group_name'],
            Number(row['list_cost_usd'] ?? 0),
          ]),
        );
      const [earlier, later] = [await costs('2026-11-02', MONDAY), await costs(MONDAY, '2026-11-16')];
      const { rows } = await run(warehouse, 'cost-drivers', { by: 'metadata.case', top: 99 });
      expect(rows).toHaveLength(all.length);
      for (const row of rows) {
        const name = String(row['group_name']);
        const change = (later.get(name) ?? 0) - (earlier.get(name) ?? 0);
        const effects = EFFECTS.map((effect) => Number(row[effect] ?? 0));
        expect(
          effects.reduce((sum, effect) => sum + effect, 0),
          name,
        ).toBeCloseTo(change, 6);
        expect(Number(row['cost_change_usd'] ?? 0), name).toBeCloseTo(change, 6);
        const alone = all[Number(name)]?.alone ?? null;
        for (const [place, effect] of EFFECTS.entries()) {
          if (alone !== null && effect !== alone)
            expect(effects[place], `${effect} of ${alone}`).toBeCloseTo(0, 8);
        }
      }
      await warehouse.close();
    }),
    { numRuns: 2, endOnFailure: true },
  );
}, 60_000);
