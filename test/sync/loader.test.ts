import { describe, expect, it } from 'vitest';
import { Loader } from '../../src/sync/loader.ts';
import { type Batch, type LoadCounts, type Page, unixSeconds, type Warehouse } from '../../src/sync/ports.ts';
import { itemOf } from '../support/items.ts';

const COUNTS: LoadCounts = { rowsInserted: 1, rowsUpdated: 0, rowsRejected: 0, rowsDeleted: 0 };
const second = (from: number) => ({ from: unixSeconds(from), to: unixSeconds(from) });
const pageOf = (...ids: readonly number[]): Page => ({
  items: ids.map((id) =>
    itemOf(`{"id":"c${id}","object":"chat.completion","created":${id},"model":"m","choices":[]}`),
  ),
  hasMore: true,
  serverTime: null,
  observedAtMs: 0,
});

/** A loader into a warehouse whose loads end when the test says so. */
function loading(batchRows = 2, clock = { nowMs: () => 0 }) {
  const loads: { batch: Batch; end: () => void; fail: (error: Error) => void }[] = [];
  const warehouse = {
    load: (batch: Batch) =>
      new Promise<LoadCounts>((resolve, reject) => {
        loads.push({ batch, end: () => resolve(COUNTS), fail: reject });
      }),
  } as unknown as Warehouse;
  const loader = new Loader(warehouse, clock, () => ({ requests: 0, retries: 0 }), {
    runId: 'run',
    source: 's',
    scope: 's',
    batchRows,
    batchSeconds: 1000,
    reread: () => null,
    onCommit: () => {},
  });
  const add = (...ids: readonly number[]) => {
    loader.addPage(pageOf(...ids), 'desc');
    for (const id of ids) loader.addCovered(second(id), true);
  };
  const addFromBelow = (...ids: readonly number[]) => {
    loader.addPage(pageOf(...ids), 'asc');
    for (const id of ids) loader.addCovered(second(id), false, 'asc');
  };
  const idsOf = (place: number) => loads[place]?.batch.items.map(({ item }) => item.id);
  return { loader, loads, add, addFromBelow, idsOf };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('a batch loads while the next one is gathered', () => {
  it('one at a time, in the order of the pages', async () => {
    const { loader, loads, add, idsOf } = loading();
    add(9, 8);
    await loader.commitIfDue();
    add(7);
    await loader.commitIfDue();
    expect(loads).toHaveLength(1);
    expect(loader.pending.covered.map(({ from }) => from)).toEqual([9, 8, 7]);
    loads[0]?.end();
    await turns();
    add(6);
    await loader.commitIfDue();
    expect(idsOf(1)).toEqual(['c7', 'c6']);
    // Its totals are those of the batches before it.
    expect(loads[1]?.batch.counts).toMatchObject({ rowsInserted: 1, rowsRead: 4 });
  });

  it('behind a slow server a quarter of a batch is loaded after a fifth of its time, and less of it is not', async () => {
    let nowMs = 0;
    const { loader, loads, add, idsOf } = loading(8, { nowMs: () => nowMs });
    add(9, 8);
    nowMs = 199_999;
    await loader.commitIfDue();
    expect(loads).toHaveLength(0);
    nowMs = 200_000;
    await loader.commitIfDue();
    expect(idsOf(0)).toEqual(['c9', 'c8']);
    loads[0]?.end();
    await turns();
    add(7);
    nowMs = 600_000;
    await loader.commitIfDue();
    expect(loads).toHaveLength(1);
  });

  it('the walk waits when the next one is full too', async () => {
    const { loader, loads, add, idsOf } = loading();
    add(9, 8);
    await loader.commitIfDue();
    add(7, 6);
    let isThrough = false;
    const waiting = loader.commitIfDue().then(() => {
      isThrough = true;
    });
    await turns();
    expect(isThrough).toBe(false);
    loads[0]?.end();
    await waiting;
    expect(idsOf(1)).toEqual(['c7', 'c6']);
  });

  it('one that fails is gathered again, before what came after it, and told at the next call', async () => {
    const { loader, loads, add, idsOf } = loading();
    add(9, 8);
    await loader.commitIfDue();
    add(7);
    loads[0]?.fail(new Error('disk full'));
    await turns();
    await expect(loader.commitIfDue()).rejects.toThrow('disk full');
    const last = loader.commit();
    await turns();
    expect(idsOf(1)).toEqual(['c9', 'c8', 'c7']);
    expect(loads[1]?.batch.covered).toEqual([{ from: 7, to: 9 }]);
    loads[1]?.end();
    await last;
    expect(loader.pending.covered).toEqual([]);
  });

  it('the last commit waits for the one under way, and fails with what that fails with', async () => {
    const { loader, loads, add } = loading();
    add(9, 8);
    await loader.commitIfDue();
    const last = loader.commit();
    loads[0]?.fail(new Error('disk full'));
    await expect(last).rejects.toThrow('disk full');
    expect(loads).toHaveLength(1);
  });

  it('a row that is shown again is there once, as it was seen last, and fills no second batch', async () => {
    const { loader, loads, add, idsOf } = loading(3);
    add(9, 8);
    loader.addPage({ ...pageOf(9), observedAtMs: 5 }, 'desc');
    await loader.commitIfDue();
    expect(loads).toEqual([]);
    add(7);
    await loader.commitIfDue();
    expect(idsOf(0)).toEqual(['c9', 'c8', 'c7']);
    expect(loads[0]?.batch.items.map(({ observedAtMs }) => observedAtMs)).toEqual([5, 0, 0]);
    loads[0]?.end();
    await turns();
    add(8, 7, 6, 5);
    await loader.commitIfDue();
    expect(loads).toHaveLength(1);
    add(4);
    await loader.commitIfDue();
    expect(idsOf(1)).toEqual(['c8', 'c7', 'c6', 'c5', 'c4']);
    // Changed in between: both, and the warehouse takes the newer one.
    const [first] = pageOf(4).items;
    const edited = itemOf('{"id":"c4","object":"chat.completion","created":4,"model":"other","choices":[]}');
    loads[1]?.end();
    await turns();
    loader.addPage({ ...pageOf(), items: first === undefined ? [] : [first, edited, first] }, 'desc');
    void loader.commit();
    await turns();
    expect(loads[2]?.batch.items.map(({ item }) => item.model)).toEqual(['m', 'other', 'm']);
  });

  it('rows under way count as gathered', async () => {
    const { loader, add } = loading();
    add(9, 8);
    await loader.commitIfDue();
    expect(loader.idsGatheredIn(unixSeconds(9), pageOf())).toEqual(new Set(['c9']));
  });
});

describe('pages read oldest first are gathered apart', () => {
  it('a batch of two ends holds one of them, with the seconds that its own pages prove', async () => {
    const { loader, loads, add, addFromBelow, idsOf } = loading();
    addFromBelow(1);
    add(9, 8);
    await loader.commitIfDue();
    expect(idsOf(0)).toEqual(['c9', 'c8']);
    expect(loads[0]?.batch.covered).toEqual([{ from: 8, to: 9 }]);
    expect(loader.pending.covered.map(({ from }) => from)).toEqual([9, 8, 1]);
    loads[0]?.end();
    await turns();
    addFromBelow(2);
    add(7);
    await loader.commitIfDue();
    expect(idsOf(1)).toEqual(['c1', 'c2']);
    expect(loads[1]?.batch.covered).toEqual([{ from: 1, to: 2 }]);
  });

  it('where nothing is read oldest first no batch is begun for it, however long ago the last one was', async () => {
    let nowMs = 0;
    const { loader, loads, add, idsOf } = loading(4, { nowMs: () => nowMs });
    nowMs = 900_000;
    add(10, 9, 8, 7, 6);
    await loader.commitIfDue();
    loads[0]?.end();
    await turns();
    // Not long after that one, and longer than a batch may wait after the beginning.
    nowMs = 1_050_000;
    add(5);
    await loader.commitIfDue();
    expect(loads).toHaveLength(1);
    add(4, 3, 2, 1);
    await loader.commitIfDue();
    expect(idsOf(1)).toEqual(['c5', 'c4', 'c3', 'c2', 'c1']);
  });

  it('both are one batch where there is no more of them', async () => {
    const { loader, loads, add, addFromBelow, idsOf } = loading(4);
    addFromBelow(1);
    add(9, 8);
    void loader.commit({ oldestServedAt: unixSeconds(1) });
    await turns();
    expect(idsOf(0)).toEqual(['c1', 'c9', 'c8']);
    expect(loads[0]?.batch.oldestServedAt).toBe(1);
  });

  it('the last commit loads all there is, and says its last words with the last of it', async () => {
    const { loader, loads, add, addFromBelow, idsOf } = loading(3);
    addFromBelow(1, 2);
    add(9, 8);
    const last = loader.commit({ oldestServedAt: unixSeconds(1) });
    await turns();
    expect(idsOf(0)).toEqual(['c1', 'c2']);
    expect(loads[0]?.batch.oldestServedAt).toBeNull();
    addFromBelow(3);
    loads[0]?.end();
    await turns();
    expect(idsOf(1)).toEqual(['c3', 'c9', 'c8']);
    expect(loads[1]?.batch.oldestServedAt).toBe(1);
    loads[1]?.end();
    await last;
    expect(loader.pending.covered).toEqual([]);
  });

  it('a second that may rest on rows of the other end is never loaded before them', async () => {
    const { loader, loads, add, addFromBelow, idsOf } = loading();
    addFromBelow(7);
    expect(loader.idsGatheredIn(unixSeconds(7), pageOf())).toEqual(new Set(['c7']));
    add(9, 8);
    loader.addCovered(second(7), false);
    await loader.commitIfDue();
    expect(idsOf(0)).toEqual(['c7', 'c9', 'c8']);
    expect(loads[0]?.batch.covered).toEqual([{ from: 7, to: 9 }]);
  });

  it('after a batch that failed all is one batch: what came since may rest on it', async () => {
    const { loader, loads, add, addFromBelow, idsOf } = loading();
    addFromBelow(1, 2);
    await loader.commitIfDue();
    add(9, 8);
    loads[0]?.fail(new Error('disk full'));
    await turns();
    await expect(loader.commitIfDue()).rejects.toThrow('disk full');
    await loader.commitIfDue();
    expect(idsOf(1)).toEqual(['c1', 'c2', 'c9', 'c8']);
  });
});
