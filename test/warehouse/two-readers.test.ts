import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CACHE_SPELLINGS, type CacheSpelling } from '../../src/completion/cache-spellings.ts';
import type { Item } from '../../src/sync/ports.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { corpusLines, hasCorpus } from '../source/support.ts';
import { itemOf, memberText } from '../support/items.ts';
import { batch, openTemporary, rows, startRun, T0 } from './support.ts';

/**
 * Two readers, one truth: a completion that is called plain is read by the engine, every other one by us. What the engine makes of a
 * plain one must be what we make of it, in every column of every table.
 */

const TABLES = [
  'completions',
  'completion_usage',
  'completion_choices',
  'completion_tool_calls',
  'completion_metadata',
];

async function loadedAs(isPlain: (item: Item) => boolean, items: readonly Item[]) {
  const warehouse = await openTemporary({ nowMs: () => T0 * 1000 });
  const runId = await startRun(warehouse);
  await warehouse.load(
    batch(runId, {
      items: items.map((item) => ({ item: { ...item, isPlain: isPlain(item) }, observedAtMs: T0 * 1000 })),
    }),
  );
  return { warehouse, runId };
}

const contents = async (warehouse: WarehouseFile, runId: string) =>
  JSON.parse(
    JSON.stringify(
      Object.fromEntries(
        await Promise.all(
          TABLES.map(async (table) => [table, await rows(warehouse, `from main.${table} order by all`)]),
        ),
      ),
      (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value === runId ? 'run' : value),
    ),
  ) as Record<string, readonly object[]>;

/** Loads the plain ones of the items both ways. @returns how many are plain. */
async function compareReaders(all: readonly Item[]): Promise<number> {
  const items = all.filter(({ isPlain }) => isPlain);
  if (items.length === 0) return 0;
  const byEngine = await loadedAs(() => true, items);
  const byUs = await loadedAs(() => false, items);
  const [engines, ours] = [
    await contents(byEngine.warehouse, byEngine.runId),
    await contents(byUs.warehouse, byUs.runId),
  ];
  for (const table of TABLES) expect(engines[table], table).toEqual(ours[table]);
  expect(engines['completions']).toHaveLength(items.length);
  await Promise.all([byEngine.warehouse.close(), byUs.warehouse.close()]);
  return items.length;
}

const space = fc.constantFrom('', '', '', ' ', '\n', '\t ');
const spaced = (text: fc.Arbitrary<string>) =>
  fc.tuple(space, text, space).map(([before, inner, after]) => before + inner + after);
/** Of what only we can read, little: a completion has dozens of fields, and most of them are to be plain. */
const rarely = (weight: number, usual: fc.Arbitrary<string>, odd: fc.Arbitrary<string>) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });
const character = rarely(
  150,
  fc.oneof(
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 3 })
      .map((text) => JSON.stringify(text).slice(1, -1)),
    fc.constantFrom('\\"', '\\\\', '\\/', '\\ud83d\\ude00', '\\u00e9', '\\u001f', '\\n', '😀'),
  ),
  fc.oneof(
    fc
      .string({ unit: 'binary', minLength: 1, maxLength: 3 })
      .map((text) => JSON.stringify(text).slice(1, -1)),
    fc.constantFrom('\\u0000', '\\ud800', '\\\\ud800', '\\udc00\\ud800'),
  ),
);
const string = fc.array(character, { maxLength: 5 }).map((parts) => `"${parts.join('')}"`);
const whole = rarely(
  60,
  fc.oneof(fc.nat().map(String), fc.constantFrom('0', '-0', '12.0', '1e2', '9007199254740991')),
  fc.constantFrom(
    ...['7.5', '9007199254740993', '-9223372036854775808', '4944116822809979520', '9223372036854775807'],
    ...['9223372036854775808', '18446744073709551615', '1e30'],
  ),
);
const number = rarely(
  60,
  fc.oneof(whole, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)),
  fc.constant('1e999'),
);
const seed = rarely(
  20,
  fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map(String),
  fc.constantFrom(
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '18446744073709551615',
    '1.5',
  ),
);
const json = rarely(
  60,
  fc.oneof(
    fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
    fc.constantFrom(
      '{"a":1.0,"b":1e2,"1":2,"0":3}',
      '[1,{"x":null}]',
      'null',
      '"a\\/b"',
      '{"k":"\\u001F"}',
      '1e999',
    ),
    number,
  ),
  fc.constant('{"a":1,"a":2}'),
);
const or = (usual: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 80, arbitrary: usual },
    { weight: 10, arbitrary: fc.constant('null') },
    { weight: 1, arbitrary: json },
  );

