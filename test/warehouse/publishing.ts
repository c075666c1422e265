/** Publishing, and looking at what was published. */
import { stat } from 'node:fs/promises';
import { statement } from '../../src/warehouse/engine/statements.ts';
import { MARTS } from '../../src/warehouse/marts.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { type Published, type PublishOptions, publish } from '../../src/warehouse/publish/publish.ts';

export const REAL_MARTS = MARTS.map((mart) => ({ ...mart, sql: statement(`marts/${mart.name}`) }));

export const publishedPath = (warehouse: string): string =>
  warehouse.replace(/\.duckdb$/, '.published.duckdb');

/** The warehouse's copy, beside it; without text. */
export const publishBeside = (path: string, options: Partial<PublishOptions> = {}): Promise<Published> =>
  publish({
    path,
    to: publishedPath(path),
    publishedContent: 'none',
    spareRestMs: null,
    waitSeconds: 5,
    marts: [],
    ...options,
  });

/** With a spare file, however small the copy and however short its rest. */
export const SPARE = { spareBytesMin: 0, spareRestMs: 0 } as const;

export async function readCopy(path: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  await using copy = await openWarehouse({ path, content: 'full', waitSeconds: 5, readOnly: true });
  return (await copy.query(sql)).rows;
}

/** Every row of every table and mart, as sorted text, by table. What differs from one making to the next is left out. */
export async function contents(
  path: string,
  schema: 'marts' | '%' = '%',
): Promise<Readonly<Record<string, readonly string[]>>> {
  await using copy = await openWarehouse({ path, content: 'full', waitSeconds: 5, readOnly: true });
  const tables = await copy.query(
    "select distinct schema_name || '.' || table_name from duckdb_columns() where database_name = 'dest' and not internal and schema_name like $schema order by all",
    { schema },
  );
  const all: Record<string, readonly string[]> = {};
  for (const [table] of tables.rows) {
    if (table === 'sync.publication') continue;
    const { rows } = await copy.query(`select t::varchar from ${String(table)} as t`);
    all[String(table)] = rows.map(([row]) => String(row)).sort();
  }
  return all;
}

export const inode = async (path: string): Promise<number> => (await stat(path)).ino;
