import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.ts';
import { PRESET_NAMES, preset, type Quirks } from '../../src/emulator/quirks.ts';
import { type Answer, ask, idsOf, type ListBody, list, walk, withSeconds } from './support.ts';

/** a01…a09: two before, five in one second, two behind. */
const SECONDS = [10, 20, 30, 30, 30, 30, 30, 40, 50];

describe('pages', () => {
  it('are newest first, 20 long, with the first and the last id', async () => {
    await using emulator = await withSeconds(Array.from({ length: 25 }, (_, at) => at));
    const page = await list(emulator);
    expect(idsOf(page)).toHaveLength(20);
    expect(page).toMatchObject({ object: 'list', first_id: 'a25', last_id: 'a06', has_more: true });
    expect(await list(emulator, 'after=a06')).toMatchObject({
      first_id: 'a05',
      last_id: 'a01',
      has_more: false,
    });
    expect(await list(emulator, 'after=a01')).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
  });

  it('begin beyond the second of a strict cursor, so a walk loses the rest of a cut second', async () => {
    await using emulator = await withSeconds(SECONDS);
    expect(await walk(emulator, 'limit=4')).toHaveLength(6);
    expect(await walk(emulator, 'limit=4&order=asc')).toHaveLength(6);
    emulator.quirks.cursor = 'exact';
    expect((await walk(emulator, 'limit=4')).sort()).toEqual(emulator.store.ids().sort());
  });

  it('show the ties of a second in another order on each call, and every tie sooner or later', async () => {
    await using emulator = await withSeconds(SECONDS);
    const orders = new Set<string>();
    const seen = new Set<string>();
    for (let call = 0; call < 30; call++) {
      const page = idsOf(await list(emulator, 'limit=4'));
      orders.add(page.join());
      for (const id of page) seen.add(id);
    }
    expect(orders.size).toBeGreaterThan(5);
    expect(seen.size).toBe(7);
  });

  it.each([
    ['id', 'desc', ['a08', 'a03', 'a04', 'a05', 'a06', 'a07', 'a02']],
    ['id', 'asc', ['a02', 'a03', 'a04', 'a05', 'a06', 'a07', 'a08']],
    ['id-mirrored', 'desc', ['a08', 'a07', 'a06', 'a05', 'a04', 'a03', 'a02']],
  ] as const)('with ties by %s, %s', async (ties, order, expected) => {
    await using emulator = await withSeconds(SECONDS, { quirks: { ties, cursor: 'exact' } });
    const ids = await walk(emulator, `limit=2&order=${order}`);
    expect(ids.slice(1, -1)).toEqual(expected);
  });
});

