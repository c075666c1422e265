/** Warehouses that earlier programs have written, kept in test/fixtures/warehouses: each opens, keeps what it holds and goes on. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { knownMigrations } from '../../src/warehouse/engine/statements.ts';
import { run } from '../cli/support.ts';
import { compare, houseOf } from '../support/house.ts';
import { open, openTemporary, rows, temporaryPath } from './support.ts';

const FOLDER = new URL('../fixtures/warehouses/', import.meta.url);
const FIXTURES = readdirSync(FOLDER).flatMap((name) => /^schema-(.+)\.duckdb\.gz$/.exec(name)?.[1] ?? []);
/** The first three migrations landed together. */
const FIRST_SCHEMA = 3;
const NEW_ROWS = 30;

const unpack = (fixture: string, path: string): void =>
  writeFileSync(path, gunzipSync(readFileSync(new URL(`schema-${fixture}.duckdb.gz`, FOLDER))));

/** Rows of a query, by DuckDB alone. */
async function ask(path: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const instance = await DuckDBInstance.fromCache(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Every table that a sync writes, with the columns it has now, as queries. */
async function queriesOf(path: string): Promise<readonly string[]> {
  const tables = await ask(
    path,
    `select schema_name || '.' || table_name, string_agg('"' || column_name || '"', ', ' order by column_index)
     from duckdb_columns()
     where schema_name || '.' || table_name in (select schema_name || '.' || table_name from duckdb_tables())
       and table_name not in ('migrations', 'editions', 'model_prices', 'changes') and not internal
     group by all order by all`,
  );
  return tables.map(([table, columns]) => `select ${columns} from ${table} order by all`);
}

const CATALOG = `select schema_name, table_name, column_name, data_type, is_nullable, comment
  from duckdb_columns() where database_name = current_database() and not internal
  order by schema_name, table_name, column_index`;

test.each(FIXTURES)('schema %s: all it holds is there, a sync goes on, a report runs', async (fixture) => {
  const path = await temporaryPath();
  unpack(fixture, path);
  const queries = await queriesOf(path);
  expect(queries.length).toBeGreaterThanOrEqual(12);
  const before = await Promise.all(queries.map((sql) => ask(path, sql)));
  const [[held, covered] = []] = await ask(
    path,
    'select (select count(*)::integer from main.completions), (select max(to_second)::integer from sync.coverage)',
  );
  expect(held).toBe(24);

  await (await open(path)).close();
  expect(await Promise.all(queries.map((sql) => ask(path, sql)))).toEqual(before);
  const fresh = await openTemporary();
  const migrated = await open(path);
  expect(await rows(migrated, CATALOG)).toEqual(await rows(fresh, CATALOG));
  const migrations = 'select number, name from sync.migrations order by number';
  expect(await rows(migrated, migrations)).toEqual(knownMigrations());
  await Promise.all([fresh.close(), migrated.close()]);

  const now = Number(covered) + 3 * 86_400;
  const house = await houseOf({ rows: NEW_ROWS, seed: 2, generate: { endSeconds: now - 7_200 } });
  house.now = now;
  copyFileSync(path, house.path);
  const { code, report } = await house.sync();
  expect({ code, inserted: report.rows_inserted }).toEqual({ code: EXIT.landed, inserted: NEW_ROWS });
  const { lost, twice, rows: count } = await compare(house);
  expect({ lost, twice, count }).toEqual({ lost: [], twice: 0, count: 24 + NEW_ROWS });
  // Of the rows that were there and of the new ones.
  const usage = await house.tokenhouse(['--json', 'report', 'usage', '--since', '60d', '--by', 'source']);
  expect(usage).toMatchObject({ code: EXIT.landed, stderr: '' });
  expect(usage.stdout).toMatch(/"completions": ?54\b/);
});

test('a backup of an old schema is put back as one of this schema', async () => {
  const backup = await temporaryPath('backup.duckdb');
  unpack('3', backup);
  const path = await temporaryPath();
  const { stdout } = await run(['restore', '--warehouse', path, backup]);
  expect(stdout).toContain('24 completions');
  expect(await ask(path, 'select max(number), count(*)::integer from sync.migrations')).toEqual([
    [knownMigrations().length, knownMigrations().length],
  ]);
});

test('each schema before the newest one has a warehouse here', () => {
  const missing = knownMigrations()
    .map(({ number }) => String(number))
    .slice(FIRST_SCHEMA - 1, -1)
    .filter((number) => !FIXTURES.includes(number));
  // Made by the program as it was before the migration: node test/fixtures/make-warehouse.ts NUMBER CHECKOUT
  expect(missing).toEqual([]);
});

test.each(FIXTURES)('schema %s is the schema that its name says', async (fixture) => {
  const path = await temporaryPath();
  unpack(fixture, path);
  const numbers = await ask(path, 'select number from sync.migrations order by number');
  expect(numbers.at(-1)).toEqual([Number.parseInt(fixture, 10)]);
});
