/** A table for people: lines around it on a terminal, aligned columns without ornament anywhere else. */
import { stripVTControlCharacters, styleText } from 'node:util';
import Table from 'cli-table3';
import { type Cell, cellText, type Row } from './output.ts';

export interface TableColumn {
  /** The field of the row. */
  readonly key: string;
  /** Its heading; the key when absent. */
  readonly title?: string;
  /** Numbers to the right. */
  readonly align?: 'left' | 'right';
  /** Of its cells, on a terminal with colours. */
  readonly color?: 'cyan' | null;
  /** Left out where no row has it, and where the table would not fit the terminal. */
  readonly isMinor?: boolean;
}

export interface TableStyle {
  /** Lines around the cells; else two blanks between columns. */
  readonly lines: boolean;
  /** Headings in colour. */
  readonly color: boolean;
}

const NO_LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((part) => [part, '']),
);

/** @returns the table with a line break at its end; no rows give the headings alone. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly Row[],
  style: TableStyle,
): string {
  const table = new Table({
    head: columns.map(({ key, title }) => title ?? key),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: {
      head: style.color ? ['cyan'] : [],
      border: [],
      compact: true,
      ...(style.lines ? {} : { 'padding-left': 0, 'padding-right': 0 }),
    },
    ...(style.lines ? {} : { chars: { ...NO_LINES, middle: '  ' } }),
  });
  for (const row of rows) table.push(columns.map((column) => cellOf(column, row, style)));
  return `${table.toString().replace(/[ ]+$/gm, '')}\n`;
}

/** Coloured when what a value brings itself has been taken out. */
function cellOf({ key, color }: TableColumn, row: Row, style: TableStyle): string {
  const text = shown(row[key]);
  return !style.color || text === '' || color === undefined || color === null
    ? text
    : styleText(color, text, { validateStream: false });
}

/**
 * As {@link renderTable}, of what a terminal has room for: a table that is too wide, and broken by the terminal, is read more easily
 * without lines and without what can be missed.
 *
 * @param width columns of the terminal; null: there is none.
 */
export function renderFitted(
  columns: readonly TableColumn[],
  rows: readonly Row[],
  { width, ...style }: TableStyle & { readonly width: number | null },
): string {
  const told = columns.filter(
    ({ key, isMinor }) => isMinor !== true || rows.some((row) => shown(row[key]) !== ''),
  );
  const whole = renderTable(told, rows, style);
  if (width === null || widest(whole) <= width) return whole;
  const plain = renderTable(told, rows, { ...style, lines: false });
  if (widest(plain) <= width) return plain;
  return renderTable(
    told.filter(({ isMinor }) => isMinor !== true),
    rows,
    { ...style, lines: false },
  );
}

const widest = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => [...line].length),
  );

/** On one line, and without the control characters that a model name or a metadata value could smuggle into a terminal. */
function shown(value: Cell): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return cellText(value).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
