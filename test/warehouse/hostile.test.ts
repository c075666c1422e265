import { expect, test } from 'vitest';
import { unixSeconds } from '../../src/sync/ports.ts';
import { jsonText } from '../../src/warehouse/load/json-text.ts';
import {
  batch,
  completion,
  completionId,
  item,
  observe,
  observed,
  openTemporary,
  rows,
  startRun,
  T0,
  value,
} from './support.ts';

/** A completion as text, so that a test can hold what JSON.stringify would not write. */
const wire = (id: string, content: string, more = ''): string =>
  `{"id":"${id}","object":"chat.completion","created":${T0},"model":"m","choices":[{"index":0,"finish_reason":"stop",` +
  `"message":{"role":"assistant","content":${content}}}]${more}}`;

async function loaded(...raws: readonly string[]) {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const counts = await warehouse.load(batch(runId, { items: raws.map((raw) => observed(raw)) }));
  expect(counts).toEqual({ rowsInserted: raws.length, rowsUpdated: 0, rowsRejected: 0, rowsDeleted: 0 });
  const held = await rows(warehouse, 'select raw from main.completions');
  expect(held.map((row) => row['raw']).sort()).toEqual([...raws].sort());
  return warehouse;
}

test('lone surrogates, NUL and odd escapes: raw to the character, columns readable', async () => {
  const warehouse = await loaded(
    wire(
      'a',
      '"x\\ud800y\\u0000z \\\\ud800 \\/ \\u00e9 \\ud83d\\ude00"',
      ',"metadata":{"k\\udfff":"v\\ud800"},"extra":{"\\ud800":1}',
    ),
  );
  expect(await value(warehouse, 'select content from main.completion_choices')).toBe(
    'x\ufffdy\0z \\ud800 / \u00e9 \u{1f600}',
  );
  expect(await rows(warehouse, 'select key, value from main.completion_metadata')).toEqual([
    { key: 'k\ufffd', value: 'v\ufffd' },
  ]);
  expect(await value(warehouse, "select extra->'extra' from main.completions")).toBe('{"\ufffd":1}');
});

test('seeds beyond int64 and counts that are no counts', async () => {
  const warehouse = await loaded(
    wire('a', '"x"', ',"seed":4944116822809979520'),
    wire('b', '"x"', ',"seed":18446744073709551615'),
    wire(
      'c',
      '"x"',
      ',"seed":-9223372036854775809,"usage":{"prompt_tokens":12.0,"completion_tokens":"7","total_tokens":9223372036854775808}',
    ),
    wire('d', '"x"', `,"seed":${'9'.repeat(40)},"temperature":1e999,"top_p":1e-400`),
    wire('e', '"x"', ',"seed":1.5,"usage":[1]'),
  );
  expect(
    await rows(
      warehouse,
      `select id, seed, prompt_tokens, completion_tokens, total_tokens, temperature
       from main.completions join main.completion_usage on completion_id = id order by id`,
    ),
  ).toEqual([
    {
      id: 'a',
      seed: '4944116822809979520',
      prompt_tokens: null,
      completion_tokens: null,
      total_tokens: null,
      temperature: null,
    },
    {
      id: 'b',
      seed: '18446744073709551615',
      prompt_tokens: null,
      completion_tokens: null,
      total_tokens: null,
      temperature: null,
    },
    {
      id: 'c',
      seed: '-9223372036854775809',
      prompt_tokens: 12n,
      completion_tokens: null,
      total_tokens: null,
      temperature: null,
    },
    {
      id: 'd',
      seed: null,
      prompt_tokens: null,
      completion_tokens: null,
      total_tokens: null,
      temperature: null,
    },
    {
      id: 'e',
      seed: null,
      prompt_tokens: null,
      completion_tokens: null,
      total_tokens: null,
      temperature: null,
    },
  ]);
  expect(
    await value(
      warehouse,
      "select usage->>'total_tokens' from main.completion_usage where completion_id = 'c'",
    ),
  ).toBe('9223372036854775808');
});

