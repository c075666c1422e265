import { expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.ts';
import { ItemBytes } from '../../src/emulator/item-bytes.ts';
import { ask } from './support.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('a row is rendered once, and again for another shape', () => {
  const kept = new ItemBytes(2);
  let rendered = 0;
  const render = () => `é𝄞 ${++rendered}`;
  const [one, other] = [{}, {}];
  const texts = [one, one, other].map((shape) => text(kept.of(1, shape, render)));
  expect(texts).toEqual(['é𝄞 1', 'é𝄞 1', 'é𝄞 2']);
});

test('beyond its size rows are rendered each time, and those held stay', () => {
  const kept = new ItemBytes(3, 1024 * 1024);
  let rendered = 0;
  const shape = {};
  const of = (index: number) =>
    text(kept.of(index, shape, () => String(++rendered).padEnd(300_000))).trimEnd();
  expect([of(0), of(1), of(2), of(0), of(1), of(2)]).toEqual(['1', '2', '3', '1', '4', '5']);
});

test('a page is the same to the byte when it is asked for again, after a change of shape as well', async () => {
  await using emulator = await startEmulator({ rows: 100, quirks: { ties: 'id' } });
  const page = async () => (await ask(emulator, '/chat/completions?limit=100')).text;
  const first = await page();
  expect(await page()).toBe(first);
  emulator.quirks.item = { ...emulator.quirks.item, nulls: 'omitted' };
  const without = await page();
  expect(without).not.toContain('"logprobs":null');
  emulator.quirks.item = { ...emulator.quirks.item, nulls: 'kept' };
  expect(await page()).toBe(first);
});

test('latency is the whole time of an answer: what it takes to make is not added', async () => {
  await using emulator = await startEmulator({
    rows: 10,
    faults: { latencyMs: 60 },
    onRequest: () => new Promise((resolve) => setTimeout(resolve, 30)),
  });
  const times: number[] = [];
  for (let request = 0; request < 5; request += 1) {
    const started = performance.now();
    await ask(emulator, '/chat/completions');
    times.push(performance.now() - started);
  }
  // The quickest, as a busy machine makes single ones slow.
  expect(Math.min(...times)).toBeGreaterThanOrEqual(60);
  expect(Math.min(...times)).toBeLessThan(85);
});
