import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { membersAt } from '../../src/completion/json-bytes.ts';
import { parseExact } from '../../src/completion/parse-exact.ts';
import { jsonText } from './json-text.ts';

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

  test('keys are those of the text, whatever keys were met in their place', () => {
    // JSON.parse of V8 13.6 takes one of these for another that it has met.
    const key = fc.array(fc.constantFrom('\\', '"', '\n', '/', 'a', '\u0001'), {
      minLength: 1,
      maxLength: 3,
    });
    const object = fc.dictionary(
      key.map((parts) => parts.join('')),
      fc.constantFrom('a', 1, { '\\': 2 }, [{ '"': 3 }, { '\n': 4 }]),
      { maxKeys: 2, noNullPrototype: true },
    );
    fc.assert(
      fc.property(object, (metadata) => {
        const text = JSON.stringify({ metadata });
        expect(parseExact(text)).toEqual({ metadata });
        const bytes = Buffer.from(JSON.stringify(metadata));
        expect(membersAt(bytes, 0).map((member) => member.key)).toEqual(Object.keys(metadata));
      }),
      { numRuns: 500 },
    );
  });

  test('a key __proto__ stays a key', () => {
    for (const text of ['{"__proto__":{"seed":4944116822809979520}}', '{"__proto__":{"\\"":1}}']) {
      expect(Object.keys(parseExact(text) as object)).toEqual(['__proto__']);
    }
  });
});
