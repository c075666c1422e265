import { calcPrice, findProvider, type ModelInfo, TieredPrices } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PriceFileError, readFactors, readPrices } from '../../src/analytics/price-files.ts';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { expandModels, findOverlap, type Price, TOKEN_TYPES } from '../../src/analytics/prices.ts';

const model = (fields: Partial<ModelInfo>): ModelInfo => ({
  id: 'm',
  match: { equals: 'm' },
  prices: { input_mtok: 2, output_mtok: 8 },
  ...fields,
});

/** What is asked of a price list. */
interface Call {
  readonly tokenType: string;
  readonly tokens: number;
  readonly day: string;
}

/** The prices that hold for a call, of those thresholds that it reaches. */
const holding = (prices: readonly Price[], { tokenType, tokens, day }: Call): readonly Price[] =>
  prices.filter(
    (price) =>
      price.tokenType === tokenType &&
      price.minInputTokens <= tokens &&
      (price.validFrom === null || price.validFrom <= day) &&
      (price.validTo === null || day < price.validTo),
  );

const days = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

test('whatever history a model has, each day has one price a token type and threshold, that of the newest start', () => {
  const amount = fc.integer({ min: 1, max: 9_999 }).map((mills) => mills / 1000);
  const history = fc.uniqueArray(fc.record({ start: days, usd: amount }), {
    selector: ({ start }) => start,
    maxLength: 6,
  });
  // One start is put right; see below.
  const starts = fc.integer({ min: 1, max: 500_000 }).filter((start) => start !== 271_999);
  fc.assert(
    fc.property(history, amount, days, starts, (changes, first, day, start) => {
      const tiered = (usd: number) => new TieredPrices({ base: usd, tiers: [{ start, price: usd * 2 }] });
      const prices = expandModels([
        model({
          prices: [
            { prices: { input_mtok: tiered(first) } },
            ...changes.map(({ start: from, usd }) => ({
              constraint: { type: 'start_date' as const, start_date: from },
              prices: { input_mtok: tiered(usd) },
            })),
          ],
        }),
      ]);
      expect(findOverlap(prices)).toBeNull();
      const [newest] = changes
        .filter(({ start: from }) => from <= day)
        .toSorted((a, b) => b.start.localeCompare(a.start));
      const usd = newest?.usd ?? first;
      // At the start the package still charges the base, a token above it the tier.
      for (const [tokens, expected] of [
        [start, usd],
        [start + 1, usd * 2],
      ] as const) {
        const held = holding(prices, { tokenType: 'input', tokens, day });
        const winner = held.toSorted((a, b) => b.minInputTokens - a.minInputTokens)[0];
        expect(held.filter(({ minInputTokens }) => minInputTokens === winner?.minInputTokens)).toHaveLength(
          1,
        );
        expect(Number(winner?.usdPerMtok)).toBeCloseTo(expected, 6);
      }
    }),
  );
});

/** Sizes of input from which a price holds that a smaller call does not pay. */
const steps = (prices: readonly Price[]) => [
  ...new Set(prices.map(({ minInputTokens }) => minInputTokens).filter((tokens) => tokens > 0)),
];

test('a long context begins above the size that is named: 272,000 tokens of OpenAI pay the plain price, one more does not', () => {
  const models = findProvider({ providerId: 'openai' })?.models ?? [];
  const long = models.flatMap((one) => steps(expandModels([one])).map((tokens) => [one.id, tokens]));
  expect(long.length).toBeGreaterThan(5);
  expect(long).toEqual(long.map(([id]) => [id, 272_001]));
});

test('with other providers it begins where the package begins it', () => {
  const found = ['anthropic', 'google', 'x-ai'].flatMap((providerId) =>
    // Of those with one price for all time, so that today's is the one that has the step.
    (findProvider({ providerId })?.models ?? [])
      .filter(({ prices }) => !Array.isArray(prices))
      .flatMap((one) => steps(expandModels([one])).map((tokens) => ({ providerId, id: one.id, tokens }))),
  );
  expect([...new Set(found.map(({ tokens }) => tokens))].toSorted()).toEqual([128_001, 200_000, 200_001]);
  for (const { providerId, id, tokens } of found) {
    const paid = (input_tokens: number) =>
      (calcPrice({ input_tokens }, id, { providerId })?.input_price ?? 0) / input_tokens;
    expect(paid(tokens - 1)).toBeCloseTo(paid(1), 12);
    expect(paid(tokens)).toBeGreaterThan(paid(1) * 1.1);
  }
});

