import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { child } from './publish-processes.ts';
import { contents, inode, publishBeside, publishedPath, readCopy, SPARE } from './publishing.ts';
import { batch, completion, observe, open, startRun, T0, temporaryWarehouse } from './support.ts';

const spareOf = (path: string): string => `${publishedPath(path)}.spare`;
const count = async (path: string): Promise<unknown> =>
  (await readCopy(publishedPath(path), 'select count(*) from main.completions'))[0]?.[0];

const hashOf = async (file: string): Promise<string> => hash('sha256', await readFile(file));

async function add(path: string, id: string): Promise<void> {
  const warehouse = await open(path);
  await warehouse.load(batch(await startRun(warehouse), { items: [observe(completion(id, T0))] }));
  await warehouse.close();
}

/** A warehouse whose copy has been replaced once, so that a spare file is there. @returns null where none is needed. */
async function withSpare(): Promise<string | null> {
  const path = await temporaryWarehouse();
  await add(path, 'a');
  await publishBeside(path, SPARE);
  await add(path, 'b');
  await publishBeside(path, SPARE);
  const clones = await copyFile(path, `${path}.clone`, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
  if (clones) expect(await readdir(dirname(path))).not.toContain(spareOf(path));
  return clones ? null : path;
}

test('the next copy is written into the one before the present, and the present becomes the spare one', async () => {
  const path = await withSpare();
  if (path === null) return;
  const [present, spare] = [await inode(publishedPath(path)), await inode(spareOf(path))];
  await add(path, 'c');
  expect(await publishBeside(path, SPARE)).toMatchObject({ wholeBecause: null, completions: 3 });
  expect([await inode(publishedPath(path)), await inode(spareOf(path))]).toEqual([spare, present]);
  const to = path.replace('.duckdb', '.whole.duckdb');
  await publishBeside(path, { to });
  expect(await contents(publishedPath(path))).toEqual(await contents(to));
});

test('a spare file that was the copy within the hour is not written to: somebody may be copying it', async () => {
  const path = await withSpare();
  if (path === null) return;
  const before = [await inode(spareOf(path)), await hashOf(spareOf(path))];
  await add(path, 'c');
  await publishBeside(path, { ...SPARE, spareRestMs: 50 * 60_000, nowMs: () => Date.now() + 49 * 60_000 });
  expect([await inode(spareOf(path)), await hashOf(spareOf(path))]).toEqual(before);
  expect(await count(path)).toBe(3n);
});

test('a reader that still has it open keeps what it has: in another process, and in this one', async () => {
  const path = await withSpare();
  if (path === null) return;
  const other = child('hold', publishedPath(path));
  expect(await other.next()).toBe('2');
  const here = await open(publishedPath(path), { readOnly: true });
  for (const id of ['c', 'd', 'e']) {
    await add(path, id);
    await publishBeside(path, SPARE);
  }
  other.send();
  expect(await other.next()).toBe('2');
  expect((await here.query('select count(*) from main.completions')).rows).toEqual([[2n]]);
  expect(await count(path)).toBe(5n);
  await here.close();
  await add(path, 'f');
  await publishBeside(path, SPARE);
  other.send();
  expect(await other.next()).toBe('2');
});

test('in this process alone, where no lock of the system tells', async () => {
  const path = await withSpare();
  if (path === null) return;
  const here = await open(publishedPath(path), { readOnly: true });
  const held = await inode(publishedPath(path));
  for (const id of ['c', 'd']) {
    await add(path, id);
    await publishBeside(path, SPARE);
  }
  expect((await here.query('select count(*) from main.completions')).rows).toEqual([[2n]]);
  expect(await inode(publishedPath(path))).not.toBe(held);
});

test('one that is of no use is done without: damaged, of other settings, or switched off', async () => {
  const path = await withSpare();
  if (path === null) return;
  await writeFile(spareOf(path), 'x'.repeat(500_000));
  await add(path, 'c');
  expect((await publishBeside(path, SPARE)).wholeBecause).toBeNull();
  expect(await count(path)).toBe(3n);

  expect((await publishBeside(path, { ...SPARE, publishedContent: 'full' })).wholeBecause).toMatch(/CONTENT/);
  await expect(stat(spareOf(path))).rejects.toThrow(/ENOENT/);
  await publishBeside(path, { ...SPARE, publishedContent: 'full' });
  await stat(spareOf(path));
  await publishBeside(path, { publishedContent: 'full' });
  await expect(stat(spareOf(path))).rejects.toThrow(/ENOENT/);
});

test('a file of somebody else in the place of the copy is refused, whatever spare file lies beside it', async () => {
  const path = await withSpare();
  if (path === null) return;
  const to = publishedPath(path);
  const instance = await DuckDBInstance.create(`${path}.foreign`);
  const connection = await instance.connect();
  await connection.run('create table mine as select 42 as answer');
  connection.closeSync();
  instance.closeSync();
  await rename(`${path}.foreign`, to);
  const before = await hashOf(to);
  await add(path, 'c');
  await expect(publishBeside(path, SPARE)).rejects.toThrow(/no published copy: nothing was changed/);
  expect(await hashOf(to)).toBe(before);
});

test('kill -9 at any step while it is written to: the present copy stays, or the new one is there, and the next one is whole', async () => {
  const path = await withSpare();
  if (path === null) return;
  const steps = ['created', 'copied days', 'copied state', 'committed', 'written', 'spare kept', 'in place'];
  for (const [index, step] of steps.entries()) {
    const before = Number(await count(path));
    await add(path, `after-${index}`);
    expect(await child('publish', path, step, 'spare').ended).toBe('SIGKILL');
    expect(await count(path)).toBe(BigInt(step === 'in place' ? before + 1 : before));
    await add(path, `then-${index}`);
    // Twice, so that both files were written to.
    for (let round = 0; round < 2; round++) {
      await publishBeside(path, SPARE);
      expect(await count(path)).toBe(BigInt(before + 2));
      expect(await inode(spareOf(path))).not.toBe(await inode(publishedPath(path)));
    }
    expect((await readdir(dirname(path))).filter((name) => name.includes('.new-'))).toEqual([]);
  }
});
