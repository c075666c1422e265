import { expect, test } from 'vitest';
import { InvalidatedError } from '../../src/warehouse/engine/engine-error.ts';
import {
  batch,
  completion,
  observe,
  open,
  range,
  startRun,
  T0,
  temporaryWarehouse,
  value,
} from './support.ts';

const items = (from: number, count: number) =>
  Array.from({ length: count }, (_, place) => observe(completion(`c${from + place}`, T0 + from + place)));

/** The next checkpoint ends as one does that runs out of memory or meets a full disk: DuckDB calls the instance invalidated. */
const BREAK = `set global debug_checkpoint_abort = 'before_header'; set global checkpoint_threshold = '1KB'`;

test('an instance that DuckDB gives up is opened anew, and the batch is loaded, once', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await open(path);
  const other = await open(path);
  const runId = await startRun(warehouse);
  await warehouse.load(batch(runId, { items: items(0, 10), covered: [range(T0, T0 + 9)] }));
  await warehouse.query(BREAK);
  await warehouse.load(batch(runId, { items: items(10, 300), covered: [range(T0 + 10, T0 + 309)] }));
  expect(await value(warehouse, 'select count(*) from main.completions')).toBe(310n);
  expect(await value(warehouse, 'select count(distinct id) from main.completions')).toBe(310n);
  expect(await warehouse.readCoverage('test', 'https://api.example/v1')).toEqual([range(T0, T0 + 309)]);
  // Who shares the instance goes on as well.
  expect(await value(other, 'select count(*) from main.completions')).toBe(310n);
  await warehouse.close();
  await other.close();
  const again = await open(path);
  expect(await value(again, 'select count(*) from main.completions')).toBe(310n);
});

test('one that fails each time is one error, and what was committed stays', async () => {
  const path = await temporaryWarehouse();
  const other = await open(path);
  const warehouse = await open(path, {
    async onStep(step) {
      if (isBroken && step === 'before commit') await other.query(BREAK);
    },
  });
  let isBroken = false;
  const runId = await startRun(warehouse);
  await warehouse.load(batch(runId, { items: items(0, 10) }));
  isBroken = true;
  await expect(warehouse.load(batch(runId, { items: items(400, 300) }))).rejects.toThrow(InvalidatedError);
  await warehouse.close();
  await other.close();
  isBroken = false;
  const again = await open(path);
  const next = await startRun(again);
  await again.load(batch(next, { items: items(0, 500) }));
  expect(await value(again, 'select count(distinct id) from main.completions')).toBe(500n);
});
