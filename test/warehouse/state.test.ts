import { expect, test } from 'vitest';
import { NO_COUNTS, unixSeconds } from '../../src/sync/ports.ts';
import { statement } from '../../src/warehouse/engine/statements.ts';
import {
  batch,
  completion,
  completionId,
  item,
  observe,
  observed,
  openTemporary,
  range,
  rows,
  SCOPE,
  SOURCE,
  startRun,
  T0,
  value,
} from './support.ts';

test('items that cannot be loaded are kept with reason and text, once', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const raw = '{"id":"chatcmpl-1","created":"yesterday","text":"\\ud800"}';
  const noObject = item({
    id: null,
    createdAt: null,
    raw: Buffer.from('17'),
    rejection: 'not a JSON object',
  });
  const items = [observed(raw), observed(raw), { item: noObject, observedAtMs: 1 }];
  expect((await warehouse.load(batch(runId, { items }))).rowsRejected).toBe(2);
  expect((await warehouse.load(batch(runId, { items }))).rowsRejected).toBe(0);
  expect(await rows(warehouse, 'select id, raw, raw_length, reason from sync.rejected order by raw')).toEqual(
    [
      { id: null, raw: '17', raw_length: 2n, reason: 'not a JSON object' },
      {
        id: 'chatcmpl-1',
        raw,
        raw_length: BigInt(raw.length),
        reason: expect.stringContaining('created is not'),
      },
    ],
  );
  const [listed] = await warehouse.listRejected({ source: SOURCE, limit: 1 });
  expect(listed?.runId).toBe(runId);
});

test('a gap is open until its seconds are covered, and keeps the time it was first seen', async () => {
  let now = T0 * 1000;
  const warehouse = await openTemporary({ nowMs: () => now });
  const runId = await startRun(warehouse);
  const gap = {
    ...range(T0, T0),
    kind: 'dense',
    rowsSeen: 5,
    rowsMissingEstimate: null,
    detail: 'a',
  } as const;
  await warehouse.load(batch(runId, { gaps: [gap] }));
  now += 1000;
  await warehouse.load(batch(runId, { gaps: [{ ...gap, rowsSeen: 7, detail: 'b' }] }));
  expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual([{ ...gap, rowsSeen: 7, detail: 'b' }]);
  now += 1000;
  await warehouse.load(batch(runId, { covered: [range(T0 - 5, T0 - 1)] }));
  expect(await warehouse.readGaps(SOURCE, SCOPE)).toHaveLength(1);
  await warehouse.load(batch(runId, { covered: [range(T0, T0 + 1)] }));
  expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual([]);
  const [state] = await warehouse.listGaps({ source: null, limit: 10, openOnly: false });
  expect(state).toMatchObject({
    firstSeenAt: '2025-01-01T00:00:00Z',
    lastTriedAt: '2025-01-01T00:00:01Z',
    resolvedAt: '2025-01-01T00:00:02Z',
  });
});

test('a gap that is reported with its seconds covered stays open', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const gap = {
    ...range(T0, T0 + 9),
    kind: 'retention',
    rowsSeen: 0,
    rowsMissingEstimate: null,
    detail: '',
  } as const;
  await warehouse.load(batch(runId, { gaps: [gap], covered: [range(T0, T0 + 9)] }));
  await warehouse.load(batch(runId, { covered: [range(T0 + 10, T0 + 19)] }));
  expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual([gap]);
});

test('a run ends with the totals of its batches, and a run that never ended is abandoned by the next', async () => {
  const warehouse = await openTemporary();
  const lost = await startRun(warehouse);
  const runId = await startRun(warehouse);
  const counts = { ...NO_COUNTS, pages: 3, rowsRead: 40, rowsInserted: 30, requests: 4, retries: 1 };
  const end = { status: 'landed', finishedAtMs: T0 * 1000, unprovenSeconds: 2, error: null } as const;
  await warehouse.load(batch(runId, { items: [observe(completion('a', T0))], counts, end }));
  const [first, second] = await warehouse.listRuns({ source: SOURCE, limit: 10 });
  const byId = new Map([first, second].map((run) => [run?.runId, run]));
  expect(byId.get(lost)?.status).toBe('abandoned');
  expect(byId.get(runId)).toMatchObject({
    status: 'landed',
    range: range(T0, T0 + 1000),
    pages: 3,
    rowsRead: 40,
    rowsInserted: 31,
    requests: 4,
    retries: 1,
    unprovenSeconds: 2,
    finishedAt: '2025-01-01T00:00:00Z',
    error: null,
  });
});

