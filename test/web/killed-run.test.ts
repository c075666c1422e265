/** A run that was killed is told of as such, and one that is at work is not. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ownProcess } from '../../src/process-identity.ts';
import {
  batch,
  completion,
  observe,
  open,
  range,
  startRun,
  T0,
  temporaryWarehouse,
} from '../warehouse/support.ts';
import { served } from './dashboard-support.ts';

test('a killed run is interrupted at once; one whose process tells of its progress is running', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await open(path);
  const runId = await startRun(warehouse);
  const items = [observe(completion('one', T0 - 60))];
  await warehouse.load(batch(runId, { items, covered: [range(T0 - 3_600, T0 - 60)] }));
  const run = (await warehouse.listRuns({ source: null, limit: 1 }))[0];
  expect(run?.status).toBe('running');
  await warehouse.close();
  const startedMs = Date.parse(run?.startedAt ?? '');
  let now = startedMs;
  const url = await served(path, { nowMs: () => now });
  const lastRun = async (afterMs: number): Promise<string | undefined> => {
    now = startedMs + afterMs;
    const page = await (await fetch(`${url}/?range=all`)).text();
    return /<dt>Last run<\/dt><dd>(.*?), \d/.exec(page)?.[1];
  };
  // It may not have told of a page yet.
  expect(await lastRun(60_000)).toBe('running');
  expect(await lastRun(600_000)).toBe('interrupted, process gone');
  const told = {
    source: run?.source,
    kind: 'sync',
    started_at_ms: startedMs,
    updated_at_ms: startedMs + 590_000,
    rows: 1,
    pages: 1,
    walkers: 1,
    pages_left: null,
    reached_at: T0,
    process: ownProcess(),
  };
  await writeFile(`${path}.progress`, JSON.stringify([told]));
  // A page is made anew each minute.
  expect(await lastRun(660_000)).toBe('running');
  // A process of before this boot, or one that ended.
  await writeFile(
    `${path}.progress`,
    JSON.stringify([{ ...told, process: { ...ownProcess(), start: '1' } }]),
  );
  expect(await lastRun(600_000)).toBe('interrupted, process gone');
});
