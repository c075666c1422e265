import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { copyHeld } from '../../src/warehouse/backup/whole-file.ts';
import { detach } from '../../src/warehouse/engine/attachment.ts';
import { attachWaiting } from '../../src/warehouse/open.ts';
import { compare, complete } from '../support/house.ts';
import { killedHouse } from '../support/killed-house.ts';
import { finished, projectRoot } from '../support/shell.ts';
import { batch, completion, observe, open, startRun, value } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

const filesIn = (folder: string): readonly string[] => readdirSync(folder).sort();
const item = (id: string) => observe(completion(id, T0));

async function addTo(path: string, id: string): Promise<void> {
  const warehouse = await open(path);
  await warehouse.load(batch(await startRun(warehouse), { items: [item(id)] }));
  await warehouse.close();
}

async function idsIn(path: string): Promise<unknown> {
  const warehouse = await open(path, { readOnly: true });
  const ids = await value(warehouse, "select string_agg(id, ' ' order by id) from main.completions");
  await warehouse.close();
  return ids;
}

test('a backup has what is in the log, changes nothing, and after it is put back a sync reads what it lacks', async () => {
  const house = await killedHouse(200);
  const folder = join(dirname(house.path), 'backups');
  await mkdir(folder);
  const before = [readFileSync(house.path), readFileSync(`${house.path}.wal`)];
  const made = await house.tokenhouse(['--json', 'backup', '--to', folder]);
  expect(made).toMatchObject({ code: EXIT.landed, stderr: '' });
  const { path, completions } = JSON.parse(made.stdout) as { path: string; completions: number };
  expect(filesIn(folder)).toEqual(['warehouse-20250615T150640Z.duckdb']);
  expect(path).toBe(join(folder, 'warehouse-20250615T150640Z.duckdb'));
  expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
  expect([readFileSync(house.path), readFileSync(`${house.path}.wal`)]).toEqual(before);
  expect(completions).toBeGreaterThanOrEqual(120);
  expect(completions).toBeLessThan(200);

  expect((await house.sync()).code).toBe(EXIT.landed);
  const refused = await house.tokenhouse(['restore', path]);
  expect(refused).toMatchObject({
    code: EXIT.usage,
    stderr: expect.stringContaining('add --force, which keeps it'),
  });
  const synced = readFileSync(house.path);
  const restored = await house.tokenhouse(['--json', 'restore', path, '--force']);
  expect(restored).toMatchObject({ code: EXIT.landed, stderr: '' });
  const { aside } = JSON.parse(restored.stdout) as { aside: string };
  expect((statSync(house.path).mode & 0o777).toString(8)).toBe('600');
  expect(readFileSync(aside).equals(synced)).toBe(true);
  expect(filesIn(dirname(house.path)).filter((name) => name.startsWith('warehouse'))).toEqual([
    'warehouse.duckdb',
    basename(aside),
  ]);
  expect(await house.query('select count(*)::integer as n from main.completions')).toEqual([
    { n: completions },
  ]);

  expect((await house.sync()).code).toBe(EXIT.landed);
  expect(await compare(house)).toEqual(complete(house.emulator));
});

test('a damaged warehouse is set aside, with its log, for a backup', async () => {
  const path = await filled({ items: [item('a')] });
  const to = join(dirname(path), 'b.duckdb');
  expect((await run(['backup', '--warehouse', path, '--to', to])).code).toBe(0);
  truncateSync(path, 20_000);
  writeFileSync(`${path}.wal`, 'no log');
  expect((await run(['backup', '--warehouse', path, '--to', to, '--force'])).code).toBe(EXIT.failed);
  const { stdout } = await run(['restore', '--warehouse', path, to, '--force']);
  expect(stdout).toMatch(/1 completion\nthe warehouse that was there is .*\.aside-20250101T000000000Z now\n/);
  expect(await idsIn(path)).toBe('a');
  const aside = `${path}.aside-20250101T000000000Z`;
  expect([statSync(aside).size, readFileSync(`${aside}.wal`, 'utf8')]).toEqual([20_000, 'no log']);
});

test('a file that is there is replaced with --force only, and never one that is in use', async () => {
  const path = await filled({ items: [item('a')] });
  expect((await run(['publish', '--warehouse', path])).code).toBe(0);
  const to = join(dirname(path), 'b.duckdb');
  const backup = (...args: readonly string[]) => run(['backup', '--warehouse', path, '--to', ...args]);
  expect((await backup(to)).code).toBe(0);
  await addTo(path, 'b');
  expect(await backup(to)).toMatchObject({
    code: EXIT.usage,
    stderr: expect.stringContaining('add --force'),
  });
  expect(await idsIn(to)).toBe('a');
  expect((await backup(to, '--force')).code).toBe(0);
  expect(await idsIn(to)).toBe('a b');
  for (const used of [path, path.replace('.duckdb', '.published.duckdb')]) {
    expect(await backup(used, '--force')).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('which is in use'),
    });
  }
  expect(await backup(join(dirname(path), 'none/b.duckdb'))).toMatchObject({
    code: EXIT.usage,
    stderr: expect.stringContaining('does not exist, create it'),
  });
  expect(await idsIn(path)).toBe('a b');
  expect(filesIn(dirname(path)).filter((name) => /part|wal/.test(name))).toEqual([]);
});