interface Case {
  readonly title: string;
  readonly quirks: Partial<Quirks>;
  readonly path: string;
  readonly expected: (body: ListBody, answer: Answer) => void;
}
const LIST = '/chat/completions';
const cases: Case[] = [
  {
    title: 'ascending unless told otherwise',
    quirks: { defaultOrder: 'asc' },
    path: LIST,
    expected: (body) => expect(body.first_id).toBe('a01'),
  },
  {
    title: 'order ignored',
    quirks: { order: 'ignored' },
    path: `${LIST}?order=asc`,
    expected: (body) => expect(body.first_id).toBe('a09'),
  },
  {
    title: 'order refused',
    quirks: {},
    path: `${LIST}?order=sideways`,
    expected: (_, { status }) => expect(status).toBe(400),
  },
  {
    title: 'another default page size',
    quirks: { defaultPageSize: 3 },
    path: LIST,
    expected: (body) => expect(body.data).toHaveLength(3),
  },
  {
    title: 'limit ignored',
    quirks: { limit: 'ignored', defaultPageSize: 5 },
    path: `${LIST}?limit=2`,
    expected: (body) => expect(body.data).toHaveLength(5),
  },
  {
    title: 'limit clamped',
    quirks: { limitMax: 3, aboveLimitMax: 'clamp' },
    path: `${LIST}?limit=8`,
    expected: (body) => expect(body.data).toHaveLength(3),
  },
  {
    title: 'limit refused',
    quirks: {},
    path: `${LIST}?limit=1000`,
    expected: (_, { text }) => expect(text).toContain('Expected a value <= 100, but got 1000 instead.'),
  },
  {
    title: 'after ignored: the first page for ever',
    quirks: { after: 'ignored' },
    path: `${LIST}?after=a05&limit=1`,
    expected: (body) => expect(body.first_id).toBe('a09'),
  },
  {
    title: 'unknown after: 404',
    quirks: { unknownAfter: 'not-found' },
    path: `${LIST}?after=gone`,
    expected: (_, { status }) => expect(status).toBe(404),
  },
  {
    title: 'unknown after: 400',
    quirks: { unknownAfter: 'bad-request' },
    path: `${LIST}?after=gone`,
    expected: (_, { status }) => expect(status).toBe(400),
  },
  {
    title: 'unknown after: an empty page',
    quirks: { unknownAfter: 'empty-page' },
    path: `${LIST}?after=gone`,
    expected: (body) => expect(body).toMatchObject({ data: [], has_more: false }),
  },
  {
    title: 'unknown after: the first page again',
    quirks: { unknownAfter: 'first-page' },
    path: `${LIST}?after=gone&limit=1`,
    expected: (body) => expect(body.first_id).toBe('a09'),
  },
  {
    title: 'a cursor the filter leaves out is unknown',
    quirks: { afterOutsideFilter: 'unknown' },
    path: `${LIST}?after=a05&model=other`,
    expected: (_, { status }) => expect(status).toBe(404),
  },
  {
    title: 'no has_more',
    quirks: { hasMore: 'missing' },
    path: LIST,
    expected: (body) => expect(body).not.toHaveProperty('has_more'),
  },
  {
    title: 'has_more always true, at the end over an empty page',
    quirks: { hasMore: 'always-true' },
    path: `${LIST}?after=a01`,
    expected: (body) => expect(body).toMatchObject({ data: [], has_more: true }),
  },
  {
    title: 'no ids on a page',
    quirks: { pageIds: 'absent' },
    path: LIST,
    expected: (body) => expect(Object.keys(body)).toEqual(['object', 'data', 'has_more']),
  },
  {
    title: 'empty ids on an empty page',
    quirks: { emptyPageIds: 'empty-text' },
    path: `${LIST}?after=a01`,
    expected: (body) => expect(body).toMatchObject({ first_id: '', last_id: '' }),
  },
  {
    title: 'absent ids on an empty page',
    quirks: { emptyPageIds: 'absent' },
    path: `${LIST}?after=a01`,
    expected: (body) => expect(body).not.toHaveProperty('last_id'),
  },
  {
    title: 'model filter',
    quirks: {},
    path: `${LIST}?model=other`,
    expected: (body) => expect(body.data).toEqual([]),
  },
  {
    title: 'model filter ignored',
    quirks: { modelFilter: 'ignored' },
    path: `${LIST}?model=other`,
    expected: (body) => expect(body.data).toHaveLength(9),
  },
  {
    title: 'metadata filter',
    quirks: {},
    path: `${LIST}?metadata%5Bteam%5D=a`,
    expected: (body) => expect(body.data).toEqual([]),
  },
  {
    title: 'metadata filter ignored',
    quirks: { metadataFilter: 'ignored' },
    path: `${LIST}?metadata[team]=a`,
    expected: (body) => expect(body.data).toHaveLength(9),
  },
  {
    title: 'a total',
    quirks: { total: true },
    path: `${LIST}?limit=1`,
    expected: (body) => expect(body.total).toBe(9),
  },
  {
    title: 'rows beyond the retention are gone',
    quirks: { retentionSeconds: 9975 },
    path: LIST,
    expected: (body) => expect(body).toMatchObject({ first_id: 'a09', has_more: false, data: { length: 7 } }),
  },
  {
    title: 'no listing: 405 as reported',
    quirks: { list: 'not-allowed' },
    path: LIST,
    expected: (_, { status, text }) => {
      expect(status).toBe(405);
      expect(text).toContain('"Only POST requests are accepted."');
      expect(text).toContain('"code":"method_not_supported"');
    },
  },
  {
    title: 'no listing: 404',
    quirks: { list: 'not-found' },
    path: LIST,
    expected: (_, { status, text }) => {
      expect(status).toBe(404);
      expect(text).toContain('Invalid URL (GET /v1/chat/completions)');
    },
  },
  {
    title: 'no store: 501',
    quirks: { list: 'not-implemented' },
    path: LIST,
    expected: (_, { status }) => expect(status).toBe(501),
  },
  {
    title: 'unknown id: 404',
    quirks: {},
    path: `${LIST}/gone`,
    expected: (_, { status, text }) => {
      expect(status).toBe(404);
      expect(text).toBe(
        '{"error":{"message":"Completion gone not found","type":"invalid_request_error","param":"completion_id","code":"not_found"}}',
      );
    },
  },
  {
    title: 'unknown id: 400',
    quirks: { unknownId: 400 },
    path: `${LIST}/gone`,
    expected: (_, { status }) => expect(status).toBe(400),
  },
  {
    title: 'a key is wanted',
    quirks: { apiKey: 'k' },
    path: LIST,
    expected: (_, { status }) => expect(status).toBe(401),
  },
  {
    title: 'errors as text',
    quirks: { errors: 'text' },
    path: `${LIST}/gone`,
    expected: (_, { text }) => expect(text).toBe('{"error":"Completion gone not found"}'),
  },
  {
    title: 'errors as detail',
    quirks: { errors: 'detail' },
    path: `${LIST}/gone`,
    expected: (_, { text }) => expect(text).toBe('{"detail":"Completion gone not found"}'),
  },
  {
    title: 'errors with a number as code',
    quirks: { errors: 'number-code' },
    path: `${LIST}/gone`,
    expected: (_, { text }) => expect(text).toContain('"code":404'),
  },
];

