import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.ts';
import {
  everyNth,
  type Fault,
  failing,
  missingScope,
  nextRequests,
  quotaExhausted,
  rateLimited,
  withProbability,
} from '../../src/emulator/faults.ts';
import { ask, idsOf, list, walk, withSeconds } from './support.ts';

const LIST = '/chat/completions';

describe('error statuses', () => {
  it.each<[string, Fault, number, Record<string, string>, string]>([
    [
      '429, seconds',
      rateLimited({ kind: 'seconds', seconds: 90 }),
      429,
      { 'retry-after': '90' },
      'rate_limit_exceeded',
    ],
    [
      '429, milliseconds',
      rateLimited({ kind: 'milliseconds', milliseconds: 250 }),
      429,
      { 'retry-after-ms': '250' },
      'rate_limit',
    ],
    [
      '429, a date',
      rateLimited({ kind: 'date', at: new Date(0) }),
      429,
      { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' },
      'rate_limit',
    ],
    ['429 without a hint', rateLimited(), 429, {}, 'rate_limit_exceeded'],
    ['429, quota', quotaExhausted(), 429, {}, 'insufficient_quota'],
    ['500', failing(), 500, {}, 'server_error'],
    [
      '503',
      failing(503, { 'x-should-retry': 'false' }),
      503,
      { 'x-should-retry': 'false' },
      'server_is_overloaded',
    ],
    ['403', missingScope(), 403, {}, 'Missing scopes'],
  ])('%s', async (_title, fault, status, headers, text) => {
    await using emulator = await withSeconds([1], { faults: { rules: [nextRequests(1, fault)] } });
    const answer = await ask(emulator, LIST);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
    expect(answer.text).toContain(text);
    expect((await ask(emulator, LIST)).status).toBe(200);
  });

  it('every third list call, by probability, and after some have passed', async () => {
    await using emulator = await withSeconds([1]);
    const statuses = async (): Promise<number[]> => {
      const seen: number[] = [];
      for (let call = 0; call < 6; call++) seen.push((await ask(emulator, LIST)).status);
      return seen;
    };
    emulator.faults.rules = [everyNth(3, failing(), ({ operation }) => operation === 'list')];
    expect(await statuses()).toEqual([200, 200, 500, 200, 200, 500]);
    emulator.faults.rules = [nextRequests(2, failing(), 1)];
    expect(await statuses()).toEqual([200, 500, 500, 200, 200, 200]);
    emulator.faults.rules = [withProbability(1, failing(503))];
    expect(await statuses()).toEqual([503, 503, 503, 503, 503, 503]);
  });
});

describe('broken answers', () => {
  it.each<[Fault['kind'], RegExp | null]>([
    ['cut-connection', null],
    ['reset', null],
    ['cut-json', /^\{"object":"list","data":\[\{.*[^}]$/s],
    ['html', /^<!doctype html>/],
    ['empty', /^$/],
  ])('%s', async (kind, text) => {
    const fault = { kind } as Fault;
    await using emulator = await withSeconds([1, 2, 3], { faults: { rules: [nextRequests(1, fault)] } });
    if (text === null) await expect(ask(emulator, LIST)).rejects.toThrow();
    else expect((await ask(emulator, LIST)).text).toMatch(text);
    expect(idsOf(await list(emulator))).toEqual(['a03', 'a02', 'a01']);
  });

  it('silence lasts until the client gives up, and does not keep the emulator from closing', async () => {
    await using emulator = await withSeconds([1], { faults: { rules: [everyNth(1, { kind: 'silence' })] } });
    await expect(ask(emulator, LIST, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/i);
    ask(emulator, LIST).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await emulator.close();
    expect(emulator.requests.at(-1)?.status).toBe(null);
  });

  it('latency is waited for', async () => {
    await using emulator = await withSeconds([1], { faults: { latencyMs: 40, latencyJitterMs: 10 } });
    const startedMs = performance.now();
    await list(emulator);
    expect(performance.now() - startedMs).toBeGreaterThan(35);
  });
});

describe('a world that changes', () => {
  it('late rows show up when their time has come', async () => {
    let now = 100;
    await using emulator = await startEmulator({ nowSeconds: () => now });
    emulator.store.add({ id: 'late', created: 50, visibleAtSeconds: 130 }, { id: 'there', created: 60 });
    expect(idsOf(await list(emulator))).toEqual(['there']);
    expect((await ask(emulator, `${LIST}/late`)).status).toBe(404);
    now = 130;
    expect(idsOf(await list(emulator))).toEqual(['there', 'late']);
  });

  it('generated rows come with the clock, some of them late', async () => {
    let now = 1_000_000;
    const options = { rows: 400, generate: { endSeconds: 1_000_100, ratePerSecond: 1 } };
    await using emulator = await startEmulator({ ...options, nowSeconds: () => now });
    const newest = async (): Promise<number> => (await list(emulator, 'limit=1')).data[0]?.created ?? 0;
    expect(await newest()).toBeLessThanOrEqual(now);
    Object.assign(emulator.faults, { visibilityDelaySeconds: 15 });
    expect(await newest()).toBeLessThanOrEqual(now - 15);
    Object.assign(emulator.faults, { visibilityDelaySeconds: 0, lateShare: 0.5, lateSeconds: 50 });
    now = 1_000_100;
    const early = (await list(emulator, 'limit=100')).data;
    now = 1_000_150;
    const all = (await list(emulator, 'limit=100')).data;
    const young = (rows: typeof all): number => rows.filter(({ created }) => created > 1_000_050).length;
    expect(young(early)).toBeLessThan(young(all));
    expect(young(early)).toBeGreaterThan(0);
  });

  it('rows are deleted and arrive in the middle of a walk', async () => {
    await using emulator = await withSeconds([1, 2, 3, 4, 5, 6], {
      onRequest: (n, { store }) => {
        if (n !== 2) return;
        store.delete('a03');
        store.add({ id: 'new', created: 99 });
      },
    });
    expect(await walk(emulator, 'limit=2')).toEqual(['a06', 'a05', 'a04', 'a02', 'a01']);
    expect(emulator.store.ids()).toEqual(['new', 'a06', 'a05', 'a04', 'a02', 'a01']);
  });

  it('a used-up minute is refused, and headers tell of it', async () => {
    let now = 90;
    await using emulator = await startEmulator({ nowSeconds: () => now, faults: { requestsPerMinute: 2 } });
    expect((await ask(emulator, LIST)).headers.get('x-ratelimit-remaining-requests')).toBe('1');
    expect((await ask(emulator, LIST)).headers.get('x-ratelimit-reset-requests')).toBe('30s');
    const refused = await ask(emulator, LIST);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('30');
    now = 120;
    expect((await ask(emulator, LIST)).status).toBe(200);
  });
});
