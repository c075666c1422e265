import { expect, test } from 'vitest';
import { everyNth, failing, nextRequests } from '../../src/emulator/faults.ts';
import { observers, type RunObserver } from '../../src/run/observer.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { houseOf } from '../support/house.ts';
import { runInHouse } from '../support/run-in-house.ts';

/** Notes every event under its name. */
function notebook() {
  const seen: Record<string, object[]> = {};
  const note = (name: string) => (event: object) => {
    seen[name] = [...(seen[name] ?? []), event];
  };
  const observer: Required<RunObserver> = {
    onStart: note('start'),
    onRequest: note('request'),
    onRetry: note('retry'),
    onPage: note('page'),
    onPieceStart: note('piece'),
    onPieceEnd: note('piece end'),
    onCommit: note('commit'),
    onEnd: note('end'),
  };
  return { seen, observer };
}

const count = (events: readonly object[] = [], name: string): number =>
  events.reduce((sum, event) => sum + Number((event as Record<string, number>)[name]), 0);

test('a run tells of its start, requests by status, retries, pages, commits and end', async () => {
  const house = await houseOf({ rows: 250, faults: { rules: [everyNth(3, failing(503))] } });
  const [one, two] = [notebook(), notebook()];
  const result = await runInHouse(house, {
    env: { BATCH_ROWS: '100', CONCURRENCY: '1' },
    environment: { observer: observers(one.observer, {}, two.observer) },
  });
  const { seen } = one;
  expect(seen).toEqual(two.seen);
  expect(seen['start']).toEqual([{ source: 'openai', kind: 'sync' }]);
  expect(seen['request']).toHaveLength(result.counts.requests);
  const statuses = seen['request']?.map((event) => (event as { status: number }).status) ?? [];
  expect(statuses.filter((status) => status === 503)).toHaveLength(result.counts.retries);
  expect(seen['retry']).toHaveLength(result.counts.retries);
  expect(seen['page']?.[0]).toMatchObject({ source: 'openai', kind: 'sync' });
  expect(count(seen['page'], 'rows')).toBe(result.counts.rowsRead);
  expect(seen['piece']?.[0]).toEqual({ source: 'openai', kind: 'sync' });
  expect(seen['piece end']).toEqual(seen['piece']);
  const loaded = seen['commit']?.map((event) => (event as { loaded: object }).loaded) ?? [];
  expect(loaded.length).toBeGreaterThan(2);
  expect(count(loaded, 'rowsInserted')).toBe(250);
  expect(seen['end']).toMatchObject([{ source: 'openai', kind: 'sync', status: 'landed', error: null }]);
});

test('a reply that never came whole is a request without a status', async () => {
  const house = await houseOf({ rows: 50, faults: { rules: [nextRequests(1, { kind: 'cut-connection' })] } });
  const { seen, observer } = notebook();
  await runInHouse(house, { environment: { observer } });
  expect(seen['request']?.[0]).toMatchObject({ status: null });
  expect(seen['request']?.[1]).toMatchObject({ status: 200 });
});

test('a run that fails ends once, with what it throws, also where the warehouse cannot be opened', async () => {
  const house = await houseOf({ rows: 50, quirks: { apiKey: 'another key' } });
  const refused = notebook();
  const error = await runInHouse(house, { environment: { observer: refused.observer } }).catch(
    (thrown: unknown) => thrown,
  );
  expect(refused.seen['end']).toMatchObject([{ status: 'failed', error }]);

  await using _reader = await openWarehouse({
    path: house.path,
    content: 'full',
    waitSeconds: 0,
    readOnly: true,
  });
  const held = notebook();
  await runInHouse(house, {
    env: { WAIT_SECONDS: '0' },
    environment: { observer: held.observer },
  }).catch(() => undefined);
  expect(held.seen['end']).toMatchObject([{ status: 'failed' }]);
});

test('a run that is stopped ends as interrupted, once', async () => {
  const stop = new AbortController();
  const house = await houseOf({ rows: 400, onRequest: (n) => void (n === 3 && stop.abort()) });
  const { seen, observer } = notebook();
  await runInHouse(house, { environment: { observer, signal: stop.signal } });
  expect(seen['end']).toMatchObject([{ status: 'interrupted', error: null }]);
  // The request that was cut off by it is none that failed.
  expect(seen['request']?.every((event) => (event as { status: number | null }).status === 200)).toBe(true);
});

test('the end is told while the warehouse is open, so that its reader shares it', async () => {
  const house = await houseOf({ rows: 50 });
  let reading: Promise<unknown> = Promise.resolve();
  const observer: RunObserver = {
    onEnd() {
      reading = openWarehouse({ path: house.path, content: 'full', waitSeconds: 0 }).then(async (file) => {
        await using shared = file;
        return await shared.readCheckpoint('openai');
      });
    },
  };
  await runInHouse(house, { environment: { observer } });
  expect(await reading).toMatchObject({ lastSyncedAt: expect.any(Number) });
});