test('keys that differ in case stay apart, the same key twice does no harm, a date stays a text', async () => {
  const warehouse = await loaded(
    wire(
      'a',
      '"2025-01-01T00:00:00Z"',
      ',"metadata":{"Team":"1","team":"2","TEAM":"3"},"Model":"x","MODEL":"y"',
    ),
    wire('b', '"one","content":"two"', ',"metadata":{"k":"1","k":"2"},"model":"n"'),
  );
  expect(
    await rows(
      warehouse,
      'select completion_id as id, key, value from main.completion_metadata order by all',
    ),
  ).toEqual([
    { id: 'a', key: 'TEAM', value: '3' },
    { id: 'a', key: 'Team', value: '1' },
    { id: 'a', key: 'team', value: '2' },
    { id: 'b', key: 'k', value: '2' },
  ]);
  expect(await rows(warehouse, 'select content from main.completion_choices order by completion_id')).toEqual(
    [{ content: '2025-01-01T00:00:00Z' }, { content: 'two' }],
  );
});

test('sixteen new metadata keys of 64 characters on every row', async () => {
  const key = (row: number, index: number) => `${row}-${index}-`.padEnd(64, 'k');
  const raws = Array.from({ length: 300 }, (_, row) =>
    JSON.stringify(
      completion(`c${row}`, T0 + row, {
        metadata: Object.fromEntries(
          Array.from({ length: 16 }, (__, index) => [key(row, index), 'v'.repeat(512)]),
        ),
      }),
    ),
  );
  const warehouse = await loaded(...raws);
  expect(await value(warehouse, 'select count(distinct key) from main.completion_metadata')).toBe(4800n);
});

test('texts of 2 MB and a thousand tool calls', async () => {
  const long = '\\u00e9"\n'.repeat(260_000);
  const calls = Array.from({ length: 1000 }, (_, index) => ({
    id: `call_${index}`,
    type: index % 2 === 0 ? 'function' : 'custom',
    ...(index % 2 === 0
      ? { function: { name: 'f', arguments: `{"broken": ${index}` } }
      : { custom: { name: 'g', input: `input ${index}` } }),
  }));
  const message = { role: 'assistant', content: null, tool_calls: calls };
  const warehouse = await loaded(
    ...['a', 'b', 'c', 'd', 'e'].map((id) => wire(id, JSON.stringify(long + id))),
    JSON.stringify(completion('t', T0, { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] })),
  );
  expect(
    await value(warehouse, "select content from main.completion_choices where completion_id = 'c'"),
  ).toBe(`${long}c`);
  expect(
    await rows(
      warehouse,
      'select count(*) as n, max(tool_call_index) as top, any_value(tool_call_count) as counted from main.completion_tool_calls join main.completion_choices using (completion_id)',
    ),
  ).toEqual([{ n: 1000n, top: 999n, counted: 1000n }]);
  expect(
    await rows(
      warehouse,
      'select type, name, arguments from main.completion_tool_calls where tool_call_index in (10, 11) order by all',
    ),
  ).toEqual([
    { type: 'custom', name: 'g', arguments: 'input 11' },
    { type: 'function', name: 'f', arguments: '{"broken": 10' },
  ]);
});

test('nesting of any depth', async () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const warehouse = await loaded(
    wire('a', '"x"', `,"extra":${deep(400)}`),
    wire('b', '"x"', `,"extra":${deep(5000)},"metadata":${deep(3000)}`),
  );
  expect(await value(warehouse, "select extra is not null from main.completions where id = 'a'")).toBe(true);
  expect(await value(warehouse, "select count(*) from main.completions where id = 'b'")).toBe(1n);
});

test('fields of every wrong type are NULL and the row is there', async () => {
  const wrong = [0, 'text', true, [], [[]], {}, [null], null];
  const fields = [
    'choices',
    'usage',
    'metadata',
    'service_tier',
    'seed',
    'tools',
    'temperature',
    'input_user',
  ];
  const items = fields.flatMap((field, f) =>
    wrong.map((bad, w) => {
      const body = { ...completion(`w${f}-${w}`, T0), [field]: bad };
      const raw = JSON.stringify(body);
      return { item: item({ id: completionId(`w${f}-${w}`), raw: Buffer.from(raw) }), observedAtMs: 1 };
    }),
  );
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  expect(await warehouse.load(batch(runId, { items }))).toEqual({
    rowsInserted: items.length,
    rowsUpdated: 0,
    rowsRejected: 0,
    rowsDeleted: 0,
  });
  expect(await value(warehouse, 'select count(*) from main.completion_usage')).toBe(BigInt(items.length));
});

