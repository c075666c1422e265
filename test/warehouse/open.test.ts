import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { TerminalError } from '../../src/errors.ts';
import { knownMigrations } from '../../src/warehouse/engine/statements.ts';
import { batch, completion, observe, open, rows, startRun, T0, temporaryPath, value } from './support.ts';

/** Runs SQL on a file as another program would, and closes it. */
async function asAnotherProgram(path: string, ...sql: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.fromCache(path);
  const connection = await instance.connect();
  try {
    for (const text of sql) await connection.run(text);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const files = (path: string): readonly string[] => readdirSync(dirname(path)).sort();

test('a missing file is created with its folders and migrated; opening it again migrates nothing', async () => {
  const path = (await temporaryPath()).replace('warehouse.duckdb', 'new/folder/warehouse.duckdb');
  const first = await open(path, { nowMs: () => T0 * 1000 });
  const applied = await rows(first, 'select number, name, applied_at from sync.migrations order by number');
  expect(applied).toEqual(
    knownMigrations().map(({ number, name }) => ({ number, name, applied_at: '2025-01-01T00:00:00Z' })),
  );
  await first.close();
  const second = await open(path);
  expect(await rows(second, 'select number, name, applied_at from sync.migrations order by number')).toEqual(
    applied,
  );
  await second.close();
  expect(files(path)).toEqual(['warehouse.duckdb']);
});

test('a file in the storage format of an older DuckDB keeps its rows, and is brought to the one whose checkpoints cost what changed', async () => {
  const path = await temporaryPath();
  const format = "select tags['storage_version'] from duckdb_databases() where database_name = 'dest'";
  await (await open(path)).close();
  const old = `${path}.old`;
  await asAnotherProgram(
    ':memory:',
    `attach '${path}' as new (read_only)`,
    `attach '${old}' as old`,
    'copy from database new to old',
  );
  renameSync(old, path);
  const warehouse = await open(path);
  await warehouse.load(batch(await startRun(warehouse), { items: [observe(completion('a', T0))] }));
  expect(await value(warehouse, format)).toBe('v1.4.0+');
  await warehouse.close();
  const again = await open(path, { readOnly: true });
  expect(await value(again, format)).toBe('v1.4.0+');
  expect(await value(again, 'select count(*) from completions')).toBe(1n);
  await again.close();
});

test('a file of a newer program is refused, writing or reading', async () => {
  const path = await temporaryPath();
  await (await open(path)).close();
  await asAnotherProgram(path, "insert into sync.migrations values (9999, 'future', to_timestamp(0))");
  const before = readFileSync(path);
  await expect(open(path)).rejects.toThrow(/newer Tokenhouse \(schema 9999.*Update Tokenhouse/);
  await expect(open(path, { readOnly: true })).rejects.toThrow(TerminalError);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a DuckDB file of another program is refused and not a byte of it changes, its .wal included', async () => {
  const path = await temporaryPath();
  const instance = await DuckDBInstance.fromCache(path, { checkpoint_threshold: '1GB' });
  const connection = await instance.connect();
  await connection.run('create schema sync; create table sync.migrations (number integer); checkpoint');
  await connection.run('pragma disable_checkpoint_on_shutdown');
  await connection.run('insert into sync.migrations values (1), (2)');
  connection.closeSync();
  instance.closeSync();
  expect(files(path)).toEqual(['warehouse.duckdb', 'warehouse.duckdb.wal']);
  const before = files(path).map((name) => readFileSync(`${dirname(path)}/${name}`));
  await expect(open(path)).rejects.toThrow(/another program.*WAREHOUSE/);
  await expect(open(path, { readOnly: true })).rejects.toThrow(/another program/);
  const after = files(path).map((name) => readFileSync(`${dirname(path)}/${name}`));
  expect(after.map((bytes, index) => bytes.equals(before[index] ?? Buffer.alloc(0)))).toEqual([true, true]);
});

test.each([
  ['a text file', Buffer.from('id,created\n1,2\n')],
  ['an SQLite file', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8192)])],
])('%s is refused and stays as it is', async (_, bytes) => {
  const path = await temporaryPath();
  writeFileSync(path, bytes);
  await expect(open(path)).rejects.toThrow(/is not a DuckDB file/);
  await expect(open(path)).rejects.toThrow(TerminalError);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(files(path)).toEqual(['warehouse.duckdb']);
});