/** An object of some of the members, in any order, one of them twice at times. */
const object = (members: Readonly<Record<string, fc.Arbitrary<string>>>) =>
  fc
    .tuple(
      fc.shuffledSubarray(Object.keys(members), { minLength: Math.max(0, Object.keys(members).length - 3) }),
      fc.boolean(),
      fc.record(Object.fromEntries(Object.entries(members).map(([name, value]) => [name, spaced(value)]))),
    )
    .map(([names, isFirstTwice, values]) => {
      const [first] = names;
      const all = isFirstTwice && first !== undefined && names.length % 7 === 0 ? [...names, first] : names;
      return `{${all.map((name) => `"${name}":${values[name]}`).join(',')}}`;
    });

const counts = {
  cached_tokens: or(whole),
  cache_creation_tokens: or(whole),
  audio_tokens: or(whole),
  text_tokens: or(whole),
  reasoning_tokens: or(whole),
};
const usage = object({
  prompt_tokens: or(whole),
  completion_tokens: or(whole),
  total_tokens: or(whole),
  prompt_tokens_details: or(object(counts)),
  completion_tokens_details: or(object(counts)),
  prompt_token_details: or(object({ cached_tokens: or(whole) })),
  prompt_cache_hit_tokens: or(whole),
  cached_tokens: or(whole),
  num_cached_tokens: or(whole),
  cache_read_input_tokens: or(whole),
  cache_creation_input_tokens: or(whole),
  compute_units: or(number),
});
const call = fc.oneof(
  object({ id: or(string), type: or(string), function: object({ name: or(string), arguments: or(string) }) }),
  object({ id: or(string), type: or(string), custom: object({ name: or(string), input: or(string) }) }),
);
const listOf = (value: fc.Arbitrary<string>) =>
  fc.array(value, { maxLength: 3 }).map((elements) => `[${elements.join(',')}]`);
const message = object({
  role: or(string),
  content: or(string),
  refusal: or(string),
  reasoning: or(string),
  tool_calls: or(listOf(call)),
  function_call: json,
  annotations: json,
});
const choices = fc
  .array(fc.tuple(message, or(string), json, fc.integer({ min: 0, max: 60 })), { maxLength: 3 })
  .map(
    (all) =>
      `[${all
        .map(
          ([inner, reason, logprobs, odd], place) =>
            `{"index":${odd === 0 ? 7 : place},"finish_reason":${reason},"message":${inner},"logprobs":${logprobs}}`,
        )
        .join(',')}]`,
  );
const labels = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 6 }), or(string), { maxKeys: 4 }).map(
  (pairs) =>
    `{${Object.entries(pairs)
      .map(([key, value]) => `${JSON.stringify(key)}:${value}`)
      .join(',')}}`,
);
const completionText = (id: number) =>
  object({
    usage: or(usage),
    metadata: or(labels),
    service_tier: or(string),
    request_id: or(string),
    seed: or(seed),
    top_p: or(number),
    temperature: or(number),
    tools: json,
    tool_choice: json,
    response_format: json,
    moderation: json,
    input_messages: json,
    input_user: or(string),
    system_fingerprint: or(string),
    choices,
  }).map((text) => {
    const rest = text.slice(1, -1);
    return `{"id":"c${id}","object":"chat.completion","created":${T0 + id},"model":"m"${rest === '' ? '' : `,${rest}`}${rest.includes('"choices"') ? '' : ',"choices":[]'}}`;
  });

