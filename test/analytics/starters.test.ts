/** What comes with it to begin with, on a real published copy: starters for other tools, examples in SQL, the keys of tables. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { queryExamples } from '../../src/cli/query-examples.ts';
import type { SqlParameters } from '../../src/warehouse/engine/session.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { type DescribedTable, describeTables, fullName } from '../../src/warehouse/read/describe.ts';
import { TABLE_KEYS } from '../../src/warehouse/read/table-keys.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { projectRoot } from '../support/shell.ts';
import { copyTemplate } from '../support/templates.ts';
import { publishBeside, publishedPath, REAL_MARTS } from '../warehouse/publishing.ts';
import { fill, PRICES } from './reports-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenhouse-starters-'));
const path = join(folder, 'tokenhouse.duckdb');
let copy: WarehouseFile;
let tables: ReadonlyMap<string, DescribedTable>;

beforeAll(async () => {
  await copyTemplate('priced', path);
  const warehouse = await openWarehouse({ path, content: 'full', waitSeconds: 0, prices: PRICES });
  await fill(warehouse);
  await warehouse.close();
  await publishBeside(path, { marts: REAL_MARTS });
  copy = await openWarehouse({ path: publishedPath(path), content: 'full', waitSeconds: 0, readOnly: true });
  tables = new Map((await describeTables(copy)).map((table) => [fullName(table), table]));
});

afterAll(async () => {
  await copy.close();
  rmSync(folder, { recursive: true, force: true });
});

const starter = (name: string): string => readFileSync(join(projectRoot, 'sql/starters', name), 'utf8');

/** Names of the columns; it must have rows, or it would prove little, but where nothing is wrong. */
async function ran(sql: string, about: string, parameters?: SqlParameters): Promise<readonly string[]> {
  const { columns, rows } = await copy.query(sql, parameters).catch((error: unknown) => {
    throw new Error(`${about}: ${String(error)}`);
  });
  if (!about.includes('complete')) expect(rows.length, about).toBeGreaterThan(0);
  return columns.map(({ name }) => name);
}

test('no two rows of a table agree in its key, and all columns of keys are there', async () => {
  for (const [name, key] of Object.entries(TABLE_KEYS)) {
    const known = tables.get(name)?.columns.map((column) => column.name);
    expect(known, name).toEqual(expect.arrayContaining([...key]));
    const { rows } = await copy.query(
      `select count(*) from (select 1 from ${name} group by ${key.join(', ')} having count(*) > 1)`,
    );
    expect([name, rows[0]?.[0]]).toEqual([name, 0n]);
  }
  // What has none is one row, a log, or rows that may be alike.
  const without = [...tables.keys()].filter((name) => TABLE_KEYS[name] === undefined);
  expect(without.sort()).toEqual([
    'main.model_prices',
    'marts.as_of',
    'marts.focus_charges',
    'marts.usage_costs_daily',
    'sync.changes',
    'sync.coverage',
    'sync.gaps',
    'sync.publication',
    'sync.rejected',
  ]);
});

test('each example of `query --examples` runs on the copy', async () => {
  for (const { name, sql } of queryExamples()) await ran(sql, name);
});

test('the Evidence page asks its sources, and shows columns that these have', async () => {
  const sources = 'evidence/sources/tokenhouse';
  const { name, type, options } = parse(starter(`${sources}/connection.yaml`));
  expect({ name, type, options }).toEqual({
    name: 'tokenhouse',
    type: 'duckdb',
    options: { filename: basename(publishedPath(path)) },
  });
  const files = readdirSync(join(projectRoot, 'sql/starters', sources)).filter((file) =>
    file.endsWith('.sql'),
  );
  const made = new Map(files.map((file) => [file.replace('.sql', ''), starter(`${sources}/${file}`)]));
  for (const [file, sql] of made) await ran(sql, file);

  const page = starter('evidence/pages/tokenhouse.md');
  const columns = new Map<string, readonly string[]>();
  const asked = new Set<string>();
  for (const [, query = '', sql = ''] of page.matchAll(/^```sql (\w+)\n([\s\S]*?)^```$/gm)) {
    // Evidence has each source as a table; here it is its SQL.
    const over = sql
      .replace(/\$\{inputs\.key\.value\}/g, 'team')
      .replace(/\btokenhouse\.(\w+)/g, (_, source: string) => {
        asked.add(source);
        return `(${made.get(source) ?? `no source ${source}`})`;
      });
    columns.set(query, await ran(over, query));
  }
  expect([...asked].sort()).toEqual([...made.keys()].sort());
  const shown = [...page.matchAll(/<(\w+) data=\{(\w+)\}([^>]*)>((?:\s*<Column [^>]*>)*)/g)];
  expect(shown.length).toBe(8);
  for (const [, component, query = '', attributes = '', inner = ''] of shown) {
    const named = [
      ...[...attributes.matchAll(/\b(?:x|y|series|value|name)=(\w+)/g)].map(([, column]) => column),
      ...[...attributes.matchAll(/'(\w+)'/g)].map(([, column]) => column),
      ...[...inner.matchAll(/id=(\w+)/g)].map(([, column]) => column),
    ];
    expect(named.length, component).toBeGreaterThan(0);
    expect(columns.get(query), `${component} of ${query}`).toEqual(expect.arrayContaining(named));
  }
});

