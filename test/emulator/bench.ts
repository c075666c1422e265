/**
 * Prints what the emulator costs with a million rows: memory, and the time of a page over HTTP and without it.
 * Run: `node --expose-gc test/emulator/bench.ts [rows]`.
 */
import { Agent, get } from 'node:http';
import { answer, routeOf } from '../../src/emulator/answer.ts';
import { startEmulator } from '../../src/emulator/emulator.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const megabytes = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
};
const print = (what: string, value: string): void => console.log(`${what.padEnd(52)} ${value}`);

const before = megabytes();
const started = performance.now();
await using emulator = await startEmulator({
  rows,
  generate: { profile: 'month' },
  preset: 'openai',
  requestLogMax: 0,
});
print(`${rows} rows: ready in`, `${(performance.now() - started).toFixed(0)} ms`);
print('memory held', `${(megabytes() - before).toFixed(1)} MB`);

const ids = emulator.store.ids();
const agent = new Agent({ keepAlive: true });
const fetchBytes = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get(`${emulator.baseUrl}${path}`, { agent }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve(bytes));
    }).on('error', reject);
  });

async function measure(query: string): Promise<void> {
  const pages = 2000;
  const cursor = (page: number): string => ids[Math.floor((page / pages) * ids.length)] ?? '';
  const world = { ...emulator, store: emulator.store, seed: 1, nowSeconds: emulator.nowSeconds() };
  const page = (at: number): number => {
    const path = '/v1/chat/completions';
    const asked = {
      number: at,
      method: 'GET',
      path,
      query: new URLSearchParams(`${query}&after=${cursor(at)}`),
      headers: {},
      body: '',
    };
    return answer(world, routeOf('GET', path), asked).body.length;
  };
  const first = performance.now();
  page(0);
  const firstMs = performance.now() - first;
  for (let at = 0; at < 500; at++) page(at);
  const inside = performance.now();
  let bytes = 0;
  for (let at = 0; at < pages; at++) bytes += page(at);
  const insideMs = (performance.now() - inside) / pages;
  const http = performance.now();
  for (let at = 0; at < pages; at++) await fetchBytes(`/chat/completions?${query}&after=${cursor(at)}`);
  const httpMs = (performance.now() - http) / pages;
  print(
    query,
    `${insideMs.toFixed(3)} ms a page, ${httpMs.toFixed(3)} ms over HTTP, first ${firstMs.toFixed(0)} ms, ${(bytes / pages / 1000).toFixed(0)} kB`,
  );
}

for (const query of [
  'limit=20',
  'limit=100',
  'limit=100&order=asc',
  'limit=100&model=o4-mini-2025-04-16',
  'limit=100&metadata[customer]=c-0123',
  'limit=100&metadata[team]=search&metadata[env]=dev&model=gpt-4o-2024-08-06',
]) {
  await measure(query);
}
print(
  'memory held, with the indices of three filters',
  `${(megabytes() - before).toFixed(1)} MB, ${ids.length} ids of this script included`,
);
agent.destroy();