test('of generated completions the engine reads what we read', async () => {
  const ITEMS = 60;
  let plain = 0;
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(...Array.from({ length: ITEMS }, (_, id) => completionText(id))),
      async (texts) => {
        const items = texts.map((text) => itemOf(text)).filter(({ rejection }) => rejection === null);
        seen += items.length;
        plain += await compareReaders(items);
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
  // Else nothing was compared, or nothing was odd.
  expect(plain / seen).toBeGreaterThan(0.05);
  expect(plain / seen).toBeLessThan(0.95);
}, 120_000);

test.runIf(hasCorpus)(
  'of recorded completions the engine reads what we read, and it reads most of them',
  async () => {
    const unique = new Map(
      corpusLines('completions.jsonl')
        .map((line) => itemOf(memberText(line, 'completion'), 'compatible'))
        .filter(({ rejection }) => rejection === null)
        .map((item) => [`${item.createdAt} ${item.id}`, item]),
    );
    const items = [...unique.values()];
    const plain = await compareReaders(items);
    expect(plain / items.length).toBeGreaterThan(0.5);
  },
  120_000,
);

/** A `usage` that has these counts where the spellings say. */
function usageWith(told: readonly (readonly [CacheSpelling, unknown])[]): object {
  const usage: Record<string, unknown> = { prompt_tokens: 900, completion_tokens: 1, total_tokens: 901 };
  for (const [{ path }, value] of told) {
    const [name, within] = path;
    usage[name] = within === undefined ? value : { ...(usage[name] as object | undefined), [within]: value };
  }
  return usage;
}

test('every spelling of cached tokens is read by both readers, the first of the table before the others', async () => {
  const expected: Record<string, Record<string, number>> = {};
  const texts: string[] = [];
  const add = (column: string, told: readonly (readonly [CacheSpelling, unknown])[], value: number) => {
    const id = `c${texts.length}`;
    expected[id] = { [column]: value };
    texts.push(
      `{"id":"${id}","object":"chat.completion","created":${T0},"model":"m","choices":[],"usage":${JSON.stringify(usageWith(told))}}`,
    );
  };
  for (const [column, spellings] of Object.entries(CACHE_SPELLINGS)) {
    for (const [place, spelling] of spellings.entries()) {
      add(column, [[spelling, 100 + place]], 100 + place);
      // With all that come after it, and before it what is no count.
      const later = spellings.slice(place + 1).map((other) => [other, 7] as const);
      add(column, [...later, [spelling, 0]], 0);
      const before = spellings.slice(0, place).map((other) => [other, null] as const);
      add(column, [...before, [spelling, 200 + place]], 200 + place);
    }
  }
  const items = texts.map((text) => itemOf(text));
  expect(items.filter(({ isPlain }) => !isPlain)).toEqual([]);
  for (const isRead of [true, false]) {
    const { warehouse } = await loadedAs(() => isRead, items);
    const found = await rows(
      warehouse,
      'select completion_id, prompt_cached_tokens, prompt_cache_write_tokens from main.completion_usage',
    );
    const told = Object.fromEntries(
      found.map(({ completion_id: id, ...columns }) => [
        String(id),
        Object.fromEntries(
          Object.entries(columns)
            .filter(([name, value]) => value !== null && name in (expected[String(id)] ?? {}))
            .map(([name, value]) => [name, Number(value)]),
        ),
      ]),
    );
    expect(told).toEqual(expected);
    await warehouse.close();
  }
  // A count that is no whole number is for us to read, and the next spelling then counts.
  const odd = itemOf(
    '{"id":"o","object":"chat.completion","created":1,"model":"m","choices":[],"usage":{"prompt_tokens_details":{"cached_tokens":"5"},"prompt_cache_hit_tokens":6}}',
  );
  expect(odd.isPlain).toBe(false);
  const { warehouse } = await loadedAs(() => false, [odd]);
  expect(await rows(warehouse, 'select prompt_cached_tokens as n from main.completion_usage')).toEqual([
    { n: 6n },
  ]);
  await warehouse.close();
});
