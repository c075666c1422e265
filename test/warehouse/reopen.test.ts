import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BusyError } from '../../src/errors.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import { child } from './publish-processes.ts';
import { batch, completion, observe, open, SOURCE, startRun, T0, temporaryPath, value } from './support.ts';

const items = (from: number, count: number) =>
  Array.from({ length: count }, (_, place) => observe(completion(`c${from + place}`, T0 + from + place)));

const COUNT = 'select count(*) from main.completions';
const MARK = "set variable mark = 'here'";
const IS_MARKED = "select getvariable('mark') is not null";

test('after many rows the file is opened anew, beside statements that go on', async () => {
  const path = await temporaryPath();
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
  const path = await temporaryPath();
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
  const path = await temporaryPath();
  const warehouse = await open(path, { reopenRows: 1 });
  const runId = await startRun(warehouse);
  const waiting = child('grab', path);
  expect(await waiting.next()).toBe('trying');
  for (let from = 0; from < 30; from += 1) await warehouse.load(batch(runId, { items: items(from, 1) }));
  await warehouse.close();
  expect(await waiting.next()).toBe('30');
});

test('what a killed process has left keeps nobody away for long', async () => {
  const path = await temporaryPath();
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
