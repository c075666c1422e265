/** What the published copy that is open says of itself. */
import { existsSync, realpathSync } from 'node:fs';
import { statement } from '../engine/statements.ts';
import type { WarehouseFile } from '../warehouse-file.ts';
import { type Publication, publicationOf } from './publication.ts';
import { PUBLISHED_TABLES } from './published-tables.ts';

/** @throws {TerminalError} for a warehouse, which is no copy. */
export async function publicationIn(copy: Pick<WarehouseFile, 'query'>): Promise<Publication> {
  const { columns, rows } = await copy.query(statement('publish/own_publication'));
  return publicationOf(
    Object.fromEntries(columns.map(({ name }, index) => [name, rows[0]?.[index] ?? null])),
  );
}

/** By path. Where the warehouse is not at hand, as on a machine that has the copy only, the copy is what there is. */
export const isCopyOf = (publication: Publication, warehousePath: string): boolean =>
  !existsSync(warehousePath) || realpathSync(warehousePath) === publication.warehouse;

const TEXT_COLUMNS = new Set(
  PUBLISHED_TABLES.flatMap(({ text }) => Object.keys(text)).filter(
    // These words stand for much else in SQL, or are there in part.
    (column) => !['name', 'extra', 'audio', 'usage', 'tools'].includes(column),
  ),
);

/** Columns a statement seems to ask for that a copy without text has as NULL. */
export function textColumnsIn(sql: string): readonly string[] {
  return [...new Set(sql.toLowerCase().match(/[a-z_]+/g) ?? [])].filter((word) => TEXT_COLUMNS.has(word));
}
