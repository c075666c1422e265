/** Who may read what is written, under the umasks of a usual and of a careful user. */
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryPath } from '../warehouse/support.ts';

const startMask = process.umask();
afterEach(() => {
  process.umask(startMask);
});

/** The program as in a process that was started with this umask: it keeps what that was. */
async function startedWith(umask: number) {
  process.umask(umask);
  vi.resetModules();
  return { ...(await import('./support.ts')), ...(await import('../warehouse/support.ts')) };
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

async function modesIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await modeOf(join(folder, name))])),
  );
}

test.each([
  { umask: 0o022, folder: '755', file: '644' },
  { umask: 0o077, folder: '700', file: '600' },
])(
  'umask $umask: rows are for their owner, what is made for readers follows it',
  async ({ umask, ...expected }) => {
    const home = dirname(await temporaryPath());
    const { batch, completion, observe, open, run, startRun, T0 } = await startedWith(umask);
    const path = join(home, 'new/data/warehouse.duckdb');
    const warehouse = await open(path, { memoryLimit: '64MB' });
    const load = async (id: string) =>
      warehouse.load(batch(await startRun(warehouse), { items: [observe(completion(id, T0))] }));
    await load('a');
    expect(await modesIn(dirname(path))).toEqual({
      'warehouse.duckdb': '600',
      'warehouse.duckdb.wal': '600',
    });
    await warehouse.query('checkpoint');
    await load('b');
    await warehouse.query('create temp table long as select random()::varchar as a from range(2000000)');
    expect(await modesIn(dirname(path))).toEqual({
      'warehouse.duckdb': '600',
      'warehouse.duckdb.tmp': '700',
      'warehouse.duckdb.wal': '600',
    });
    const spilled = Object.values(await modesIn(`${path}.tmp`));
    expect(new Set(spilled)).toEqual(new Set(['600']));
    await warehouse.close();

    const tokenhouse = async (...args: readonly string[]) => {
      const { code, stderr } = await run([...args, '--warehouse', path]);
      expect([code, stderr]).toEqual([0, '']);
    };
    await tokenhouse('publish');
    expect(await modeOf(dirname(path))).toBe(expected.folder);
    expect(await modeOf(dirname(dirname(path)))).toBe(expected.folder);
    expect(await modeOf(join(dirname(path), 'warehouse.published.duckdb'))).toBe(expected.file);

    const exportOf = async (folder: string, table: string) => ({
      top: await modeOf(join(home, folder)),
      manifest: await modeOf(join(home, folder, '_tokenhouse_export.json')),
      table: await modeOf(join(home, folder, table)),
      file: await modeOf(join(home, folder, table, 'created_date=2025-01-01/data.parquet')),
    });
    const follows = {
      top: expected.folder,
      manifest: expected.file,
      table: expected.folder,
      file: expected.file,
    };
    await tokenhouse('export', '--to', join(home, 'usage'));
    expect(await exportOf('usage', 'completion_usage')).toEqual(follows);
    await tokenhouse('export', '--to', join(home, 'text'), '--live', '--table', 'main.completions');
    expect(await exportOf('text', 'completions')).toEqual({
      top: '700',
      manifest: '600',
      table: '700',
      file: '600',
    });
    await tokenhouse('export', '--to', join(home, 'costs'), '--live', '--table', 'marts.usage_daily');
    expect(await exportOf('costs', 'marts.usage_daily')).toEqual(follows);
  },
);

test('doctor warns of what others may read, with the commands that end it', async () => {
  const { run } = await startedWith(0o022);
  const path = await temporaryPath();
  const folder = dirname(path);
  const envFile = join(folder, "it's.env");
  await writeFile(envFile, '', { mode: 0o640 });
  await mkdir(`${path}.queue`, { mode: 0o755 });
  const permissions = async () => {
    const { stdout } = await run([
      '--settings',
      envFile,
      '--warehouse',
      path,
      '--json',
      'doctor',
      '--offline',
    ]);
    const { probes } = JSON.parse(stdout) as { probes: readonly { name: string }[] };
    return probes.find(({ name }) => name === 'permissions');
  };
  // The folder is for its owner alone, so nobody else comes that far.
  expect(await permissions()).toMatchObject({ status: 'ok', mend: null });
  await chmod(folder, 0o711);
  expect(await permissions()).toMatchObject({
    status: 'warn',
    what: `other users of this machine may read ${envFile}, ${path}.queue`,
    mend: `chmod 600 '${folder}/it'\\''s.env'; chmod 700 ${path}.queue`,
  });
  await chmod(envFile, 0o600);
  await chmod(`${path}.queue`, 0o700);
  expect(await permissions()).toMatchObject({ status: 'ok' });
});
