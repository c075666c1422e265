import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { madeOnce } from '../support/once.ts';
import { publishBeside, REAL_MARTS } from '../warehouse/publishing.ts';
import { batch, completion, observe, open, startRun, temporaryPath } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

const DAY = 86_400;
const item = (id: string, day: number, version = '1') =>
  observe(
    completion(id, T0 + day * DAY, {
      metadata: { team: 'search', version },
      seed: 42,
    }),
    (T0 + Number(version)) * 1000,
  );

async function add(path: string, ...items: ReturnType<typeof item>[]): Promise<void> {
  const warehouse = await open(path);
  await warehouse.load(batch(await startRun(warehouse), { items }));
  await warehouse.close();
}

async function fresh(): Promise<string> {
  const path = await filled({ items: [item('a', 0), item('b', 0), item('c', 1), item('d', 5)] });
  await publishBeside(path, { marts: REAL_MARTS });
  return path;
}
const made = madeOnce(fresh);

/**
 * A warehouse with four rows on three days, its copy, and a folder that is not there yet.
 *
 * @param start `fresh` for who publishes again: a copied copy would be made as a whole.
 */
async function published(start = made) {
  const path = await start();
  const to = join(await temporaryPath('x'), '..', 'out');
  const exported = async (...args: readonly string[]) => {
    const ran = await run(['export', '--warehouse', path, '--to', to, '--json', ...args]);
    if (ran.code !== 0) throw new Error(ran.stderr);
    return JSON.parse(ran.stdout);
  };
  const publish = () => publishBeside(path, { marts: REAL_MARTS });
  return { path, to, exported, publish };
}

/** What any client of DuckDB reads from files. */
async function read(sql: string): Promise<readonly (readonly unknown[])[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run("set TimeZone = 'UTC'");
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const files = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => /data\./.test(name)).sort();

test('a file a day and table, of the default tables; Parquet that says what the tables say', async () => {
  const { path, to, exported } = await published();
  expect(await exported()).toMatchObject({ format: 'parquet', files: 9, files_kept: 0, files_removed: 0 });
  expect(await files(to)).toEqual(
    ['completion_metadata', 'completion_usage', 'marts.completions'].flatMap((table) =>
      ['2025-01-01', '2025-01-02', '2025-01-06'].map((day) => `${table}/created_date=${day}/data.parquet`),
    ),
  );
  const copy = path.replace('.duckdb', '.published.duckdb');
  const all = `'${to}/marts.completions/*/*.parquet', hive_partitioning = true`;
  const attached = `attach '${copy}' as held (read_only)`;
  const names = await read(`${attached}; select column_name from (describe held.marts.completions)`);
  const columns = names.flat().join(', ');
  expect(names.length).toBeGreaterThan(40);
  const both = [
    `select ${columns} from held.marts.completions`,
    `select ${columns} from read_parquet(${all})`,
  ];
  for (const [one, other] of [both, both.toReversed()]) {
    expect(await read(`${attached}; ${one} except all ${other}`)).toEqual([]);
  }
  expect(
    await read(`select column_type from (describe from read_parquet(${all}))
      where column_name in ('created_date', 'tags', 'created_at', 'list_cost_usd') order by column_name`),
  ).toEqual([['TIMESTAMP WITH TIME ZONE'], ['DATE'], ['DECIMAL(38,12)'], ['MAP(VARCHAR, VARCHAR)']]);
  expect(await read(`select distinct compression from parquet_metadata('${to}/*/*/*.parquet')`)).toEqual([
    ['ZSTD'],
  ]);
});

test('the next one writes the days that changed, and no others', async () => {
  const { path, to, exported, publish } = await published(fresh);
  await exported();
  expect(await exported()).toMatchObject({ files: 0, files_kept: 9 });
  const kept = await stat(join(to, 'completion_usage/created_date=2025-01-01/data.parquet'));
  await add(path, item('e', 1), item('f', 7), item('d', 5, '2'));
  await publish();
  expect(await exported()).toMatchObject({ files: 9, files_kept: 3 });
  expect(await read(`select count(*)::integer from '${to}/completion_usage/*/*.parquet'`)).toEqual([[6]]);
  expect(
    await read(
      `select value from '${to}/completion_metadata/created_date=2025-01-06/*.parquet' where key = 'version'`,
    ),
  ).toEqual([['2']]);
  expect((await stat(join(to, 'completion_usage/created_date=2025-01-01/data.parquet'))).ino).toBe(kept.ino);
});

test('a file that was lost or cut, and a folder without its manifest, are written again', async () => {
  const { to, exported } = await published();
  await exported();
  await rm(join(to, 'completion_usage/created_date=2025-01-01/data.parquet'));
  await writeFile(join(to, 'completion_usage/created_date=2025-01-02/data.parquet'), 'PAR1');
  expect(await exported()).toMatchObject({ files: 2 });
  await rm(join(to, '_tokenhouse_export.json'));
  expect(await exported()).toMatchObject({ files: 9 });
  await writeFile(join(to, '_tokenhouse_export.json'), '{"version":');
  expect(await exported()).toMatchObject({ files: 9 });
});

