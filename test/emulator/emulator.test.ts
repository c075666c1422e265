import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.ts';
import { GENERATE_DEFAULTS, generate } from '../../src/emulator/generate.ts';
import { rowId, rowIndex } from '../../src/emulator/ids.ts';
import { ask, idsOf, list, walk, withSeconds } from './support.ts';

const LIST = '/chat/completions';
const NOW = 1_760_000_000;
const fixed = { nowSeconds: () => NOW };

describe('a seed', () => {
  it('gives the same pages, ties included, and another seed others', async () => {
    const pages: string[] = [];
    for (const seed of [7, 7, 8]) {
      await using emulator = await startEmulator({
        ...fixed,
        rows: 300,
        seed,
        generate: { ratePerSecond: 20 },
      });
      const first = await ask(emulator, `${LIST}?limit=50`);
      const second = await ask(emulator, `${LIST}?limit=50`);
      expect(first.text).not.toBe(second.text); // the order of ties varies from call to call
      pages.push(first.text + second.text);
    }
    expect(pages[0]).toBe(pages[1]);
    expect(pages[0]).not.toBe(pages[2]);
  });

  it('gives ids that lead back to their row and to no other', () => {
    const ids = new Set<string>();
    for (let index = 0; index < 20_000; index++) {
      const id = rowId(3, index);
      expect(rowIndex(3, id)).toBe(index);
      ids.add(id);
    }
    expect(ids.size).toBe(20_000);
    expect([...ids].every((id) => /^chatcmpl-[0-9A-Za-z]{29}$/.test(id))).toBe(true);
    expect(rowIndex(4, rowId(3, 5))).toBe(null);
    expect(rowIndex(3, 'chatcmpl-nope')).toBe(null);
  });
});

