import { expect, test } from 'vitest';
import { seededRandom } from '../support/random.ts';
import { listOf, load, type Made, numbers, openPriced, price, usage } from './support.ts';

const MILLION = 1_000_000;

const day = (text: string, ordinal: number): string =>
  new Date(Date.parse(`${text}T00:00:00Z`) + ordinal * 86_400_000).toISOString().slice(0, 10);

/** Of a week, in US dollars. */
const EFFECTS = `week_from as week, cost_delta_usd as delta, cost_volume_effect_usd as volume, cost_mix_effect_usd as mix,
  cost_per_call_effect_usd as per_call, cost_composition_effect_usd as composition, cost_rate_effect_usd as rate`;

test('another cached share, more output, long contexts and a price that turns up are no change of price', async () => {
  const priced = listOf(
    price({ usd_per_mtok: '2' }),
    price({ usd_per_mtok: '4', min_input_tokens: MILLION + 1 }),
    price({ usd_per_mtok: '0.5', token_type: 'input_cached' }),
    price({ usd_per_mtok: '8', token_type: 'output' }),
    price({ model: 'm-1', usd_per_mtok: '1', valid_from: '2026-12-07' }),
  );
  const warehouse = await openPriced(priced);
  const one = (from: string, used: object, model = 'gpt-4.1-2025-04-14'): Made => ({
    id: `${from} ${model}`,
    at: `${from}T08:00:00Z`,
    usage: used,
    model,
  });
  await load(warehouse, {
    now: '2026-12-14T02:00:00Z',
    covered: [['2026-11-02T00:00:00Z', '2026-12-14T01:30:00Z']],
    made: [
      one('2026-11-02', usage(MILLION, 0, { cached: 0 })),
      one('2026-11-09', usage(MILLION, 0, { cached: 800_000 })),
      one('2026-11-16', usage(500_000, 500_000, { cached: 400_000 })),
      // As many calls of as many tokens, in a prompt that is long.
      one('2026-11-23', usage(2 * MILLION, 0, { cached: 0 })),
      one('2026-11-30', usage(MILLION, 0), 'm-1'),
      one('2026-12-07', usage(MILLION, 0), 'm-1'),
    ],
  });
  const near = (amount: number) => expect.closeTo(amount, 9);
  expect(await numbers(warehouse, `select ${EFFECTS} from marts.usage_week_over_week order by week`)).toEqual(
    [
      // 1 x 2 before; 0.2 x 2 + 0.8 x 0.5.
      {
        week: '2026-11-09',
        delta: near(-1.2),
        volume: 0,
        mix: 0,
        per_call: 0,
        composition: near(-1.2),
        rate: 0,
      },
      // 0.1 x 2 + 0.4 x 0.5 + 0.5 x 8.
      {
        week: '2026-11-16',
        delta: near(3.6),
        volume: 0,
        mix: 0,
        per_call: 0,
        composition: near(3.6),
        rate: 0,
      },
      // A million more at 4.4, and then 2 x 4.
      {
        week: '2026-11-23',
        delta: near(3.6),
        volume: 0,
        mix: 0,
        per_call: near(4.4),
        composition: near(-0.8),
        rate: 0,
      },
      { week: '2026-11-30', delta: near(-8), volume: 0, mix: near(-8), per_call: 0, composition: 0, rate: 0 },
      { week: '2026-12-07', delta: near(1), volume: 0, mix: 0, per_call: 0, composition: near(1), rate: 0 },
    ],
  );
});

test('whatever is used, the effects add up, and the price has one in the weeks only in which a price changed', async () => {
  const random = seededRandom(7);
  const models = ['m-1', 'm-2', 'm-3', 'm-4'];
  const types = ['input', 'input_cached', 'output'];
  // Of m-4 output has no price; that of m-2's output changes on a Monday, and once in the middle of a week.
  const prices = models.flatMap((model) =>
    ['default', 'flex'].flatMap((tier) =>
      types
        .filter((type) => !(model === 'm-4' && type === 'output'))
        .map((token_type) =>
          price({ model, token_type, service_tier: tier, usd_per_mtok: `${1 + random.below(9)}.3` }),
        ),
    ),
  );
  const steady = prices.filter(
    ({ model, token_type, service_tier }) =>
      !(model === 'm-2' && token_type === 'output' && service_tier === 'default'),
  );
  const changing = [
    { valid_to: '2026-10-05', usd_per_mtok: '3' },
    { valid_from: '2026-10-05', valid_to: '2026-11-04', usd_per_mtok: '7' },
    { valid_from: '2026-11-04', usd_per_mtok: '5' },
  ].map((fields) => price({ model: 'm-2', token_type: 'output', ...fields }));
  const warehouse = await openPriced(listOf(...steady, ...changing));
  const FIRST = '2026-08-31';
  const days = Array.from({ length: 84 }, (_, place) => day(FIRST, place));
  const made = days.flatMap((date) => [
    // Each day, as the change of a price is seen in what is used before and after.
    { id: `${date} daily`, at: `${date}T07:00:00Z`, model: 'm-2', usage: usage(1000, 500) },
    ...Array.from({ length: random.below(6) }, (_, index): Made => {
      const prompt = random.below(50_000);
      return {
        id: `${date} ${index}`,
        at: `${date}T08:00:00Z`,
        model: random.pick(models),
        tier: random.pick(['default', 'flex']),
        usage: random.chance(0.1)
          ? null
          : usage(prompt, random.below(9000), { cached: random.below(prompt + 1) }),
      };
    }),
  ]);
  const end = day(FIRST, 84);
  await load(warehouse, {
    now: `${end}T02:00:00Z`,
    covered: [[`${FIRST}T00:00:00Z`, `${end}T01:30:00Z`]],
    made,
  });
  const weeks = await numbers(warehouse, `select ${EFFECTS} from marts.usage_week_over_week order by week`);
  expect(weeks).toHaveLength(11);
  for (const { week, delta, ...effects } of weeks) {
    const sum = Object.values(effects).reduce((all, effect) => Number(all) + Number(effect), 0);
    expect(sum, String(week)).toBeCloseTo(Number(delta), 9);
  }
  expect(weeks.filter(({ rate }) => rate !== 0).map(({ week }) => week)).toEqual([
    '2026-10-05',
    '2026-11-02',
    '2026-11-09',
  ]);
});
