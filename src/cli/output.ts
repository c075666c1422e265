/** Results on stdout: text, JSON and CSV, slowed to the pace of the reader. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { spreadsheetSafe } from '../spreadsheet.ts';

/** A value as DuckDB and our own code hand them over. */
export type Cell = string | number | bigint | boolean | Date | null | undefined | object;
export type Row = Readonly<Record<string, Cell>>;

const left = new WeakSet<Writable>();

/**
 * `| head` closes the pipe when it has enough. Node's stdout stays writable then, so it has to be noted; what is written
 * afterwards goes nowhere, in silence.
 *
 * @param onFailure hears of any other failure, such as a full disk behind `>`, which must not pass for success.
 */
export function watchReader(stream: Writable, onFailure: (reason: string) => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') left.add(stream);
    else onFailure(error.code ?? error.name);
  });
}

/**
 * Writes and waits while the reader is behind.
 *
 * @returns false when the reader has gone: there is no point in writing more.
 */
export async function write(stdout: Writable, text: string): Promise<boolean> {
  const isOpen = (): boolean => stdout.writable && !left.has(stdout);
  if (!isOpen()) return false;
  if (!stdout.write(text)) {
    // A reader that leaves while we wait ends the wait as well.
    const wait = new AbortController();
    const events = ['drain', 'close'].map((event) => once(stdout, event, { signal: wait.signal }));
    await Promise.race(events).catch(() => undefined);
    wait.abort();
    await Promise.allSettled(events);
  }
  return isOpen();
}

/** One JSON value, indented, and a line break. */
export async function writeJson(stdout: Writable, value: unknown): Promise<boolean> {
  return write(stdout, `${JSON.stringify(value, jsonValue, 2)}\n`);
}

/** One JSON object a line. */
export async function writeJsonLines(
  stdout: Writable,
  rows: AsyncIterable<Row> | Iterable<Row>,
): Promise<boolean> {
  for await (const row of rows) {
    if (!(await write(stdout, `${JSON.stringify(row, jsonValue)}\n`))) return false;
  }
  return true;
}

/** `spreadsheet`: no text is taken for a formula there; `raw`: texts are as they are, for programs. */
export type CsvStyle = 'spreadsheet' | 'raw';

/**
 * CSV as RFC 4180 has it, but for the line break, which is `\n` as shell tools expect: a header, `,` between, quotes where
 * needed. NULL is an empty cell and an empty text is `""`, which DuckDB and PostgreSQL tell apart.
 */
export async function writeCsv(
  stdout: Writable,
  columns: readonly string[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  style: CsvStyle = 'spreadsheet',
): Promise<boolean> {
  const line = (cells: readonly Cell[]): string => `${cells.map((cell) => csvCell(cell, style)).join(',')}\n`;
  if (!(await write(stdout, line(columns)))) return false;
  for await (const row of rows) {
    if (!(await write(stdout, line(columns.map((column) => row[column]))))) return false;
  }
  return true;
}

export function csvCell(value: Cell, style: CsvStyle = 'spreadsheet'): string {
  if (value === null || value === undefined) return '';
  const isText = typeof value === 'string' || (typeof value === 'object' && !(value instanceof Date));
  const text = isText && style === 'spreadsheet' ? spreadsheetSafe(cellText(value)) : cellText(value);
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A value as one would read it; null is empty. */
export function cellText(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return JSON.stringify(value, jsonValue);
  return String(value);
}

/** A bigint that a JSON reader's double holds exactly is a number, a larger one a text of its digits. */
export function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
    ? Number(value)
    : String(value);
}