describe('generated rows', () => {
  it('arrive at the rate asked for, the newest at the end', () => {
    const { created } = generate({ ...GENERATE_DEFAULTS, rows: 10_000, ratePerSecond: 4, endSeconds: NOW });
    expect(created.at(-1)).toBe(NOW);
    const seconds = NOW - (created[0] ?? 0);
    expect(10_000 / seconds).toBeCloseTo(4, 0);
    expect(created.every((second, at) => at === 0 || second >= (created[at - 1] ?? 0))).toBe(true);
  });

  it('of a month have nights, weekends and dense seconds', () => {
    const { created } = generate({ ...GENERATE_DEFAULTS, rows: 200_000, profile: 'month', endSeconds: NOW });
    const byHour = new Map<number, number>();
    const bySecond = new Map<number, number>();
    for (const second of created) {
      const hour = Math.floor(second / 3600) % 24;
      byHour.set(hour, (byHour.get(hour) ?? 0) + 1);
      bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    }
    expect(byHour.get(10) ?? 0).toBeGreaterThan(5 * (byHour.get(3) ?? 0));
    expect([...bySecond.values()].some((rows) => rows > 20)).toBe(true);
    const isWeekend = (second: number): boolean => [0, 6].includes(new Date(second * 1000).getUTCDay());
    expect(created.filter(isWeekend).length / created.length).toBeLessThan(0.15); // of 8 to 9 days in 30
    expect(created[0]).toBeGreaterThanOrEqual(NOW - 30 * 86_400 - 60);
  });

  it('can be put into one second', async () => {
    const denseSeconds = [{ at: NOW - 50, rows: 130 }];
    await using emulator = await startEmulator({ ...fixed, rows: 200, generate: { denseSeconds } });
    expect(emulator.store.size).toBe(200);
    const page = await list(emulator, 'limit=100&order=asc');
    expect(page.has_more).toBe(true);
    const rows = [...emulator.store.rows()].filter((row) => emulator.store.createdOf(row) === NOW - 50);
    expect(rows.length).toBeGreaterThanOrEqual(130);
  });

  it('are JSON with int64 seeds, and hold every kind of row', async () => {
    await using emulator = await startEmulator({ ...fixed, rows: 3000 });
    const { store } = emulator;
    const found = { tools: 0, refusals: 0, details: 0, several: 0, empty: 0, negative: 0, cut: 0 };
    for (const row of store.rows()) {
      const raw = store.rawOf(row);
      const item = JSON.parse(raw) as {
        id: string;
        metadata: object;
        usage: {
          total_tokens: number;
          prompt_tokens: number;
          completion_tokens: number;
          prompt_tokens_details?: object;
        };
        choices: { finish_reason: string; message: { tool_calls: object[] | null; refusal?: string } }[];
      };
      const { usage, choices } = item;
      expect(item.id).toBe(store.idOf(row));
      expect(item.metadata).toEqual(store.metadataOf(row));
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
      const seed = BigInt(/"seed":(-?\d+)/.exec(raw)?.[1] ?? '0');
      expect(seed > 2n ** 53n || seed < -(2n ** 53n)).toBe(true);
      expect(BigInt.asIntN(64, seed)).toBe(seed);
      found.negative += seed < 0n ? 1 : 0;
      found.tools += choices[0]?.message.tool_calls ? 1 : 0;
      found.refusals += choices[0]?.message.refusal ? 1 : 0;
      found.details += usage.prompt_tokens_details ? 1 : 0;
      found.several += choices.length > 1 ? 1 : 0;
      found.empty += Object.keys(item.metadata).length === 0 ? 1 : 0;
      found.cut += choices[0]?.finish_reason === 'length' ? 1 : 0;
    }
    for (const [kind, count] of Object.entries(found)) expect(count, kind).toBeGreaterThan(0);
  });

  it('are found by model and metadata, alone and together, as by looking at each row', async () => {
    await using emulator = await startEmulator({
      ...fixed,
      rows: 4000,
      quirks: { cursor: 'exact', ties: 'id' },
    });
    const { store } = emulator;
    store.add({
      id: 'explicit',
      created: NOW - 5,
      model: 'gpt-4o-2024-08-06',
      metadata: { team: 'search', env: 'dev' },
    });
    store.updateMetadata(store.ids()[3] ?? '', { team: 'search', env: 'dev' });
    store.delete(store.ids()[30] ?? '');
    for (const filter of [
      { model: 'gpt-4o-2024-08-06', metadata: {} },
      { model: null, metadata: { team: 'search' } },
      { model: null, metadata: { team: 'search', env: 'dev' } },
      { model: 'gpt-4o-2024-08-06', metadata: { team: 'search', env: 'dev' } },
      { model: null, metadata: { nowhere: 'x' } },
    ]) {
      const query = new URLSearchParams({ limit: '100' });
      if (filter.model !== null) query.set('model', filter.model);
      for (const [key, value] of Object.entries(filter.metadata)) query.set(`metadata[${key}]`, value);
      const expected = [...store.rows()]
        .filter((row) => store.matches(row, filter))
        .map((row) => store.idOf(row));
      expect((await walk(emulator, query.toString())).sort()).toEqual(expected.sort());
    }
  });

  it('a million of them are held at 4 bytes each, and any of them is served', async () => {
    await using emulator = await startEmulator({ ...fixed, rows: 1_000_000, generate: { profile: 'month' } });
    const { store } = emulator;
    expect(store.size).toBe(1_000_000);
    const middle = store.idOf(500_000);
    expect(store.find(middle)).toBe(500_000);
    const page = await list(emulator, `limit=100&after=${middle}`);
    expect(page.data).toHaveLength(100);
    expect(page.data[0]?.created).toBeLessThan(store.createdOf(500_000));
    expect(JSON.parse((await ask(emulator, `${LIST}/${middle}`)).text)).toMatchObject({ id: middle });
  });
});

