/** Imports one after the other: what each changes, and of which days. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ImportedPrice, mergeImport } from '../../src/analytics/price-import/merge.ts';
import { findOverlap, type Price } from '../../src/analytics/prices.ts';

const price = (fields: Partial<Price>): Price => ({
  model: 'gpt-9',
  serviceTier: 'default',
  tokenType: 'input',
  minInputTokens: 0,
  validFrom: null,
  validTo: null,
  usdPerMtok: '2',
  note: '',
  ...fields,
});

const on = (day: string) => ({ day, sourceVersion: `litellm ${day}` });
const told = (prices: readonly ImportedPrice[]) =>
  prices.map((one) => [
    one.tokenType,
    one.minInputTokens,
    one.validFrom,
    one.validTo,
    one.usdPerMtok,
    one.sourceVersion,
  ]);

test('a price that changed ends on the day and goes on at the new one; what is the same stays as it is', () => {
  const output = price({ tokenType: 'output', usdPerMtok: '8' });
  const first = mergeImport([], [price({}), output], on('2026-11-10'));
  expect(first).toMatchObject({ added: 2, ended: 0, kept: 0 });
  const second = mergeImport(first.prices, [price({ usdPerMtok: '3' }), output], on('2026-11-20'));
  expect(second).toMatchObject({ added: 1, ended: 1, kept: 0 });
  expect(told(second.prices)).toEqual([
    ['input', 0, '2026-11-10', '2026-11-20', '2', 'litellm 2026-11-10'],
    ['input', 0, '2026-11-20', null, '3', 'litellm 2026-11-20'],
    ['output', 0, '2026-11-10', null, '8', 'litellm 2026-11-10'],
  ]);
});

test('a long context that is no longer listed ends with it, a model that is not listed stays', () => {
  const held = mergeImport(
    [],
    [price({}), price({ minInputTokens: 272_001, usdPerMtok: '4' }), price({ model: 'old' })],
    on('2026-11-10'),
  ).prices;
  const merged = mergeImport(held, [price({})], on('2026-11-20'));
  expect(merged).toMatchObject({ added: 0, ended: 1, kept: 1 });
  expect(told(merged.prices)).toEqual([
    ['input', 0, '2026-11-10', null, '2', 'litellm 2026-11-10'],
    ['input', 272_001, '2026-11-10', '2026-11-20', '4', 'litellm 2026-11-10'],
    ['input', 0, '2026-11-10', null, '2', 'litellm 2026-11-10'],
  ]);
});

test('from an earlier day on when told so, and what was imported since goes', () => {
  const first = mergeImport([], [price({ usdPerMtok: '2' })], on('2026-11-10')).prices;
  const second = mergeImport(first, [price({ usdPerMtok: '3' })], on('2026-11-20')).prices;
  const back = mergeImport(second, [price({ usdPerMtok: '4' })], {
    day: '2026-11-05',
    sourceVersion: 'litellm 2026-11-21',
  });
  expect(back).toMatchObject({ added: 1, ended: 2 });
  expect(told(back.prices)).toEqual([['input', 0, '2026-11-05', null, '4', 'litellm 2026-11-21']]);
});

test('a list with days of its own is taken from the day on, with what it says will come', () => {
  const list = [
    price({ usdPerMtok: '9', validTo: '2026-11-01' }),
    price({ usdPerMtok: '2', validFrom: '2026-11-01', validTo: '2026-12-24' }),
    price({ usdPerMtok: '1', validFrom: '2026-12-24' }),
  ];
  const { prices } = mergeImport([], list, on('2026-11-20'));
  expect(told(prices)).toEqual([
    ['input', 0, '2026-11-20', '2026-12-24', '2', 'litellm 2026-11-20'],
    ['input', 0, '2026-12-24', null, '1', 'litellm 2026-11-20'],
  ]);
});

const DAYS = Array.from({ length: 12 }, (_, place) => `2026-11-${String(place + 1).padStart(2, '0')}`);
const anyDay = fc.constantFrom(...DAYS);

/** One step's periods: cut where the days say, each with a price or a gap. */
const anyStep = fc
  .record({
    model: fc.constantFrom('a', 'b'),
    minInputTokens: fc.constantFrom(0, 272_001),
    cuts: fc.uniqueArray(anyDay, { maxLength: 3 }),
    usd: fc.array(fc.constantFrom('1', '2', '3', null, undefined), { minLength: 4, maxLength: 4 }),
  })
  .map(({ model, minInputTokens, cuts, usd }) => {
    const bounds = [null, ...cuts.toSorted(), null];
    return usd.slice(0, cuts.length + 1).flatMap((usdPerMtok, place) =>
      usdPerMtok === undefined
        ? []
        : [
            price({
              model,
              minInputTokens,
              usdPerMtok,
              validFrom: bounds[place] ?? null,
              validTo: bounds[place + 1] ?? null,
            }),
          ],
    );
  });
const anyList = fc
  .uniqueArray(anyStep, {
    maxLength: 4,
    selector: ([first]) => `${first?.model} ${first?.minInputTokens}`,
  })
  .map((steps) => steps.flat());

/** What each step costs on a day. */
const onDay = (prices: readonly Price[], day: string) =>
  prices
    .filter(({ validFrom, validTo }) => (validFrom ?? '') <= day && (validTo === null || validTo > day))
    .map(({ model, minInputTokens, usdPerMtok }) => `${model} ${minInputTokens} ${usdPerMtok}`)
    .toSorted();

test('whatever is imported when: no day before it changes, the list holds after it, twice is once, no periods overlap', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyList, anyDay), { minLength: 1, maxLength: 4 }), (imports) => {
      let held: readonly ImportedPrice[] = [];
      for (const [list, day] of imports) {
        const { prices } = mergeImport(held, list, on(day));
        for (const before of DAYS.filter((one) => one < day)) {
          expect(onDay(prices, before)).toEqual(onDay(held, before));
        }
        const later = list.filter(({ validTo }) => validTo === null || validTo > day);
        const named = new Set(later.map(({ model }) => model));
        for (const after of DAYS.filter((one) => one >= day)) {
          const ofList = prices.filter(({ model }) => named.has(model));
          expect(onDay(ofList, after)).toEqual(
            onDay(list, after).filter((text) => named.has(text.slice(0, 1))),
          );
        }
        expect(findOverlap(prices)).toBeNull();
        expect(mergeImport(prices, list, on(day))).toEqual({
          prices,
          added: 0,
          ended: 0,
          kept: expect.any(Number),
        });
        held = prices;
      }
    }),
  );
});
