import { fromSpreadsheet } from '../spreadsheet.ts';

/** A row of a CSV file by the names of its header, and the line it begins on, counted from 1. */
export interface CsvRow {
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Csv {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Comma-separated text with a header (RFC 4180): quoted fields, either kind of line end, a byte order mark. Blank lines and
 * lines that begin with # are passed over; blanks around a field are not part of it, nor is the apostrophe with which our own CSV keeps a
 * text from being a formula. Pure.
 *
 * @returns what it holds; a field the line lacks is ''. A line with more fields than the header has them under '+'.
 */
export function parseCsv(text: string): Csv {
  const [header, ...records] = recordsOf(text.replace(/^\uFEFF/, ''));
  const columns = header?.fields ?? [];
  const rows = records.map(({ line, fields }) => {
    const named = columns.map((column, place) => [column, fields[place] ?? ''] as const);
    const rest = fields.slice(columns.length).join(',');
    return { line, fields: Object.fromEntries(rest === '' ? named : [...named, ['+', rest]]) };
  });
  return { columns, rows };
}

interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** A field with what ends it: quoted (quotes doubled inside) or bare, then a comma, a line end or the end of the text. */
const FIELD = /[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^,\r\n]*))(,|\r\n|\n|\r|$)/y;

function recordsOf(text: string): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let line = 1;
  let startedOn = 1;
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const match = FIELD.exec(text);
    // A quote that is not closed or does not end its field: the rest of the line counts as the field's text.
    if (match === null) return [...records, { line: startedOn, fields: [...fields, '"'] }];
    const [whole, quoted, bare, end] = match;
    const field = quoted === undefined ? (bare ?? '').trim() : quoted.replaceAll('""', '"');
    fields.push(fromSpreadsheet(field));
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ',' && FIELD.lastIndex < text.length) continue;
    if (end === ',') fields.push('');
    if (!isBlank(fields)) records.push({ line: startedOn, fields });
    fields = [];
    startedOn = line;
  }
  return records;
}

const isBlank = (fields: readonly string[]): boolean =>
  fields.every((field) => field === '') || fields[0]?.startsWith('#') === true;