test('what a card is silent on has no row: marts.list_prices assumes a price of caching, and marks it', () => {
  const prices = expandModels([model({})]);
  expect(prices.map(({ tokenType, usdPerMtok }) => [tokenType, usdPerMtok])).toEqual([
    ['input', '2'],
    ['output', '8'],
  ]);
});

test('only exact names are priced: how a name begins proves nothing, and open weights are sold by others', () => {
  const names = (models: readonly ModelInfo[]) => [
    ...new Set(expandModels(models).map((price) => price.model)),
  ];
  expect(
    names([
      model({ id: 'a', match: { or: [{ equals: 'a-2025-01-01' }, { starts_with: 'a-' }, { regex: '^a' }] } }),
      model({ id: 'ft:b-', match: { starts_with: 'ft:b' } }),
      model({ id: 'gpt-oss-20b', match: { equals: 'gpt-oss-20b' } }),
    ]),
  ).toEqual(['a', 'a-2025-01-01', 'ft:b']);
});

const list = (): readonly Price[] =>
  (priceParts(null)[0]?.rows ?? []).map((row) => ({
    model: row.model,
    serviceTier: row.service_tier,
    tokenType: TOKEN_TYPES.find((type) => type === row.token_type) ?? 'input',
    minInputTokens: row.min_input_tokens,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    usdPerMtok: row.usd_per_mtok,
    note: `${row.source} ${row.note}`,
  }));

test('in the list that is shipped no two rows of one origin hold for one call, and every row of our own says where it is from', () => {
  const rows = priceParts(null)[0]?.rows ?? [];
  expect(rows.length).toBeGreaterThan(900);
  for (const source of ['genai-prices', 'overlay']) {
    expect(findOverlap(list().filter(({ note }) => note.startsWith(source)))).toBeNull();
  }
  expect(rows.filter(({ source, note }) => source === 'overlay' && note.length < 20)).toEqual([]);
});

test('no row of our own takes the default price from a model: whatever has a tier has its default prices under the same name', () => {
  const rows = priceParts(null)[0]?.rows ?? [];
  const has = (name: string, tokenType: string) =>
    rows.some((row) => row.model === name && row.service_tier === 'default' && row.token_type === tokenType);
  const bare = rows.filter(
    ({ source, model: name }) => source === 'overlay' && !(has(name, 'input') && has(name, 'output')),
  );
  expect(bare).toEqual([]);
});

test.each([
  ['gpt-4.1-2025-04-14', '2026-09-25', ['2', '0.5', '8']],
  ['gpt-4.1-nano', '2026-09-25', ['0.1', '0.025', '0.4']],
  ['gpt-4o-2024-05-13', '2026-09-25', ['5', null, '15']],
  ['o3-2025-04-16', '2025-06-09', ['10', '0.5', '40']],
  ['o3-2025-04-16', '2025-06-10', ['2', '0.5', '8']],
  ['gpt-5.6-sol', '2026-08-20', ['5', '0.5', '30']],
  ['gpt-5.6-sol', '2026-08-21', ['4', '0.4', '20']],
])('%s on %s costs what was looked up: %j', (name, day, expected) => {
  const prices = list().filter(
    (price) => price.model === name && price.serviceTier === 'default' && price.minInputTokens === 0,
  );
  const found = ['input', 'input_cached', 'output'].map((tokenType) =>
    holding(prices, { tokenType, tokens: 1, day }).map(({ usdPerMtok }) => usdPerMtok),
  );
  expect(found).toEqual(expected.map((usd) => (usd === null ? [] : [usd])));
});

test('flex is half of the default price to the last digit, long contexts and former prices included', () => {
  const [flex, standard] = ['flex', 'default'].map((tier) =>
    list().filter((price) => price.serviceTier === tier && price.model === 'gpt-5.6-sol'),
  );
  expect(flex).toHaveLength(standard?.length ?? 0);
  for (const [place, price] of (flex ?? []).entries()) {
    expect(Number(price.usdPerMtok) * 2).toBeCloseTo(Number(standard?.[place]?.usdPerMtok), 9);
  }
});

const HEADER = 'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok';

test('a price list is read with its defaults, comments, quotes and Windows line ends', () => {
  const text = `\uFEFF${HEADER},note\r\n# a comment\r\n\r\n"gpt-4.1 | gpt-4.1-2025-04-14",,input,,2026-01-01,,1.5,"with, comma and ""quotes"""\r\nx,flex,output,272000,,2026-02-01,,\r\n`;
  expect(readPrices(text)).toEqual([
    ...['gpt-4.1', 'gpt-4.1-2025-04-14'].map((name) => ({
      model: name,
      serviceTier: 'default',
      tokenType: 'input',
      minInputTokens: 0,
      validFrom: '2026-01-01',
      validTo: null,
      usdPerMtok: '1.5',
      note: 'with, comma and "quotes"',
    })),
    {
      model: 'x',
      serviceTier: 'flex',
      tokenType: 'output',
      minInputTokens: 272_000,
      validFrom: null,
      validTo: '2026-02-01',
      usdPerMtok: null,
      note: '',
    },
  ]);
});