test('a file of no bytes, as mktemp makes it, becomes a warehouse', async () => {
  const path = await temporaryPath();
  writeFileSync(path, '');
  const warehouse = await open(path);
  await startRun(warehouse);
  await warehouse.close();
  expect(statSync(path).size).toBeGreaterThan(0);
});

test('a .wal without its file is not thrown away', async () => {
  const path = await temporaryPath();
  writeFileSync(`${path}.wal`, 'rows of someone');
  await expect(open(path)).rejects.toThrow(/\.wal is there but/);
  expect(files(path)).toEqual(['warehouse.duckdb.wal']);
});

test('a folder, a path that cannot be made and a missing file to read say so', async () => {
  const path = await temporaryPath();
  await expect(open(dirname(path))).rejects.toThrow(/is a folder/);
  writeFileSync(path, 'x');
  await expect(open(`${path}/below`)).rejects.toThrow(/cannot be/);
  await expect(open(`${path}.none`, { readOnly: true })).rejects.toThrow(/tokenhouse sync.*WAREHOUSE/);
  expect(files(path)).toEqual(['warehouse.duckdb']);
});

test('two handles of one process on one file share it, and their loads take turns', async () => {
  const path = await temporaryPath();
  const [one, other] = await Promise.all([open(path), open(path)]);
  const runs = await Promise.all(
    [one, other].map((warehouse, index) =>
      warehouse.startRun({
        source: `source ${index}`,
        scope: '',
        kind: 'sync',
        range: { from: 0, to: 1 } as never,
        startedAtMs: 0,
      }),
    ),
  );
  const load = (warehouse: typeof one, index: number, id: string) =>
    warehouse.load(
      batch(runs[index] ?? '', { source: `source ${index}`, items: [observe(completion(id, T0))] }),
    );
  await Promise.all([load(one, 0, 'a'), load(other, 1, 'b'), load(one, 0, 'c'), load(other, 1, 'd')]);
  await one.close();
  expect(await value(other, 'select count(*) from main.completions')).toBe(4n);
  await other.close();
  expect(files(path)).toEqual(['warehouse.duckdb']);
});

test('closing while statements run interrupts them, ends them, and leaves no .wal', async () => {
  const path = await temporaryPath();
  const warehouse = await open(path);
  const runId = await startRun(warehouse);
  const long = warehouse.query(
    'select count(*) from range(100000000) a, range(1000) b where a.range % 7 = b.range',
  );
  const queued = warehouse.load(batch(runId, { items: [observe(completion('a', T0))] }));
  const outcomes = Promise.allSettled([long, queued]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await Promise.all([warehouse.close(), warehouse.close()]);
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(long).rejects.toThrow(/INTERRUPT/);
  await expect(queued).rejects.toThrow('the warehouse was closed');
  expect(files(path)).toEqual(['warehouse.duckdb']);
});

test('closing in the middle of a load leaves the file as before the load', async () => {
  const path = await temporaryPath();
  let closing: Promise<void> | null = null;
  const warehouse = await open(path, {
    onStep: (step) => {
      if (step === 'load/insert_completions') closing = warehouse.close();
    },
  });
  const runId = await startRun(warehouse);
  await expect(warehouse.load(batch(runId, { items: [observe(completion('a', T0))] }))).rejects.toThrow(
    'closed',
  );
  await closing;
  expect(await value(await open(path), 'select count(*) from main.completions')).toBe(0n);
});

test('a device or a pipe is refused and stays what it is', async () => {
  const path = await temporaryPath();
  execFileSync('mkfifo', [path]);
  await expect(open(path)).rejects.toThrow(/no regular file/);
  expect(statSync(path).isFIFO()).toBe(true);
});
