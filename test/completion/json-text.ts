import fc from 'fast-check';

/** JSON texts as a server could write them: any white space, any escape, brackets inside strings, long numbers. */
const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r\n ');
const character = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }).map((text) => JSON.stringify(text).slice(1, -1)),
  fc.constantFrom('\\"', '\\\\', '\\\\\\"', '\\/', '\\u0000', '\\ud800', '\\udc00\\ud800', '\\u005b', '\\n'),
  fc.constantFrom('[', ']', '{', '}', ',', ':', 'data', '/*', '\u2028', '😀'),
);
const string = fc.array(character, { maxLength: 6 }).map((parts) => `"${parts.join('')}"`);
const number = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1e3',
    '1.5E-7',
    '9007199254740993',
    '-9223372036854775809',
    '4944116822809979520',
  ),
  fc.integer().map(String),
);
/**
 * Without a backslash of its own: once V8 13.6 has parsed `{"\\\\":1}`, its JSON.parse takes `{"\\"":1}` for the same key, and the tests
 * compare with JSON.parse.
 */
const key = fc.oneof(
  string.filter((text) => !String(JSON.parse(text)).includes('\\')),
  fc.constantFrom('"data"', '"d\\u0061ta"', '"has_more"', '"\\"data\\""'),
);

const { value, object } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc
    .tuple(
      space,
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('true', 'false', 'null'),
        number,
        string,
        tie('array'),
        tie('object'),
      ),
      space,
    )
    .map((parts) => parts.join('')),
  array: fc.array(tie('value'), { maxLength: 4 }).map((elements) => `[${elements.join(',') || ' '}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(space, key, space, tie('value')), { maxLength: 4 }))
    .map(([before, members]) => `${before}{${members.map(([a, k, b, v]) => `${a}${k}${b}:${v}`).join(',')}}`),
}));

export const jsonText: fc.Arbitrary<string> = value;
export const objectText: fc.Arbitrary<string> = object;
