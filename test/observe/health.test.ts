import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type HealthOptions, keepHealth } from '../../src/observe/health.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { houseOf } from '../support/house.ts';
import { runInHouse } from '../support/run-in-house.ts';
import { open, temporaryPath } from '../warehouse/support.ts';

const settingsOf = (path: string) => ({
  path,
  content: 'full' as const,
  memoryLimit: '128MB',
  waitSeconds: 30,
  pricesFile: null,
});

function keeping(path: string, over: Partial<HealthOptions> = {}) {
  const health = keepHealth({ warehouse: settingsOf(path), nowMs: () => 1_000, ...over });
  onTestFinished(() => health.close());
  return health;
}

test('it looks at once, knows of a file that is not there yet, and reads it after the first run', async () => {
  const house = await houseOf({ rows: 120 });
  await rm(house.path);
  const health = keeping(house.path);
  await health.refresh();
  expect({ state: health.state, check: health.check() }).toEqual({ state: { kind: 'missing' }, check: null });
  await runInHouse(house, { environment: { observer: health.observer } });
  await health.refresh();
  expect(health.state).toEqual({ kind: 'read' });
  expect(health.snapshot?.readAtMs).toBe(1_000);
  expect(health.snapshot?.readings).toMatchObject([
    { held: { source: 'openai', rows: 120 }, runs: [{ status: 'landed' }] },
  ]);
});

test('a run of this process is read through what it has open, and the next one waits for nobody', async () => {
  const house = await houseOf({ rows: 300 });
  await runInHouse(house);
  const health = keeping(house.path);
  expect(health.check()).toBe('it was not looked at yet');
  // Right behind the first look, which has the file open for reading.
  await using writing = await open(house.path);
  await health.refresh();
  expect(health.state).toEqual({ kind: 'read' });
  await writing.close();
  // Twenty runs without a wait for the file, each with a read in it and one right behind it.
  for (let run = 0; run < 20; run++) {
    const environment = { observer: health.observer };
    await runInHouse(house, { env: { WAIT_SECONDS: '0' }, environment });
  }
  await health.refresh();
  expect(health.snapshot?.readings[0]?.runs).toHaveLength(10);
});

test('while another process holds the file the last snapshot stays, with its time; nothing is left open', async () => {
  const house = await houseOf({ rows: 50, faults: { latencyMs: 300 } });
  await runInHouse(house);
  let now = 5_000;
  const health = keeping(house.path, { nowMs: () => now });
  await health.refresh();
  now = 9_000;
  const other = house.start(['backfill', '--since', '2025-06-01', '--reread'], { env: { PAGE_SIZE: '5' } });
  await expect
    .poll(() => health.refresh().then(() => health.state.kind), { timeout: 20_000, interval: 50 })
    .toBe('held');
  expect(health.check()).toBeNull();
  expect(health.snapshot?.readAtMs).toBeLessThanOrEqual(9_000);
  expect(health.snapshot?.readings[0]?.held.rows).toBe(50);
  expect((await other.ended).code).toBe(0);
  await health.refresh();
  expect(health.state.kind).toBe('read');
  // Another one could write now.
  await using _writer = await openWarehouse({ ...settingsOf(house.path), waitSeconds: 0 });
});

test('what cannot be read is a reason', async () => {
  const { writeFile } = await import('node:fs/promises');
  const path = await temporaryPath();
  await writeFile(path, 'no database, whatever its name');
  const health = keeping(path);
  await health.refresh();
  expect(health.check()).toContain('is not a DuckDB file');
  expect(health.snapshot).toBeNull();
});

test('it looks by itself from time to time, until it is closed', async () => {
  const house = await houseOf({ rows: 30 });
  await runInHouse(house);
  let looks = 0;
  const health = keeping(house.path, { intervalSeconds: 0.05, nowMs: () => ++looks });
  await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(3);
  await health.close();
  const atEnd = looks;
  await sleep(200);
  await health.refresh();
  expect(looks).toBe(atEnd);
});