test('each question for Metabase runs, with its filters and without', async () => {
  const questions = [
    ...starter('metabase.sql').matchAll(/^-- Question: (.+)\n-- Display: (.+)\n((?:(?!-- ).*\n)+)/gm),
  ];
  expect(questions.length).toBe(8);
  const VALUES: Readonly<Record<string, string>> = {
    since: "'2026-11-10'",
    model: "'gpt-4.1-2025-04-14'",
    key: "'env'",
  };
  for (const [, title = '', display = '', text = ''] of questions) {
    const sql = text.trim().replace(/;$/, '');
    expect(sql.includes(';'), title).toBe(false);
    const columns = await ran(sql.replace(/\[\[.*?\]\]/g, ''), title);
    // "stacked bar, created_date by model"
    const named = display.split(', ')[1]?.split(' by ') ?? [];
    expect(columns, title).toEqual(expect.arrayContaining(named));
    if (!sql.includes('[[')) continue;
    const filtered = sql
      .replace(/\[\[(.*?)\]\]/g, '$1')
      .replace(/\{\{(\w+)\}\}/g, (_, name: string) => VALUES[name] ?? `no value for ${name}`);
    await ran(filtered, `${title}, filtered`);
  }
});

test('each table and column of the sources for dbt is there', () => {
  const columnShape = z.strictObject({
    name: z.string(),
    description: z.string().optional(),
    data_tests: z.array(z.unknown()).optional(),
  });
  const shape = z.strictObject({
    version: z.literal(2),
    sources: z.tuple([
      z.strictObject({
        name: z.literal('tokenhouse'),
        database: z.string(),
        schema: z.literal('marts'),
        description: z.string(),
        tables: z.array(
          z.strictObject({
            name: z.string(),
            description: z.string().optional(),
            config: z.strictObject({ loaded_at_field: z.string(), freshness: z.unknown() }).optional(),
            columns: z.array(columnShape),
          }),
        ),
      }),
    ]),
  });
  const { sources } = shape.parse(parse(starter('dbt/sources.yml')));
  const [{ schema, tables: named }] = sources;
  for (const { name, config, columns } of named) {
    const known = tables.get(`${schema}.${name}`)?.columns.map((column) => column.name);
    const asked = [...columns.map((column) => column.name), ...(config ? [config.loaded_at_field] : [])];
    expect(known, name).toEqual(expect.arrayContaining(asked));
    // Tests of one column hold where that is the key.
    const unique = columns
      .filter(({ data_tests }) => data_tests?.includes('unique'))
      .map((column) => column.name);
    if (unique.length > 0) expect(TABLE_KEYS[`${schema}.${name}`]).toEqual(unique);
  }
});

test('the notebook is one as nbformat 4.5 has it, its SQL runs, and so does its Python where DuckDB is there', async () => {
  const source = z.array(z.string());
  const shape = z.strictObject({
    nbformat: z.literal(4),
    nbformat_minor: z.literal(5),
    metadata: z.object({ kernelspec: z.object({ name: z.literal('python3') }) }),
    cells: z.array(
      z.discriminatedUnion('cell_type', [
        z.strictObject({ cell_type: z.literal('markdown'), id: z.string(), metadata: z.object({}), source }),
        z.strictObject({
          cell_type: z.literal('code'),
          id: z.string(),
          metadata: z.object({}),
          source,
          // Nothing of anybody's data is left in it.
          execution_count: z.null(),
          outputs: z.tuple([]),
        }),
      ]),
    ),
  });
  const { cells } = shape.parse(JSON.parse(starter('notebook.ipynb')));
  const ids = cells.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  const code = cells.flatMap((cell) =>
    cell.cell_type === 'code' ? [{ id: cell.id, text: cell.source.join('') }] : [],
  );
  for (const { id, text } of code) {
    const statements = [...text.matchAll(/"""([\s\S]*?)"""/g)].map(([, sql]) => sql ?? '');
    expect(statements.length, id).toBe(1);
    for (const sql of statements) {
      await ran(sql, id === 'coverage' ? 'complete' : id, sql.includes('$key') ? { key: 'team' } : undefined);
    }
  }
  const python = (text: string) =>
    spawnSync('python3', ['-c', text], {
      encoding: 'utf8',
      input: JSON.stringify(code.map(({ text: cell }) => cell)),
      env: { ...process.env, PUBLISH_TO: publishedPath(path) },
    });
  const isThere = python('import duckdb').status === 0;
  const work = isThere ? 'exec(cell, names)' : 'compile(cell, "cell", "exec")';
  const ended = python(`import json, sys\nnames = {}\nfor cell in json.load(sys.stdin): ${work}`);
  // No Python at all is no failure of the notebook.
  if ((ended.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return;
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
});