describe('switches', () => {
  it.each(cases)('$title', async ({ quirks, path, expected }) => {
    await using emulator = await withSeconds(SECONDS, { quirks });
    const answer = await ask(emulator, path);
    expected(JSON.parse(answer.text) as ListBody, answer);
  });

  it('accept a key as bearer token and as api-key', async () => {
    await using emulator = await withSeconds(SECONDS, { quirks: { apiKey: 'k' } });
    for (const headers of [{ authorization: 'Bearer k' }, { 'api-key': 'k' }]) {
      expect((await ask(emulator, LIST, { headers })).status).toBe(200);
    }
  });

  it('shape the items of generated rows', async () => {
    await using emulator = await startEmulator({ rows: 3 });
    const shape = emulator.quirks.item;
    for (const [change, key, value] of [
      [{ usage: 'absent' }, 'usage', undefined],
      [{ usage: 'null' }, 'usage', null],
      [{ object: 'absent' }, 'object', undefined],
      [{ metadata: 'absent' }, 'metadata', undefined],
      [{ storedFields: 'absent' }, 'seed', undefined],
      [{ nulls: 'omitted' }, 'tool_choice', undefined],
    ] as const) {
      emulator.quirks.item = { ...shape, ...change };
      for (const item of (await list(emulator)).data) {
        if (key !== 'tool_choice' || item['tools'] === undefined) expect(item[key]).toBe(value);
      }
    }
    emulator.quirks.item = { ...shape, finishReason: 'null' };
    expect((await ask(emulator, LIST)).text).toContain('"finish_reason":null');
  });

  it('of each preset serve a whole walk', async () => {
    for (const name of PRESET_NAMES.filter((each) => preset(each).list === 'served')) {
      await using emulator = await withSeconds([1, 2, 3, 4, 5, 6, 7], { preset: name });
      expect(await walk(emulator, 'limit=3&order=desc'), name).toEqual(emulator.store.ids());
    }
  });

  it('of Azure: paths with and without v1, an api-version for the latter, uuids and a total', async () => {
    await using emulator = await startEmulator({ preset: 'azure', rows: 2 });
    expect(emulator.baseUrl).toMatch(/\/openai\/v1$/);
    const page = await list(emulator);
    expect(page.total).toBe(2);
    expect(page.data[0]?.['request_id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const dated = `${emulator.origin}/openai/chat/completions`;
    expect((await fetch(dated)).status).toBe(404);
    expect((await fetch(`${dated}?api-version=2025-02-01-preview`)).status).toBe(200);
  });
});
