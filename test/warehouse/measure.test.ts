import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ObservedItem } from '../../src/sync/ports.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { batch, completion, observe, open, range, startRun, T0, temporaryPath, value } from './support.ts';

/** MEASURE=1 npx vitest run test/warehouse/measure.test.ts: prints, asserts nothing of the speed. Some two minutes. */

const BATCH_ROWS = 2000;
const HELD_ROWS = 1_000_000;

/** Some 1.3 kB each, three a second, newest first as a walk brings them. */
function items(
  firstRow: number,
  count: number,
  label: string,
  observedAtMs: number,
): readonly ObservedItem[] {
  return Array.from({ length: count }, (_, offset) => {
    const row = firstRow + offset;
    const content = `Answer ${row}: `.padEnd(700, 'all work and no play makes a dull token. ');
    return observe(
      completion(`chatcmpl-${String(row).padStart(24, 'x')}`, T0 - Math.floor(row / 3), {
        request_id: `req_${row}`,
        seed: row * 7919,
        metadata: { label, team: `team ${row % 50}` },
        choices: [
          { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', logprobs: null },
        ],
      }),
      observedAtMs,
    );
  });
}

async function timed(name: string, rounds: number, work: (round: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    await work(round);
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const mean = times.reduce((sum, time) => sum + time, 0) / rounds;
  const at = (share: number): string => (times[Math.floor(rounds * share)] ?? times.at(-1) ?? 0).toFixed(0);
  console.log(
    `${name}: ${((BATCH_ROWS / mean) * 1000).toFixed(0)} rows/s; a batch ${at(0.5)} ms median, ${at(0.99)} ms p99, ${mean.toFixed(0)} ms mean`,
  );
}

test.runIf(process.env['MEASURE'] !== undefined)(
  'throughput of 2,000-row batches',
  { timeout: 900_000 },
  async () => {
    const path = await temporaryPath();
    const warehouse: WarehouseFile = await open(path);
    const runId = await startRun(warehouse);
    const load = (loaded: readonly ObservedItem[], second: number) =>
      warehouse.load(batch(runId, { items: loaded, covered: [range(second, second + 1)] }));
    const rss = () => `peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`;
    console.log(`before: ${rss()}`);
    const round = (at: number) => items(at * BATCH_ROWS, BATCH_ROWS, 'a', 1);
    await timed('making the items alone', 20, async (at) => round(at));
    await timed('into an empty file', 25, (at) => load(round(at), at));
    console.log(rss());
    await timed('up to a million rows', HELD_ROWS / BATCH_ROWS - 25, (at) => load(round(at + 25), at));
    console.log(rss());
    await timed('into a million rows', 25, (at) => load(round(at + HELD_ROWS / BATCH_ROWS), at));
    const middle = HELD_ROWS / BATCH_ROWS / 2;
    await timed('read again, unchanged', 25, (at) =>
      load(items((middle + at) * BATCH_ROWS, BATCH_ROWS, 'a', 2), at),
    );
    await timed('read again, all changed', 25, (at) =>
      load(items((middle + at) * BATCH_ROWS, BATCH_ROWS, 'b', 3), at),
    );
    console.log(rss());
    expect(await value(warehouse, 'select count(*) from main.completions')).toBe(1_050_000n);
    const from = performance.now();
    await warehouse.close();
    console.log(
      `close ${(performance.now() - from).toFixed(0)} ms; file ${(statSync(path).size / 1e6).toFixed(0)} MB; ${rss()}`,
    );
  },
);