test.each([
  ['model,usd\nx,1', /line 1 lacks the column service_tier, token_type/],
  [
    `${HEADER}\nx,default,input,0,,,1\ny,default,inputs,0,,,1`,
    /line 3: token_type must be one of input, input_cached/,
  ],
  [`${HEADER}\nx,default,input,0,2026-02-30,,1`, /line 2: valid_from must be a day/],
  [`${HEADER}\nx,default,input,0,,,"1,5"`, /line 2: usd_per_mtok must be US dollars/],
  [`${HEADER}\nx,default,input,0,,,1.1234567`, /line 2: usd_per_mtok .*six decimals/],
  [`${HEADER}\nx,default,input,0,,,-1`, /line 2: usd_per_mtok/],
  [`${HEADER}\nx,default,input,1.5,,,1`, /line 2: min_input_tokens must be a whole number/],
  [`${HEADER}\n,default,input,0,,,1`, /line 2: model must not be empty/],
  [`${HEADER}\nx,default,input,0,,,1,2`, /line 2 has more fields/],
  [`${HEADER}\nx,default,input,0,2026-02-01,2026-02-01,1`, /line 2: valid_to must be a later day/],
  [
    `${HEADER}\nx,default,input,0,,,1\n\ny,default,input,0,,,1\nx,,input,,2026-01-01,,2`,
    /lines 2 and 5 give x two prices/,
  ],
  [`${HEADER}\nx,default,input,0,,2026-01-02,1\nx,default,input,0,2026-01-01,,2`, /lines 2 and 3 .*valid_to/],
])('a wrong price list says where: %j', (text, message) => {
  expect(() => readPrices(text)).toThrow(message);
  expect(() => readPrices(text)).toThrow(PriceFileError);
});

test('the tier fast of a price list is the tier priority, as in the data: both for the same days are two prices', () => {
  const row = (tier: string) => `x,${tier},input,0,,,2`;
  expect(readPrices(`${HEADER}\n${row('fast')}`)).toMatchObject([{ serviceTier: 'priority' }]);
  expect(() => readPrices(`${HEADER}\n${row('fast')}\n${row('priority')}`)).toThrow(
    /lines 2 and 3 give x two/,
  );
});

test('prices that follow each other to the day do not overlap', () => {
  const text = `${HEADER}\nx,default,input,0,,2026-01-01,1\nx,default,input,0,2026-01-01,2026-02-01,2\nx,default,input,0,2026-02-01,,3\nx,default,input,100,,,9`;
  expect(readPrices(text)).toHaveLength(4);
});

test('findOverlap finds two prices for one call whenever there is a day that both hold', () => {
  const price = fc.record({
    minInputTokens: fc.constantFrom(0, 100),
    from: fc.option(fc.integer({ min: 1, max: 28 }), { nil: null }),
    length: fc.option(fc.integer({ min: 1, max: 9 }), { nil: null }),
  });
  const dayOf = (ordinal: number) => new Date(Date.UTC(2026, 0, ordinal)).toISOString().slice(0, 10);
  fc.assert(
    fc.property(fc.array(price, { maxLength: 5 }), (made) => {
      const prices = made.map(
        ({ minInputTokens, from, length }): Price => ({
          model: 'x',
          serviceTier: 'default',
          tokenType: 'input',
          minInputTokens,
          validFrom: from === null ? null : dayOf(from),
          validTo: length === null ? null : dayOf((from ?? 1) + length),
          usdPerMtok: '1',
          note: '',
        }),
      );
      const twice = Array.from({ length: 60 }, (_, ordinal) => dayOf(ordinal - 10)).some((day) =>
        [0, 100].some((tokens) => {
          const held = holding(prices, { tokenType: 'input', tokens: 1_000, day });
          return held.filter(({ minInputTokens }) => minInputTokens === tokens).length > 1;
        }),
      );
      expect(findOverlap(prices) !== null).toBe(twice);
    }),
  );
});

test('factors are read by name', () => {
  expect(readFactors('model,service_tier,times_default,note\na|b,flex,0.5,why\n')).toEqual(
    ['a', 'b'].map((name) => ({ model: name, serviceTier: 'flex', factor: 0.5, note: 'why' })),
  );
});