describe('explicit rows', () => {
  it('are served to the character, broken ones too', async () => {
    await using emulator = await startEmulator(fixed);
    const odd =
      '{ "id":"odd", "created": 5, "model":"m","seed": 4944116822809979520, "x": 1.50, "é":"\\u00e9" }';
    emulator.store.add({ id: 'odd', created: 5, raw: odd }, { id: 'broken', created: 4, raw: '{"id":7}' });
    expect((await ask(emulator, LIST)).text).toContain(`"data":[${odd},{"id":7}]`);
    expect((await ask(emulator, `${LIST}/odd`)).text).toBe(odd);
    expect(idsOf(await list(emulator, 'model=m'))).toEqual(['odd']);
  });

  it('are updated, found by their new metadata, and deleted', async () => {
    await using emulator = await startEmulator({ ...fixed, rows: 5 });
    emulator.store.add({ id: 'a', created: NOW });
    for (const id of ['a', emulator.store.idOf(2)]) {
      const init = { method: 'POST', body: '{"metadata":{"k":"v"}}' };
      const before = (await ask(emulator, `${LIST}/${id}`)).text;
      const after = (await ask(emulator, `${LIST}/${id}`, init)).text;
      expect(after).toBe(before.replace(/"metadata":\{[^}]*\}/, '"metadata":{"k":"v"}'));
      expect(idsOf(await list(emulator, 'metadata[k]=v'))).toEqual([id]);
      expect((await ask(emulator, `${LIST}/${id}`, { method: 'DELETE' })).text).toBe(
        `{"object":"chat.completion.deleted","id":"${id}","deleted":true}`,
      );
      expect((await ask(emulator, `${LIST}/${id}`)).status).toBe(404);
    }
    expect(emulator.store.size).toBe(4);
    expect(
      (await ask(emulator, `${LIST}/${emulator.store.idOf(0)}`, { method: 'POST', body: '{}' })).status,
    ).toBe(400);
  });
});

describe('the rest of the API', () => {
  it('lists messages in order, page by page', async () => {
    await using emulator = await startEmulator({ ...fixed, rows: 20 });
    for (const id of emulator.store.ids()) {
      const all = await ask(emulator, `${LIST}/${id}/messages`);
      const { data } = JSON.parse(all.text) as { data: { id: string; role: string; content_parts: null }[] };
      expect(data.map((message) => message.id)).toEqual(data.map((_, at) => `${id}-${at}`));
      expect(data[0]).toMatchObject({ role: 'system', content_parts: null, name: null });
      const rest = await ask(emulator, `${LIST}/${id}/messages?after=${id}-0&limit=1`);
      expect(JSON.parse(rest.text)).toMatchObject({ first_id: `${id}-1`, has_more: data.length > 2 });
    }
  });

  it('keeps what is created with store: true, under the resolved name', async () => {
    await using emulator = await withSeconds([1]);
    const create = (body: object) => ask(emulator, LIST, { method: 'POST', body: JSON.stringify(body) });
    const messages = [{ role: 'user', content: 'Hi' }];
    expect((await create({ model: 'gpt-4o', messages })).status).toBe(200);
    expect((await create({ model: 'gpt-4o', messages, metadata: { a: 'b' } })).status).toBe(400);
    expect(emulator.store.size).toBe(1);
    const { id } = JSON.parse(
      (await create({ model: 'gpt-4o', messages, store: true, metadata: { a: 'b' } })).text,
    ) as {
      id: string;
    };
    const [row] = (await list(emulator, 'metadata[a]=b&model=gpt-4o-2024-08-06')).data;
    expect(row).toMatchObject({ id, created: 10_000, metadata: { a: 'b' } });
    expect((await ask(emulator, `${LIST}/${id}/messages`)).text).toContain('"content":"Hi"');
  });

  it('gives every reply a request id and the date of its own clock, and keeps a bounded log', async () => {
    await using emulator = await withSeconds([1], { nowSeconds: () => 0, requestLogMax: 3 });
    const ids = new Set<string | null>();
    for (let call = 0; call < 10; call++) {
      const { headers } = await ask(emulator, `${LIST}?limit=1`);
      ids.add(headers.get('x-request-id'));
      expect(headers.get('date')).toBe('Thu, 01 Jan 1970 00:00:00 GMT');
      expect(headers.get('openai-project')).toBe('proj_emulated');
    }
    expect(ids.size).toBe(10);
    expect(emulator.requestCount).toBe(10);
    expect(emulator.requests.length).toBeLessThan(6);
    expect(emulator.requests.at(-1)).toMatchObject({
      number: 10,
      method: 'GET',
      operation: 'list',
      status: 200,
    });
    expect((await fetch(`${emulator.origin}/v1/models`)).status).toBe(404);
  });
});
