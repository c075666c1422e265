/** Promise 4 and 3 over the wire: what is legal JSON and hard on databases comes through to the character. */
import { describe, expect, it } from 'vitest';
import type { NewRow } from '../../src/emulator/explicit.ts';
import { EXIT } from '../../src/errors.ts';
import { completion, listOf, serve } from '../source/support.ts';
import { compare, complete, houseOf, NEWEST } from '../support/house.ts';

const CREATED = NEWEST - 500;

/** @param content JSON text, so that it can hold what JSON.stringify would not write. @param more further members, as JSON text. */
const wire = (id: string, content: string, more = ''): NewRow => ({
  id,
  created: CREATED,
  raw:
    `{"id":"${id}","object":"chat.completion","created":${CREATED},"model":"m","choices":[{"index":0,"finish_reason":"stop",` +
    `"message":{"role":"assistant","content":${content}}}]${more}}`,
});

const toolCalls = Array.from({ length: 1_000 }, (_, index) => ({
  id: `call_${index}`,
  type: 'function',
  function: { name: `f${index % 7}`, arguments: `{"broken": ${index}` },
}));

const HOSTILE: readonly NewRow[] = [
  wire('surrogate', '"x\\ud800y"', ',"metadata":{"k\\udfff":"v\\ud800"}'),
  wire('nul', '"a\\u0000b"'),
  wire('escapes', '"\\/ \\u00e9 \\ud83d\\ude00 \\\\u0041"'),
  wire('seed', '"x"', ',"seed":4944116822809979520,"temperature":1.0,"top_p":1e-7'),
  wire('large-seed', '"x"', ',"seed":9223372036854775808'),
  wire('huge-seed', '"x"', `,"seed":${'9'.repeat(40)}`),
  wire('case', '"x"', ',"metadata":{"Team":"1","team":"2","TEAM":"3"}'),
  wire('date', '"2025-01-01T00:00:00Z"'),
  wire('twice', '"x"', ',"metadata":{"k":"1","k":"2"},"extra":1,"extra":2'),
  wire('long', JSON.stringify('é"\n'.repeat(500_000))),
  wire('spaced', '  "x" ', ' , "extra" : [ 1.10 , 2 ] '),
  {
    id: 'calls',
    created: CREATED,
    raw: JSON.stringify(
      completion('calls', CREATED, {
        choices: [
          { index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', tool_calls: toolCalls } },
          { index: 1, finish_reason: 'stop', message: { role: 'assistant', content: 'second' } },
        ],
      }),
    ),
  },
];

describe('hostile items in the middle of ordinary ones', () => {
  it('all are loaded, raw to the character, and the rest of their batch is untouched', async () => {
    const house = await houseOf({ rows: 300, generate: { ratePerSecond: 0.5 } });
    const { store } = house.emulator;
    store.add(HOSTILE);
    const { code, report } = await house.sync();
    expect(code).toBe(EXIT.landed);
    expect(report).toMatchObject({ rows_inserted: 300 + HOSTILE.length, rows_rejected: 0 });
    expect(await compare(house)).toEqual(complete(house.emulator));
    for (const { id, raw } of await house.query('select id, raw from main.completions')) {
      const row = store.find(String(id));
      expect(row !== null && store.rawOf(row) === raw, String(id)).toBe(true);
    }
  });

  it('their parts are right: choices, tool calls, metadata, seeds', async () => {
    const house = await houseOf({});
    house.emulator.store.add(HOSTILE);
    await house.sync();
    const contents = await house.query(
      `select completion_id as id, content from main.completion_choices
       where completion_id in ('surrogate', 'nul', 'escapes', 'date', 'spaced') order by id`,
    );
    expect(Object.fromEntries(contents.map(({ id, content }) => [id, content]))).toEqual({
      date: '2025-01-01T00:00:00Z',
      escapes: '/ é \u{1f600} \\u0041',
      nul: 'a\0b',
      spaced: 'x',
      surrogate: 'x\ufffdy',
    });
    expect(
      await house.query('select completion_id as id, key, value from main.completion_metadata order by all'),
    ).toEqual(
      [
        { id: 'case', key: 'TEAM', value: '3' },
        { id: 'case', key: 'Team', value: '1' },
        { id: 'case', key: 'team', value: '2' },
        // Of a key that is there twice the last one counts, as in JSON.parse; raw has both.
        { id: 'twice', key: 'k', value: '2' },
        { id: 'surrogate', key: 'k\ufffd', value: 'v\ufffd' },
      ].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
    );
    expect(
      await house.query(
        "select id, seed::varchar as seed from main.completions where id like '%seed' order by id",
      ),
    ).toEqual([
      { id: 'huge-seed', seed: null },
      { id: 'large-seed', seed: '9223372036854775808' },
      { id: 'seed', seed: '4944116822809979520' },
    ]);
    expect(
      await house.query(
        `select count(*) as n, count(distinct tool_call_index) as places, min(choice_index) as choice,
           count(*) filter (arguments = '{"broken": ' || tool_call_index) as arguments,
           count(*) filter (tool_call_id = 'call_' || tool_call_index) as ids from main.completion_tool_calls`,
      ),
    ).toEqual([{ n: 1_000n, places: 1_000n, choice: 0n, arguments: 1_000n, ids: 1_000n }]);
    expect(
      await house.query(
        "select choice_index, tool_call_count, content from main.completion_choices where completion_id = 'calls' order by all",
      ),
    ).toEqual([
      { choice_index: 0n, tool_call_count: 1_000n, content: null },
      { choice_index: 1n, tool_call_count: 0n, content: 'second' },
    ]);
  });

  it('sixteen metadata keys of 64 characters, other ones on every row', async () => {
    const house = await houseOf({});
    const key = (row: number, index: number) => `${row}-${index}-`.padEnd(64, 'k');
    house.emulator.store.add(
      Array.from({ length: 250 }, (_, row) => ({
        id: `row-${row}`,
        created: CREATED + row,
        metadata: Object.fromEntries(
          Array.from({ length: 16 }, (__, index) => [key(row, index), 'v'.repeat(512)]),
        ),
      })),
    );
    expect((await house.sync()).code).toBe(EXIT.landed);
    expect(await compare(house)).toEqual(complete(house.emulator));
    expect(
      await house.query('select count(*) as n, count(distinct key) as keys from main.completion_metadata'),
    ).toEqual([{ n: 4_000n, keys: 4_000n }]);
  });
});

describe('items of one page that cannot all be loaded', () => {
  it('the same id and time twice with another text: one is loaded, the other kept in sync.rejected', async () => {
    const [first, second] = [{ n: 1 }, { n: 2 }].map((extra) => completion('twice', CREATED, extra));
    await using server = await serve({ body: listOf([completion('above', CREATED + 9), first, second]) });
    const house = await houseOf({});
    const { code, report } = await house.sync({ env: { OPENAI_BASE_URL: server.url } });
    expect(code).toBe(EXIT.unproven);
    expect(report).toMatchObject({ rows_inserted: 2, rows_rejected: 1 });
    const texts = await house.query(
      "select raw from main.completions where id = 'twice' union all select raw from sync.rejected order by raw",
    );
    expect(texts.map(({ raw }) => raw)).toEqual([JSON.stringify(first), JSON.stringify(second)]);
  });

  it('a page without one readable item ends the run as failed, and all of it is in sync.rejected', async () => {
    const items = [{ id: 1 }, 'text', null, [], { object: 'chat.completion' }];
    await using server = await serve({ body: listOf(items, true) });
    const house = await houseOf({});
    const { code, report } = await house.sync({ env: { OPENAI_BASE_URL: server.url } });
    expect(code).toBe(EXIT.failed);
    expect(report.error).toContain('tokenhouse gaps');
    const rejected = await house.query('select raw, reason from sync.rejected order by raw');
    expect(rejected.map(({ raw }) => raw)).toEqual(items.map((item) => JSON.stringify(item)).sort());
    expect(rejected.every(({ reason }) => String(reason).length > 0)).toBe(true);
  });

  it('an item met again is not rejected twice, and a later run without it still has it', async () => {
    const house = await houseOf({ rows: 30 });
    house.emulator.store.add({ id: 'bad', created: CREATED, raw: `{"id":"bad","created":${CREATED}}` });
    expect((await house.sync()).report).toMatchObject({ rows_inserted: 30, rows_rejected: 1 });
    expect((await house.reread()).report).toMatchObject({ rows_inserted: 0, rows_rejected: 0 });
    house.emulator.store.delete('bad');
    expect((await house.reread()).code).toBe(EXIT.landed);
    expect(await house.query('select id from sync.rejected')).toEqual([{ id: 'bad' }]);
  });
});
