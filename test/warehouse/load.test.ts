import { expect, test } from 'vitest';
import { NO_COUNTS, unixSeconds } from '../../src/sync/ports.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import {
  batch,
  completion,
  completionId,
  observe,
  observed,
  openTemporary,
  range,
  rows,
  startRun,
  T0,
  value,
} from './support.ts';

const TABLES = [
  'main.completions',
  'main.completion_usage',
  'main.completion_choices',
  'main.completion_tool_calls',
  'main.completion_metadata',
  'main.completion_messages',
  'sync.runs',
  'sync.coverage',
  'sync.checkpoints',
  'sync.gaps',
  'sync.rejected',
  'sync.sources',
];

/** All that the file holds, for comparing before and after. */
async function contents(warehouse: WarehouseFile): Promise<unknown> {
  const tables = TABLES.map(
    async (table) => [table, await rows(warehouse, `from ${table} order by all`)] as const,
  );
  return Object.fromEntries(await Promise.all(tables));
}

test('loading the same batch twice leaves what loading it once leaves', async () => {
  const warehouse = await openTemporary({ nowMs: () => T0 * 1000 });
  const runId = await startRun(warehouse);
  const toLoad = batch(runId, {
    items: [
      observe(completion('a', T0, { metadata: { team: 'x' } })),
      observe(completion('b', T0 + 1)),
      observed('{"id":"bad"}'),
    ],
    covered: [range(T0, T0 + 10)],
    gaps: [
      { ...range(T0 + 20, T0 + 20), kind: 'dense', rowsSeen: 3, rowsMissingEstimate: 1.5, detail: 'tried' },
    ],
    checkpoint: { lastSyncedId: completionId('b'), lastSyncedAt: unixSeconds(T0 + 1) },
    oldestServedAt: unixSeconds(T0),
  });
  expect(await warehouse.load(toLoad)).toEqual({
    rowsInserted: 2,
    rowsUpdated: 0,
    rowsRejected: 1,
    rowsDeleted: 0,
  });
  const once = await contents(warehouse);
  expect(
    await warehouse.load({ ...toLoad, counts: { ...NO_COUNTS, rowsInserted: 2, rowsRejected: 1 } }),
  ).toEqual({ rowsInserted: 0, rowsUpdated: 0, rowsRejected: 0, rowsDeleted: 0 });
  expect(await contents(warehouse)).toEqual(once);
});

test('a field that was removed at the API is removed here', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const before = completion('a', T0, { metadata: { team: 'x', user: 'y' } });
  const after = completion('a', T0, { metadata: { team: 'z' } });
  await warehouse.load(batch(runId, { items: [observe(before, 1000)] }));
  const counts = await warehouse.load(batch(runId, { items: [observe(after, 2000)] }));
  expect(counts).toEqual({ rowsInserted: 0, rowsUpdated: 1, rowsRejected: 0, rowsDeleted: 0 });
  expect(await rows(warehouse, 'select key, value from main.completion_metadata')).toEqual([
    { key: 'team', value: 'z' },
  ]);
  expect(await value(warehouse, 'select raw from main.completions')).toBe(JSON.stringify(after));
  expect(await value(warehouse, 'select count(*) from main.completion_choices')).toBe(1n);
});

test('of one row in one batch the newest observation wins, wherever it stands', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const version = (name: string, at: number) => observe(completion('a', T0, { metadata: { name } }), at);
  await warehouse.load(
    batch(runId, { items: [version('second', 2000), version('third', 3000), version('first', 1000)] }),
  );
  expect(await rows(warehouse, 'select value from main.completion_metadata')).toEqual([{ value: 'third' }]);
});

test('a row that is read again unchanged keeps its first time and its run, and moves its observation on', async () => {
  let now = 5000;
  const warehouse = await openTemporary({ nowMs: () => now });
  const firstRun = await startRun(warehouse);
  await warehouse.load(batch(firstRun, { items: [observe(completion('a', T0), 1000)] }));
  const laterRun = await startRun(warehouse);
  for (const at of [3000, 2000]) {
    now += 1000;
    await warehouse.load(batch(laterRun, { items: [observe(completion('a', T0), at)] }));
  }
  expect(
    await rows(warehouse, 'select observed_at, first_synced_at, synced_run_id from main.completions'),
  ).toEqual([
    {
      observed_at: '1970-01-01T00:00:03Z',
      first_synced_at: '1970-01-01T00:00:05Z',
      synced_run_id: firstRun,
    },
  ]);
});

test('an older observation of an unchanged row does not bring back a version between', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const version = (name: string, at: number) => observe(completion('a', T0, { metadata: { name } }), at);
  await warehouse.load(batch(runId, { items: [version('x', 1000)] }));
  await warehouse.load(batch(runId, { items: [version('x', 3000)] }));
  await warehouse.load(batch(runId, { items: [version('y', 2000)] }));
  expect(await value(warehouse, 'select value from main.completion_metadata')).toBe('x');
});

test('a load that fails in the middle leaves everything as it was', async () => {
  let failing = '';
  const warehouse = await openTemporary({
    nowMs: () => T0 * 1000,
    onStep: (step) => {
      if (step === failing) throw new Error('stopped by the test');
    },
  });
  const runId = await startRun(warehouse);
  await warehouse.load(
    batch(runId, { items: [observe(completion('a', T0), 1000)], covered: [range(T0, T0)] }),
  );
  const before = await contents(warehouse);
  const next = batch(runId, {
    items: [
      observe(completion('a', T0, { metadata: { k: 'v' } }), 2000),
      observe(completion('b', T0 + 1), 2000),
    ],
    covered: [range(T0 + 1, T0 + 5)],
    checkpoint: { lastSyncedId: completionId('b'), lastSyncedAt: unixSeconds(T0 + 1) },
    counts: { ...NO_COUNTS, pages: 9 },
  });
  const steps = [
    'load/plan_merge',
    'load/delete_completions',
    'load/insert_completions',
    'load/insert_completion_choices',
    'load/insert_coverage',
    'load/insert_checkpoint',
    'load/update_run',
    'before commit',
  ];
  for (const step of steps) {
    failing = step;
    await expect(warehouse.load(next), step).rejects.toThrow('stopped by the test');
    expect(await contents(warehouse), step).toEqual(before);
  }
  failing = '';
  expect(await warehouse.load(next)).toEqual({
    rowsInserted: 1,
    rowsUpdated: 1,
    rowsRejected: 0,
    rowsDeleted: 0,
  });
});
