import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  elementsAt,
  MalformedJson,
  membersAt,
  skipSpace,
  textAt,
  valueAt,
} from '../../src/completion/json-bytes.ts';
import { jsonText, objectText } from './json-text.ts';

/** As a reply has it: bytes, and a lone surrogate of the generator's is U+FFFD by then. */
const bytesOf = (text: string) => Buffer.from(text);
const wellFormed = (text: string) => text.toWellFormed();

const countMembers = (text: string): number => {
  let members = 0;
  JSON.parse(text, function (this: unknown, key: string, value: unknown) {
    if (key !== '' && !Array.isArray(this)) members += 1;
    return value;
  });
  return members;
};

describe('elementsAt', () => {
  test('slices parse to what JSON.parse makes of the whole, and only white space and commas lie between them', () => {
    fc.assert(
      fc.property(fc.array(jsonText), fc.constantFrom('', ' ', '\n\t', '\r\n  '), (elements, space) => {
        const text = `${space}[${elements.map((element) => `${space}${element}${space}`).join(',')}${space}]`;
        const bytes = bytesOf(text);
        const slices = elementsAt(bytes, skipSpace(bytes, 0)).map((at) => textAt(bytes, at));
        expect(slices).toEqual(elements.map((element) => wellFormed(element.trim())));
      }),
      { numRuns: 1000 },
    );
  });

  test.each(['[1', '[1 2]', '[1,]', '[,1]', '["a', '[{"a":1]', '['])('%s is malformed', (text) => {
    expect(() => elementsAt(bytesOf(text), 0)).toThrow(MalformedJson);
  });
});

describe('membersAt', () => {
  test('finds the keys and values that JSON.parse finds, each in its place', () => {
    fc.assert(
      fc.property(objectText, (given) => {
        const text = wellFormed(given);
        const bytes = bytesOf(text);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const members = new Map(
          membersAt(bytes, skipSpace(bytes, 0)).map(({ key, value }) => [key, value] as const),
        );
        expect([...members.keys()].sort()).toEqual(Object.keys(parsed).sort());
        for (const [key, at] of members) expect(JSON.parse(textAt(bytes, at))).toEqual(parsed[key]);
      }),
      { numRuns: 1000 },
    );
  });

  test.each(['{"a"}', '{"a":}', '{"a":1', '{a:1}', '{"a":1,,"b":2}', '{"\\x":1}'])(
    '%s is malformed',
    (text) => {
      expect(() => membersAt(bytesOf(text), 0)).toThrow(MalformedJson);
    },
  );
});

describe('valueAt', () => {
  test('counts members and levels', () => {
    const text = '{"a":[1,{"b":{"a":":[{"},"b":2}],"c":"\\\\"} ,7';
    const plain = { start: 0, end: text.indexOf(' '), members: 5, depth: 4, hasEscapedKey: false };
    expect(valueAt(bytesOf(text), 0)).toEqual(plain);
    expect(valueAt(bytesOf('[{"a":"\\n"},{"b\\n" :1}]'), 0)).toMatchObject({
      members: 2,
      hasEscapedKey: true,
    });
    expect(valueAt(bytesOf('"a:b"'), 0)).toMatchObject({ members: 0, depth: 0 });
  });

  test('a text without a key twice has the members that JSON.parse finds, one with a key twice has more', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify({ value });
        expect(valueAt(bytesOf(text), 0).members).toBe(
          countMembers(text) + (text.includes('"":') ? emptyKeys(text) : 0),
        );
      }),
    );
    expect(valueAt(bytesOf('{"a":{"b":1,"b":2}}'), 0).members).toBe(3);
  });

  test('long strings end where they end, whatever is in them', () => {
    for (const inside of ['x'.repeat(500), '\\"'.repeat(300), '\\\\'.repeat(300), `${'é'.repeat(200)}\\"`]) {
      const text = `"${inside}"`;
      expect(valueAt(bytesOf(`${text},1`), 0).end).toBe(bytesOf(text).length);
      expect(() => valueAt(bytesOf(`"${inside}`), 0)).toThrow(MalformedJson);
    }
  });
});

/** The reviver is told of an empty key as of the whole. */
const emptyKeys = (text: string): number => {
  let found = -1;
  JSON.parse(text, (key, value) => {
    if (key === '') found += 1;
    return value;
  });
  return found;
};
