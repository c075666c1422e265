import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrayElements, objectMembers, parseExact } from '../../src/source/exact-json.ts';
import { jsonText, objectText } from './json-text.ts';

const slice = (text: string, at: { start: number; end: number }): string => text.slice(at.start, at.end);

describe('arrayElements', () => {
  test('slices parse to what JSON.parse makes of the whole, and only white space and commas lie between them', () => {
    fc.assert(
      fc.property(fc.array(jsonText), fc.constantFrom('', ' ', '\n\t', '\r\n  '), (elements, space) => {
        const text = `${space}[${elements.map((element) => `${space}${element}${space}`).join(',')}${space}]`;
        const slices = arrayElements(text, space.length).map((at) => slice(text, at));
        expect(slices).toEqual(elements.map((element) => element.trim()));
        expect(slices.map((element) => JSON.parse(element))).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('objectMembers', () => {
  test('finds the keys and values that JSON.parse finds, the last one of equal keys', () => {
    fc.assert(
      fc.property(objectText, (text) => {
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const members = objectMembers(text);
        expect([...members.keys()].sort()).toEqual(Object.keys(parsed).sort());
        for (const [key, at] of members) expect(JSON.parse(slice(text, at))).toEqual(parsed[key]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('parseExact', () => {
  test('differs from JSON.parse in nothing but integers beyond 2^53, which keep their digits', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const rounded = (value: unknown): unknown => {
          if (typeof value === 'bigint') return Number(value);
          if (Array.isArray(value)) return value.map(rounded);
          if (typeof value !== 'object' || value === null) return value;
          return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
        };
        expect(rounded(parseExact(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('every whole number comes back with its digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (value) => {
        const [parsed] = parseExact(`[${value}]`) as [number | bigint];
        expect(BigInt(parsed)).toBe(value);
        expect(typeof parsed).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint');
      }),
    );
  });

  test.each([
    ['{"seed":4944116822809979520}', { seed: 4944116822809979520n }],
    ['{"seed":-430976584126747957}', { seed: -430976584126747957n }],
    ['{"seed":9007199254740991}', { seed: 9007199254740991 }],
    ['{"seed":9007199254740992}', { seed: 9007199254740992n }],
    ['{"a":9223372036854775808,"a":1}', { a: 1 }],
    ['{"a":1,"a":9223372036854775808}', { a: 9223372036854775808n }],
    ['[1e400,12345678901234567890.0]', [Number.POSITIVE_INFINITY, 1.2345678901234567e19]],
    ['["4944116822809979520"]', ['4944116822809979520']],
  ])('%s', (text, value) => {
    expect(parseExact(text)).toEqual(value);
  });

  test('a key __proto__ stays a key', () => {
    const parsed = parseExact('{"__proto__":{"seed":4944116822809979520}}');
    expect(Object.keys(parsed as object)).toEqual(['__proto__']);
  });
});