test('choices without a usable index are numbered by their place', async () => {
  const choice = (fields: object) => ({
    message: { role: 'assistant', tool_calls: [{ id: 'x' }] },
    ...fields,
  });
  const warehouse = await loaded(
    JSON.stringify(completion('a', T0, { choices: [choice({ index: 0 }), choice({ index: 0 })] })),
    JSON.stringify(completion('b', T0, { choices: [choice({ index: 4 }), choice({ index: 2 })] })),
    JSON.stringify(completion('c', T0, { choices: [choice({}), choice({ index: 7 })] })),
  );
  expect(
    await rows(
      warehouse,
      `select completion_id as id, list(choice_index order by choice_index) as indexes from main.completion_tool_calls
       join main.completion_choices using (completion_id, choice_index) group by all order by all`,
    ),
  ).toEqual([
    { id: 'a', indexes: [0n, 1n] },
    { id: 'b', indexes: [2n, 4n] },
    { id: 'c', indexes: [0n, 1n] },
  ]);
});

test('one item that the engine refuses is rejected alone, and the reason quotes nothing of it', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const good = Array.from({ length: 20 }, (_, index) => observe(completion(`g${index}`, T0 + index)));
  // No parser makes this time; it stands for whatever the engine may come to refuse.
  const bad = {
    item: item({ id: completionId('bad'), raw: Buffer.from('{"model":"canary"}') }),
    observedAtMs: 1e300,
  };
  const counts = await warehouse.load(batch(runId, { items: [...good.slice(0, 7), bad, ...good.slice(7)] }));
  expect(counts).toEqual({ rowsInserted: 20, rowsUpdated: 0, rowsRejected: 1, rowsDeleted: 0 });
  const [rejected] = await rows(warehouse, 'select id, reason, raw from sync.rejected');
  expect(rejected).toMatchObject({ id: 'bad', raw: '{"model":"canary"}' });
  expect(rejected?.['reason']).toMatch(/^the engine refuses a value for completions/);
  expect(rejected?.['reason']).not.toMatch(/canary|1e\+?300/);
});

test('what is taken for plain and the engine refuses is taken apart here, and costs no other row', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const good = Array.from({ length: 20 }, (_, index) => observe(completion(`g${index}`, T0 + index)));
  // A lone surrogate, called plain by mistake.
  const odd = observed(wire('odd', '"x\\ud800y"'));
  const bad = { ...odd, item: { ...odd.item, isPlain: true } };
  const counts = await warehouse.load(batch(runId, { items: [...good.slice(0, 7), bad, ...good.slice(7)] }));
  expect(counts).toEqual({ rowsInserted: 21, rowsUpdated: 0, rowsRejected: 0, rowsDeleted: 0 });
  expect(
    await value(warehouse, "select content from main.completion_choices where completion_id = 'odd'"),
  ).toBe('x\ufffdy');
});

test('numbers that no double holds cost no row, and stay as they are', async () => {
  const warehouse = await loaded(
    wire('a', '"x"', ',"metadata":{"n":1e999},"tools":[-1e4000,{"a":"1e999"}],"x":1e309'),
    wire('b', '"x"', `,"usage":{"other":${'9'.repeat(400)}}`),
  );
  expect(await value(warehouse, "select tools from main.completions where id = 'a'")).toBe(
    '[-1e4000,{"a":"1e999"}]',
  );
});

test('times that no calendar has are rejected', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const at = (second: number) => ({ item: item({ createdAt: unixSeconds(second) }), observedAtMs: 1 });
  const counts = await warehouse.load(
    batch(runId, { items: [at(-1), at(253_402_300_800), at(0.5), at(Number.NaN), at(0)] }),
  );
  expect(counts).toEqual({ rowsInserted: 1, rowsUpdated: 0, rowsRejected: 1, rowsDeleted: 0 });
});

test.each([
  [null, null],
  [undefined, null],
  ['\ud800', '"\ufffd"'],
  ['\\ud800', '"\\\\ud800"'],
  [
    { a: 2n ** 64n, b: ['\udfff', 1.5, true, null], c: undefined },
    '{"a":18446744073709551616,"b":["\ufffd",1.5,true,null]}',
  ],
])('JSON text of %o', (from, expected) => {
  expect(jsonText(from)).toBe(expected);
});
