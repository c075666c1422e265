/** Tables for others than people: CSV, and the rows as objects for JSON. Pure. */
import { spreadsheetSafe } from '../../spreadsheet.ts';
import type { Cell, Table } from './tables.ts';

/** RFC 4180, with a header; null is an empty cell. */
export function csvOf(table: Table): string {
  const lines = table.rows.map((row) => row.map(csvCell).join(','));
  return `${[table.columns.map(({ name }) => name).join(','), ...lines].join('\r\n')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string' && typeof cell !== 'object') return String(cell);
  const written = typeof cell === 'string' ? cell : JSON.stringify(Object.fromEntries(cell));
  const safe = spreadsheetSafe(written);
  return safe === '' || /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The rows as objects. */
export const objectsOf = ({ columns, rows }: Table): readonly object[] =>
  rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, kind }, index) => {
        const cell = row[index] ?? null;
        return [name, kind === 'tags' && Array.isArray(cell) ? Object.fromEntries(cell) : cell];
      }),
    ),
  );