test('what is no sound backup of this program is not put in place, and nothing changes', async () => {
  const path = await filled({ items: [item('a')] });
  const beside = (name: string) => join(dirname(path), name);
  expect((await run(['publish', '--warehouse', path])).code).toBe(0);
  expect((await run(['backup', '--warehouse', path, '--to', beside('sound')])).code).toBe(0);
  writeFileSync(beside('text'), 'no database');
  writeFileSync(beside('empty'), '');
  copyFileSync(beside('sound'), beside('cut'));
  truncateSync(beside('cut'), statSync(beside('cut')).size - 300_000);
  const byHand = async (name: string, sql: string) => {
    const instance = await DuckDBInstance.create(beside(name));
    const connection = await instance.connect();
    await connection.run(sql);
    connection.closeSync();
    instance.closeSync();
  };
  copyFileSync(beside('sound'), beside('newer'));
  await byHand('newer', "insert into sync.migrations values (9999, '9999_future', now())");
  await byHand('foreign', 'create table theirs (a integer)');
  const before = readFileSync(path);
  const files = filesIn(dirname(path));
  const refusals = {
    text: /backup .* is damaged/,
    empty: /is no backup/,
    cut: /backup .* is damaged/,
    newer: /newer Tokenhouse.*Update Tokenhouse/,
    foreign: /another program: nothing was changed\. Name a file that `tokenhouse backup`/,
    'warehouse.published.duckdb': /is a published copy/,
    'warehouse.duckdb': /is the warehouse itself/,
    missing: /is no backup/,
  };
  for (const [name, message] of Object.entries(refusals)) {
    const { code, stderr } = await run(['restore', '--warehouse', path, beside(name), '--force']);
    expect(code, name).not.toBe(0);
    expect(stderr, name).toMatch(message);
    expect(readFileSync(path).equals(before), name).toBe(true);
    expect(filesIn(dirname(path)), name).toEqual(files);
  }
});

test('while another process has the warehouse open there is neither backup nor restore', async () => {
  const path = await filled({ items: [item('a')] });
  const to = join(dirname(path), 'b.duckdb');
  expect((await run(['backup', '--warehouse', path, '--to', to])).code).toBe(0);
  const child = spawn(process.execPath, ['test/warehouse/crash-child.ts', path, 'hold'], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const busy = new RegExp(`in use by process ${child.pid}`);
  const late = join(dirname(path), 'late.duckdb');
  expect(await run(['backup', '--warehouse', path, '--to', late, '--wait', '0'])).toMatchObject({
    code: EXIT.failed,
    stderr: expect.stringMatching(busy),
  });
  expect(existsSync(late)).toBe(false);
  expect(await run(['restore', '--warehouse', path, to, '--force'])).toMatchObject({
    code: EXIT.failed,
    stderr: expect.stringMatching(busy),
  });
  // It waits for whoever has it, as a sync does.
  const waiting = run(['backup', '--warehouse', path, '--to', late, '--wait', '60']);
  child.kill('SIGKILL');
  expect((await waiting).code).toBe(0);
  expect(await idsIn(late)).toBe('a');
});

test('copying a file that is held keeps it held', async () => {
  const path = await filled({ items: [item('a')] });
  const held = await attachWaiting({ path, content: 'full', readOnly: true, waitSeconds: 0 });
  await copyHeld(held.path, `${path}.copy`, new AbortController().signal);
  const script = `
    import { openWarehouse } from './src/warehouse/open.ts';
    await openWarehouse({ path: ${JSON.stringify(path)}, content: 'full', waitSeconds: 0 });`;
  const other = await finished(process.execPath, ['--input-type=module-typescript', '-e', script]);
  await detach(held);
  expect(other.stderr).toContain(`in use by process ${process.pid}`);
  expect(readFileSync(`${path}.copy`).equals(readFileSync(path))).toBe(true);
});

test('a backup that is stopped leaves nothing behind', async () => {
  const path = await filled({ items: [item('a')] });
  const { backup } = await import('../../src/warehouse/backup/backup.ts');
  const stop = new AbortController();
  const to = join(dirname(path), 'b.duckdb');
  const options = { path, to, force: false, keep: [], waitSeconds: 0, nowMs: Date.now, signal: stop.signal };
  const stopped = backup(options);
  stop.abort(new Error('stopped'));
  await expect(stopped).rejects.toThrow('stopped');
  expect(filesIn(dirname(path))).toEqual(['warehouse.duckdb']);
});