test('a run that was taken over or has ended cannot write', async () => {
  const warehouse = await openTemporary();
  const lost = await startRun(warehouse);
  await startRun(warehouse);
  const toLoad = batch(lost, { items: [observe(completion('a', T0))], covered: [range(T0, T0)] });
  await expect(warehouse.load(toLoad)).rejects.toThrow('a later run has taken over');
  expect(await value(warehouse, 'select count(*) from main.completions')).toBe(0n);
  expect(await warehouse.readCoverage(SOURCE, SCOPE)).toEqual([]);
});

test('messages of a completion are replaced as a whole', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const message = (index: number, content: unknown) => {
    const body = { id: `a-${index}`, role: 'user', content };
    return {
      completionId: completionId('a'),
      completionCreatedAt: unixSeconds(T0),
      index,
      raw: JSON.stringify(body),
      body,
    };
  };
  await warehouse.load(batch(runId, { messages: [message(0, 'x'), message(1, 'y'), message(2, 'z')] }));
  await warehouse.load(batch(runId, { messages: [message(0, 'hello'), message(1, [{ type: 'text' }])] }));
  expect(
    await rows(
      warehouse,
      'select message_index, message_id, role, content from main.completion_messages order by all',
    ),
  ).toEqual([
    { message_index: 0n, message_id: 'a-0', role: 'user', content: 'hello' },
    { message_index: 1n, message_id: 'a-1', role: 'user', content: '[{"type":"text"}]' },
  ]);
});

test('the walk finds known rows, their ids and the values a second can be split by', async () => {
  const warehouse = await openTemporary();
  const runId = await startRun(warehouse);
  const items = [
    observe(completion('a', T0, { metadata: { team: 'x', n: 5 } })),
    observe(completion('b', T0, { metadata: { team: 'x' } })),
    observe(completion('c', T0 + 3, { model: 'other' })),
    observe(completion('d', T0 + 90_000)),
  ];
  await warehouse.load(batch(runId, { items }));
  const above = (second: number, rank: number) => warehouse.knownRowAbove(SOURCE, unixSeconds(second), rank);
  expect(await above(T0 - 1, 1)).toEqual({ id: 'a', createdAt: T0 });
  expect(await above(T0, 1)).toEqual({ id: 'c', createdAt: T0 + 3 });
  expect(await above(T0 - 1, 3)).toEqual({ id: 'd', createdAt: T0 + 90_000 });
  expect(await above(T0 + 90_000, 1)).toBeNull();
  expect(await warehouse.knownIdsIn(SOURCE, unixSeconds(T0))).toEqual(['a', 'b']);
  expect(await warehouse.knownIdsIn('another', unixSeconds(T0))).toEqual([]);
  const split = await warehouse.knownSplitValues(SOURCE, 2);
  expect(split).toEqual({
    models: ['gpt-4.1-2025-04-14', 'other'],
    metadata: [
      ['team', 'x'],
      ['n', '5'],
    ],
  });
  // Of four rows over 25 hours, one: the newest part of the time.
  const recent = { source: SOURCE, limit: 2, recent_rows: 1 };
  expect((await warehouse.query(statement('state/known_models'), recent)).rows).toEqual([
    ['gpt-4.1-2025-04-14'],
  ]);
  expect((await warehouse.query(statement('state/known_metadata'), recent)).rows).toEqual([]);
  const [state] = await warehouse.listSources();
  expect(state).toMatchObject({ source: SOURCE, rows: 4, openGaps: 0, rejected: 0, coveredSeconds: 0 });
});
