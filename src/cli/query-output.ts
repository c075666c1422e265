/** The result of a query as rows for a table, CSV or JSON. */
import type { Writable } from 'node:stream';
import type { QueryResult } from '../warehouse/engine/session.ts';
import type { SqlValue } from '../warehouse/engine/values.ts';
import { cellText, jsonValue, type Row, write } from './output.ts';
import { renderTable, type TableStyle } from './table.ts';

/** Characters of a cell in a table; what is longer is cut. */
const CELL_WIDTH_MAX = 80;
/** Types whose values stand to the right. */
const NUMBER_TYPE = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL\b.*)$/;

/** `select 1 as a, 2 as a`: the second becomes `a_2`, as an object has one field of a name only. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const given = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let count = 2; given.has(unique); count++) unique = `${name}_${count}`;
    given.add(unique);
    return unique;
  });
}

/** @param names one for each column, no two alike. @param limit rows at the most. */
export function* rowsOf(
  names: readonly string[],
  { rows }: QueryResult,
  limit = Number.POSITIVE_INFINITY,
): Generator<Row> {
  for (const [index, values] of rows.entries()) {
    if (index >= limit) return;
    yield Object.fromEntries(names.map((name, column) => [name, finite(values[column] ?? null)]));
  }
}

/** JSON has no NaN and no Infinity, and would have null in their place. */
const finite = (value: SqlValue): SqlValue =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

export function tableOf(
  names: readonly string[],
  { columns }: QueryResult,
  rows: readonly Row[],
  style: TableStyle,
): string {
  const isNumber = (index: number): boolean => NUMBER_TYPE.test(columns[index]?.type ?? '');
  return renderTable(
    names.map((key, index) => ({ key, align: isNumber(index) ? 'right' : 'left' })),
    rows.map((row) => Object.fromEntries(names.map((name) => [name, cut(cellText(row[name]))]))),
    style,
  );
}

/** By characters as a reader counts them, so that none is cut in two. */
function cut(text: string): string {
  if (text.length <= CELL_WIDTH_MAX) return text;
  const characters = [...text.slice(0, 2 * CELL_WIDTH_MAX)];
  if (characters.length <= CELL_WIDTH_MAX && text.length <= 2 * CELL_WIDTH_MAX) return text;
  return `${characters.slice(0, CELL_WIDTH_MAX - 1).join('')}…`;
}

/** One array, an object a line: for `jq` as for a reader of lines. */
export async function writeJsonArray(stdout: Writable, rows: Iterable<Row>): Promise<boolean> {
  let before = '[';
  for (const row of rows) {
    if (!(await write(stdout, `${before}\n${JSON.stringify(row, jsonValue)}`))) return false;
    before = ',';
  }
  return write(stdout, before === '[' ? '[]\n' : '\n]\n');
}
