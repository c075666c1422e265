/** No cell of any CSV that is written here runs in a spreadsheet, and each can be told from what it would else be. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv } from '../src/analytics/csv.ts';
import { csvCell } from '../src/cli/output.ts';
import { fromSpreadsheet, spreadsheetSafe } from '../src/spreadsheet.ts';
import { statement } from '../src/warehouse/engine/statements.ts';
import { filled, run, T0 } from './cli/support.ts';
import { publishBeside, REAL_MARTS } from './warehouse/publishing.ts';
import { completion, observe, temporaryPath } from './warehouse/support.ts';
import { served } from './web/dashboard-support.ts';

test.each([
  ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
  ['+49 30 123', "'+49 30 123"],
  ['-2+3', "'-2+3"],
  ['@SUM(1)', "'@SUM(1)"],
  ['\tx', "'\tx"],
  ['\rx', "'\rx"],
  ['\nx', "'\nx"],
  ['  =1', "'  =1"],
  ['＝1', "'＝1"],
  // One that was there already gets one more.
  ["'=1", "''=1"],
  ["'quoted'", "'quoted'"],
  ['-5', '-5'],
  ['-1.50', '-1.50'],
  ['-1e-7', '-1e-7'],
  ['-Infinity', '-Infinity'],
  ["'-5", "''-5"],
  ['gpt-4.1', 'gpt-4.1'],
  ['a=b', 'a=b'],
  ['', ''],
])('%j is written as %j, and read back', (text, written) => {
  expect(spreadsheetSafe(text)).toBe(written);
  expect(fromSpreadsheet(written)).toBe(text);
});

const cells = fc.string({
  unit: fc.constantFrom(
    '=',
    '-',
    '+',
    '@',
    "'",
    ' ',
    '\t',
    '\n',
    '\r',
    '\v',
    '\u00a0',
    '\ufeff',
    '＝',
    '1',
    '.',
    'e',
    'a',
    '"',
    ',',
  ),
  maxLength: 6,
});

test('what is written can always be read back, and runs nowhere', () => {
  fc.assert(
    fc.property(cells, (text) => {
      const written = spreadsheetSafe(text);
      expect(fromSpreadsheet(written)).toBe(text);
      if (!/^[+-]?[\d.e+-]+$/.test(written)) expect(written).not.toMatch(/^\s*[=+\-@＝]|^[\t\r\n]/);
    }),
    { numRuns: 5_000 },
  );
});

test('SQL has the same rule, cell by cell', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(statement('export/spreadsheet_safe'));
  const texts = [...fc.sample(cells, 3_000), '-Infinity', '-5', '+1.5e3', '-1.'];
  const result = await connection.runAndReadAll(
    `select hex(spreadsheet_safe(cell)) from (select unnest(from_json($cells::json, '["varchar"]')) as cell)`,
    { cells: JSON.stringify(texts) },
  );
  // By their bytes: a byte order mark gets lost where a text is read.
  const hex = (text: string): string => Buffer.from(spreadsheetSafe(text)).toString('hex').toUpperCase();
  expect(result.getRows().map(([cell]) => cell)).toEqual(texts.map(hex));
  connection.closeSync();
  instance.closeSync();
});

const EVIL = "=cmd|' /C calc'!A0";

/** A warehouse whose model, metadata and answers begin like formulas. */
async function hostile(): Promise<string> {
  const path = await filled({
    items: [
      observe(
        completion('-evil-id', T0, { model: EVIL, seed: -5, metadata: { team: '@team', [EVIL]: '+1 2' } }),
      ),
    ],
  });
  await publishBeside(path, { marts: REAL_MARTS });
  return path;
}

/** Cells of CSV as any reader has them; without ours, which takes the apostrophes away. */
const cellsOf = (csv: string): readonly string[] =>
  [...csv.matchAll(/"((?:[^"]|"")*)"|([^,\r\n]+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'),
  );
const running = (csv: string): readonly string[] =>
  cellsOf(csv).filter((cell) => /^\s*[=+\-@]/.test(cell) && Number.isNaN(Number(cell)));

test('query, report, dashboard and export write such texts with an apostrophe; --raw-csv as they are', {
  timeout: 60_000,
}, async () => {
  const path = await hostile();
  const csv = async (...args: string[]) => {
    const { code, stdout, stderr } = await run([...args, '--warehouse', path]);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const sql = `select model as "=head", id, -5 as n, -1.5::decimal(4, 1) as d, {'a': 1} as s from completions`;
  const queried = await csv('query', sql, '--csv');
  expect(queried).toBe(`'=head,id,n,d,s\n'${EVIL},'-evil-id,-5,-1.5,"{""a"":1}"\n`);
  expect(await csv('query', sql, '--raw-csv')).toBe(`=head,id,n,d,s\n${EVIL},-evil-id,-5,-1.5,"{""a"":1}"\n`);
  const days = ['--since', '2025-01-01', '--until', '2025-01-02'];
  const reported = await csv('report', 'cost', '--by', 'metadata.team', '--csv', ...days);
  expect(reported).toContain("\n'@team,");
  expect(running(reported)).toEqual([]);
  expect(await csv('report', 'cost', '--by', 'metadata.team', '--raw-csv', ...days)).toContain('\n@team,');

  const url = await served(path, { nowMs: () => T0 * 1000 });
  for (const table of [
    'usage_by_group',
    'usage_by_tag',
    'usage_over_time',
    'truncation',
    'top_completions',
  ]) {
    const text = await (await fetch(`${url}/csv/${table}?range=all&key=team`)).text();
    expect(text, table).toMatch(/(^|,|\n)"?'[=@-]/);
    expect(running(text), table).toEqual([]);
  }

  const folder = join(await temporaryPath('x'), '..', 'out');
  const tables = ['marts.completions', 'completions', 'completion_metadata', 'completion_choices'];
  const exported = async (...args: string[]) => {
    await csv('export', '--to', folder, '--format', 'csv', '--table', ...tables, ...args);
    const read = (table: string) => readFile(join(folder, table, 'created_date=2025-01-01/data.csv'), 'utf8');
    return await Promise.all(tables.map(read));
  };
  const safe = await exported();
  expect(safe.map(running)).toEqual(tables.map(() => []));
  expect(safe[0]).toContain(`'${EVIL}`);
  expect(safe[1]).toContain(',-5,');
  expect(safe[2]).toContain("'@team");
  const raw = await exported('--raw-csv');
  expect(raw[2]).toMatch(/,@team\b/);
  expect(await exported()).toEqual(safe);
  const parquet = await run(['export', '--to', `${folder}-p`, '--raw-csv', '--warehouse', path]);
  expect(parquet).toMatchObject({ code: 2, stderr: expect.stringContaining('--format csv') });
});

test('what we wrote we read: an apostrophe of ours is no part of a price file', () => {
  const text = `model,price\n${csvCell('@cf/model')},-1\n`;
  expect(text).toBe("model,price\n'@cf/model,-1\n");
  expect(parseCsv(text).rows).toMatchObject([{ fields: { model: '@cf/model', price: '-1' } }]);
});
