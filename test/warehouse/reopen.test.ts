import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BusyError } from '../../src/errors.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import { OutOfMemoryError } from '../../src/warehouse/engine/engine-error.ts';
import { child } from './publish-processes.ts';
import {
  batch,
  completion,
  observe,
  open,
  SOURCE,
  startRun,
  T0,
  temporaryWarehouse,
  value,
} from './support.ts';

const items = (from: number, count: number) =>
  Array.from({ length: count }, (_, place) => observe(completion(`c${from + place}`, T0 + from + place)));

const COUNT = 'select count(*) from main.completions';
const MARK = "set variable mark = 'here'";
const IS_MARKED = "select getvariable('mark') is not null";

test('after many rows the file is opened anew, beside statements that go on', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await open(path, { reopenRows: 100 });
  const runId = await startRun(warehouse);
  await warehouse.query(MARK);
  await warehouse.load(batch(runId, { items: items(0, 60) }));
  expect(await value(warehouse, IS_MARKED)).toBe(true);
  let isOver = false;
  const reading = (async () => {
    while (!isOver) await warehouse.knownRowAbove(SOURCE, unixSeconds(T0 - 1), 1);
  })();
  for (let from = 60; from < 600; from += 60) await warehouse.load(batch(runId, { items: items(from, 60) }));
  isOver = true;
  await reading;
  expect(await value(warehouse, IS_MARKED)).toBe(false);
  expect(await value(warehouse, COUNT)).toBe(600n);
  expect(existsSync(`${path}.reopening`)).toBe(false);
  await warehouse.close();
});

test('not while somebody else of the process has it open', async () => {
  const path = await temporaryWarehouse();
  const [warehouse, other] = [await open(path, { reopenRows: 10 }), await open(path)];
  const runId = await startRun(warehouse);
  await warehouse.query(MARK);
  await warehouse.load(batch(runId, { items: items(0, 60) }));
  expect(await value(warehouse, IS_MARKED)).toBe(true);
  await other.close();
  await warehouse.load(batch(runId, { items: items(60, 60) }));
  expect(await value(warehouse, IS_MARKED)).toBe(false);
  await warehouse.close();
});

test('another process that waits for the file does not get it from a run that is under way', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await open(path, { reopenRows: 1 });
  const runId = await startRun(warehouse);
  const waiting = child('grab', path);
  expect(await waiting.next()).toBe('trying');
  for (let from = 0; from < 30; from += 1) await warehouse.load(batch(runId, { items: items(from, 1) }));
  await warehouse.close();
  expect(await waiting.next()).toBe('30');
});

test('what a killed process has left keeps nobody away for long', async () => {
  const path = await temporaryWarehouse();
  await (await open(path)).close();
  writeFileSync(`${path}.reopening`, '');
  await expect(open(path)).rejects.toThrow(BusyError);
  const before = Date.now() / 1_000 - 11;
  utimesSync(`${path}.reopening`, before, before);
  const warehouse = await open(path, { reopenRows: 1 });
  await warehouse.load(batch(await startRun(warehouse), { items: items(0, 1) }));
  expect(existsSync(`${path}.reopening`)).toBe(false);
  await warehouse.close();
});

test('a log that cannot be written into the file is told, and ends the run when that goes on; nothing is lost', async () => {
  const path = await temporaryWarehouse();
  let isFull = true;
  const told: string[] = [];
  const warehouse = await open(path, {
    reopenRows: 10,
    onLogKept: ({ message }) => told.push(message),
    onStep: (step) => {
      if (step === 'log into file' && isFull)
        throw new OutOfMemoryError('no room; DUCKDB_MEMORY_LIMIT sets the limit');
    },
  });
  const runId = await startRun(warehouse);
  const load = (from: number) => warehouse.load(batch(runId, { items: items(from, 10) }));
  await load(0);
  await load(10);
  isFull = false;
  await load(20);
  isFull = true;
  for (const from of [30, 40, 50]) await load(from);
  expect(told).toHaveLength(5);
  await expect(load(60)).rejects.toThrow(/DUCKDB_MEMORY_LIMIT.*; set it to \d+MB/);
  // Of the run's end something may still be said.
  const end = { status: 'failed', finishedAtMs: T0 * 1000, unprovenSeconds: 0, error: 'no room' } as const;
  await warehouse.load(batch(runId, { items: items(60, 10), end }));
  expect(await value(warehouse, COUNT)).toBe(70n);
  await warehouse.close();
});
