/**
 * The table of marts in sql/README.md, made from the comments in sql/marts. `npm run docs:marts` writes it; test/analytics/docs.test.ts
 * fails when it is out of step.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARTS } from '../../src/warehouse/marts.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';

const START = '<!-- marts:start -->';
const END = '<!-- marts:end -->';

export interface DescribedMart {
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly { readonly name: string; readonly comment: string | null }[];
}

/** Of a new warehouse, in the order of the manifest. */
export async function describeMarts(): Promise<readonly DescribedMart[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenhouse-docs-'));
  try {
    await using warehouse = await openWarehouse({
      path: join(folder, 'docs.duckdb'),
      content: 'none',
      waitSeconds: 0,
    });
    const text = (value: unknown): string | null => (value === null ? null : String(value));
    const views = await warehouse.query(
      "select view_name, comment from duckdb_views() where schema_name = 'marts' and database_name = 'dest'",
    );
    const columns = await warehouse.query(
      "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts' and database_name = 'dest' order by column_index",
    );
    const comments = new Map(views.rows.map(([name, comment]) => [String(name), text(comment)]));
    return MARTS.map(({ name }) => ({
      name,
      comment: comments.get(name) ?? null,
      columns: columns.rows
        .filter(([mart]) => mart === name)
        .map(([, column, comment]) => ({ name: String(column), comment: text(comment) })),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function readmeMarts(marts: readonly DescribedMart[]): string {
  const rows = marts.map(({ name, comment, columns }) => {
    const names = columns.map((column) => `\`${column.name}\``).join(', ');
    return `| \`marts.${name}\` | ${cell(comment ?? '')} | ${names} |`;
  });
  return [START, '| Mart | What it is | Columns |', '| --- | --- | --- |', ...rows, END].join('\n');
}

/** The README with the part between the markers replaced. */
export function withMarts(readme: string, marts: readonly DescribedMart[]): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`sql/README.md has no ${START} … ${END}`);
  return readme.slice(0, start) + readmeMarts(marts) + readme.slice(end + END.length);
}

if (import.meta.main) {
  writeFileSync('sql/README.md', withMarts(readFileSync('sql/README.md', 'utf8'), await describeMarts()));
}