test('a day without rows any more loses its file; what somebody else put there stays', async () => {
  const { path, to, exported, publish } = await published(fresh);
  await exported();
  const warehouse = await open(path);
  await warehouse.query("delete from main.completion_usage where completion_id = 'c'");
  await warehouse.query(
    "insert into sync.changes (change_number, change_id, created_date) select max(change_number) + 1, uuid()::varchar, date '2025-01-02' from sync.changes",
  );
  await warehouse.close();
  await publish();
  await mkdir(join(to, 'completion_usage/created_date=1999-01-01'), { recursive: true });
  await writeFile(join(to, 'completion_usage/created_date=1999-01-01/data.parquet'), 'of an older warehouse');
  await writeFile(join(to, 'completion_usage/created_date=2025-01-02/notes.txt'), 'mine');
  const { tables } = await exported();
  expect(tables.find(({ table }: { table: string }) => table === 'completion_usage')).toMatchObject({
    files_removed: 2,
    files: 0,
  });
  expect(await readdir(join(to, 'completion_usage'))).not.toContain('created_date=1999-01-01');
  expect(await readdir(join(to, 'completion_usage/created_date=2025-01-02'))).toEqual(['notes.txt']);
});

test('what another export left half-written is neither read nor kept', async () => {
  const { to, exported } = await published();
  await mkdir(join(to, 'completion_usage/created_date=2025-01-01'), { recursive: true });
  await writeFile(join(to, 'completion_usage/created_date=2025-01-01/.data.part-12345678'), 'half');
  await exported('--table', 'completion_usage');
  expect(await readdir(join(to, 'completion_usage/created_date=2025-01-01'))).toEqual(['data.parquet']);
});

test('--since and --until choose days and leave the others alone', async () => {
  const { to, exported } = await published();
  const usage = ['--table', 'completion_usage'];
  await exported(...usage, '--since', '2025-01-02', '--until', '2025-01-06');
  expect(await files(to)).toEqual(['completion_usage/created_date=2025-01-02/data.parquet']);
  await exported(...usage, '--since', '2025-01-02T12:00:00Z');
  expect(await files(to)).toHaveLength(2);
  expect(await exported(...usage)).toMatchObject({ files: 1, files_kept: 2 });
});

test('another warehouse in the folder: all is written, and its days go', async () => {
  const { to, exported } = await published();
  await exported('--table', 'completion_usage');
  const other = await filled({ items: [item('z', 1)] });
  await publishBeside(other, { marts: REAL_MARTS });
  await run(['export', '--warehouse', other, '--to', to, '--table', 'completion_usage']);
  expect(await files(to)).toEqual(['completion_usage/created_date=2025-01-02/data.parquet']);
});

test('CSV and JSON lines are exact, with times in ISO and maps as JSON', async () => {
  const { to, exported } = await published();
  await exported('--format', 'csv', '--table', 'marts.completions', 'completions');
  const csv = await readFile(join(to, 'marts.completions/created_date=2025-01-06/data.csv'), 'utf8');
  const [header, line] = csv.split('\n');
  expect(header).toMatch(/^source,completion_id,created_at,/);
  expect(line).toContain('test,d,2025-01-06T00:00:00.000000Z');
  expect(line).toContain('"{""team"":""search"",""version"":""1""}"');
  const folder = join(to, '..', 'lines');
  await exported('--format', 'ndjson', '--table', 'marts.completions', '--to', folder);
  const [row] = (
    await readFile(join(folder, 'marts.completions/created_date=2025-01-06/data.ndjson'), 'utf8')
  ).split('\n');
  expect(JSON.parse(String(row))).toMatchObject({
    completion_id: 'd',
    created_at: '2025-01-06T00:00:00.000000Z',
    total_tokens: 15,
    tags: { team: 'search', version: '1' },
  });
  await expect(exported('--format', 'parquet')).rejects.toThrow(/holds an export as csv/);
});

test('text is in the files only where it is in what is read', async () => {
  const { to, exported } = await published(fresh);
  const one = ['--table', 'completion_choices'];
  await exported(...one);
  const contents = `select count(content)::integer from '${to}/completion_choices/*/*.parquet'`;
  expect(await read(contents)).toEqual([[0]]);
  await exported(...one, '--live');
  expect(await read(contents)).toEqual([[4]]);
});

test.each([
  [['--table', 'nope'], 2, /--table names nothing with created_at.*completion_usage/],
  [['--table', 'sync.runs'], 2, /--table names nothing/],
  [['--since', '2025-01-02', '--until', '2025-01-01'], 2, /--since is not before --until/],
  [['--format', 'xlsx'], 2, /parquet, csv, ndjson/],
])('%j is told plainly', async (args, code, words) => {
  const { path, to } = await published();
  const ran = await run(['export', '--warehouse', path, '--to', to, ...args]);
  expect(ran.code).toBe(code);
  expect(ran.stderr).toMatch(words);
});

test('a file where the folder should be is told, and people read what was written', async () => {
  const { path, to } = await published();
  await writeFile(`${to}.txt`, '');
  expect((await run(['export', '--warehouse', path, '--to', `${to}.txt`])).stderr).toMatch(/is no folder/);
  const { stdout } = await run(['export', '--warehouse', path, '--to', to, '--table', 'completion_usage']);
  expect(stdout).toMatch(/^completion_usage: 3 days written, 4 rows, [\d.]+ kB\n/);
});
