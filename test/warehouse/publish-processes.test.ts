import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { child } from './publish-processes.ts';
import { publishBeside, publishedPath, readCopy } from './publishing.ts';
import { batch, completion, observe, open, startRun, T0, temporaryWarehouse } from './support.ts';

async function add(path: string, ...ids: readonly string[]): Promise<void> {
  const warehouse = await open(path);
  await warehouse.load(
    batch(await startRun(warehouse), { items: ids.map((id) => observe(completion(id, T0))) }),
  );
  await warehouse.close();
}

const count = async (path: string): Promise<unknown> =>
  (await readCopy(publishedPath(path), 'select count(*) from main.completions'))[0]?.[0];

test('kill -9 at any step leaves the old copy or the new one, and the next one clears up', async () => {
  const path = await temporaryWarehouse();
  await add(path, 'a');
  await publishBeside(path);
  const steps = ['created', 'copied days', 'copied state', 'committed', 'written', 'in place'];
  for (const [index, step] of steps.entries()) {
    const before = await count(path);
    await add(path, `after-${index}`);
    expect(await child('publish', path, step).ended).toBe('SIGKILL');
    const after = await count(path);
    expect([before, Number(before) + 1].map(BigInt as never)).toContain(after);
    expect(after).toBe(step === 'in place' ? BigInt(index + 2) : before);
    await publishBeside(path);
    expect(await count(path)).toBe(BigInt(index + 2));
    expect((await readdir(dirname(path))).filter((name) => name.includes('.new-'))).toEqual([]);
  }
});

test('kill -9 while the first copy is made leaves none, and the next run makes it', async () => {
  const path = await temporaryWarehouse();
  await add(path, 'a');
  for (const step of ['created', 'committed', 'written']) {
    expect(await child('publish', path, step).ended).toBe('SIGKILL');
    expect(await readdir(dirname(path))).not.toContain('warehouse.published.duckdb');
  }
  await publishBeside(path);
  expect(await count(path)).toBe(1n);
  expect((await readdir(dirname(path))).sort()).toEqual(['warehouse.duckdb', 'warehouse.published.duckdb']);
});

test('a reader in another process blocks no publisher, keeps what it has, and gets the new copy on opening again', async () => {
  const path = await temporaryWarehouse();
  await add(path, 'a');
  await publishBeside(path);
  const reader = child('hold', publishedPath(path));
  expect(await reader.next()).toBe('1');
  await add(path, 'b');
  await publishBeside(path);
  reader.send();
  expect(await reader.next()).toBe('1');
  expect(await child('hold', publishedPath(path)).next()).toBe('2');
});

test('a reader in this process gets the new copy too, beside one that keeps the old', async () => {
  const path = await temporaryWarehouse();
  await add(path, 'a');
  await publishBeside(path);
  const held = await open(publishedPath(path), { readOnly: true });
  await add(path, 'b');
  await publishBeside(path);
  const fresh = await open(publishedPath(path), { readOnly: true });
  const counts = await Promise.all(
    [held, fresh].map((copy) => copy.query('select count(*) from main.completions')),
  );
  expect(counts.map(({ rows }) => rows[0]?.[0])).toEqual([1n, 2n]);
});

test('readers that open and close all the time meet no lock while copies are made', async () => {
  const path = await temporaryWarehouse();
  await add(path, 'a');
  await publishBeside(path);
  const readers = [child('loop', publishedPath(path)), child('loop', publishedPath(path))];
  for (const reader of readers) expect(await reader.next()).toBe('ready');
  for (let round = 0; round < 8; round++) {
    await add(path, `r-${round}`);
    await publishBeside(path, { whole: round % 4 === 0 });
  }
  for (const reader of readers) {
    reader.send();
    const [opened, errors, ...last] = (await reader.next()).split(' ');
    expect([errors, last.join(' ')]).toEqual(['0', '']);
    expect(Number(opened)).toBeGreaterThan(10);
  }
});

test('another process that waits does not get the warehouse while publishing closes it and opens it again', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await open(path);
  const items = Array.from({ length: 400 }, (_, place) => observe(completion(`c${place}`, T0 + place)));
  await warehouse.load(batch(await startRun(warehouse), { items }));
  await warehouse.close();
  let waiting: ReturnType<typeof child> | null = null;
  let reopenings = 0;
  let isTaken = false;
  await publishBeside(path, {
    sliceCompletions: 1,
    onStep: async (step) => {
      if (step === 'created') {
        waiting = child('grab', path);
        expect(await waiting.next()).toBe('trying');
        void waiting.next().then(() => {
          isTaken = true;
        });
      }
      if (step === 'reopened') reopenings += 1;
      if (step === 'in place') expect(isTaken).toBe(false);
    },
  });
  expect(reopenings).toBeGreaterThan(10);
  await expect.poll(() => isTaken).toBe(true);
});
