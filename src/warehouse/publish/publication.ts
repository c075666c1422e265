/** What a published copy is made of and says of itself, and whether it can be brought up to date. */
import { createHash } from 'node:crypto';
import type { SqlRow, Statements } from '../engine/session.ts';
import type { SqlValue } from '../engine/values.ts';
import { nameOf, PUBLISHED_TABLES, type PublishedContent } from './published-tables.ts';

/** A view of the schema `marts`. */
export interface PublishedMart {
  readonly name: string;
  /**
   * Its column with a UTC day, where its rows of a day are made of that day's completions alone: the copy holds them as a table.
   * null: it stays a view.
   */
  readonly dayColumn: string | null;
  /** Each of its rows follows from one completion, and has its `created_at`: it may be made of any part of a day. */
  readonly isPerCompletion: boolean;
  /** Creates the view, with its comments; names have their schema and no database. */
  readonly sql: string;
}

/** A column of a table or view of the warehouse. */
export interface CatalogColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly comment: string | null;
  readonly tableComment: string | null;
}

/** The state of the warehouse that a copy is made of. */
export interface Version {
  readonly schemaNumber: number;
  /** SHA-256 of everything that decides how rows are copied. */
  readonly definition: string;
  readonly changeNumber: number;
  readonly changeId: string;
  readonly completions: number;
  /** Of what is copied: published tables and marts. */
  readonly columns: readonly CatalogColumn[];
  readonly marts: readonly PublishedMart[];
}

export interface Publication {
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  readonly warehouse: string;
  readonly content: PublishedContent;
  readonly schemaNumber: number;
  readonly definition: string;
  readonly changeNumber: number;
  readonly changeId: string;
  readonly rebuiltAt: string;
  /** null: it was made as a whole. */
  readonly rebuiltBytes: number | null;
  readonly rebuiltCompletions: number;
}

/** Counts up when the way of copying changes: all copies are made anew then. */
const FORMAT = 2;

/** @param marts as they are in the databases `slice_rows` and `slice_days`. */
export async function versionOf(
  statements: Statements,
  content: PublishedContent,
  marts: readonly PublishedMart[],
): Promise<Version> {
  const columns = await columnsOf(statements, marts);
  const [prices] = await statements.rows('publish/prices_hash');
  const [change] = await statements.rows('publish/last_change');
  const [schema] = await statements.rows('state/schema_number');
  const [held] = await statements.rows('publish/count_completions');
  const schemaNumber = Number(schema?.['number']);
  return {
    schemaNumber,
    definition: hashOf([FORMAT, PUBLISHED_TABLES, content, schemaNumber, columns, marts, prices?.['hash']]),
    changeNumber: Number(change?.['change_number'] ?? 0),
    changeId: String(change?.['change_id'] ?? ''),
    completions: Number(held?.['completions'] ?? 0),
    columns,
    marts,
  };
}

/** Of the tables that a copy holds, and of the marts that it holds as tables: the others bring their comments. */
async function columnsOf(
  statements: Statements,
  marts: readonly PublishedMart[],
): Promise<readonly CatalogColumn[]> {
  const tables = [
    ...PUBLISHED_TABLES.map((table) => `dest.${nameOf(table)}`),
    ...marts.filter(({ dayColumn }) => dayColumn !== null).map(sliceMart),
  ];
  const databases = 'dest slice_rows slice_days';
  return (await statements.rows('publish/columns', { databases }))
    .filter((row) => tables.includes(`${row['database_name']}.${row['schema_name']}.${row['table_name']}`))
    .map((row) => ({
      table: `${row['schema_name']}.${row['table_name']}`,
      column: String(row['column_name']),
      type: String(row['data_type']),
      comment: textOrNull(row['comment']),
      tableComment: textOrNull(row['table_comment']),
    }));
}

/** Where its rows are made; see `openSlices`. */
export const sliceMart = ({ name, isPerCompletion }: PublishedMart): string =>
  `${isPerCompletion ? 'slice_rows' : 'slice_days'}.marts.${name}`;

const textOrNull = (value: SqlValue | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

export const hashOf = (value: object): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** @param row of sync.publication. */
export const publicationOf = (row: SqlRow): Publication => ({
  publishedAt: String(row['published_at']),
  warehouse: String(row['warehouse']),
  content: row['content'] === 'full' ? 'full' : 'none',
  schemaNumber: Number(row['schema_number']),
  definition: String(row['definition']),
  changeNumber: Number(row['change_number']),
  changeId: String(row['change_id']),
  rebuiltAt: String(row['rebuilt_at']),
  rebuiltBytes: row['rebuilt_bytes'] === null ? null : Number(row['rebuilt_bytes']),
  rebuiltCompletions: Number(row['rebuilt_completions']),
});

/** Rows that are copied again leave room in the file, which is used for the next ones but for what lies between. */
const GROWTH_MAX = 2;
const GROWTH_FREE_BYTES = 32 * 1024 * 1024;

/**
 * Why a copy must be made as a whole; null: the days that changed since are enough. Pure.
 *
 * @param isOfHere whether the warehouse has had the copy's newest commit.
 * @param bytes of the copy's file.
 */
export function whyWhole(
  former: Publication,
  version: Version,
  isOfHere: boolean,
  bytes: number,
): string | null {
  if (former.definition !== version.definition)
    return 'columns, marts, prices or PUBLISH_CONTENT have changed';
  if (!isOfHere || former.changeNumber > version.changeNumber) return 'it was made of another warehouse';
  const growth = version.completions / Math.max(1, former.rebuiltCompletions);
  const expected = (former.rebuiltBytes ?? bytes) * Math.max(1, growth);
  return bytes > GROWTH_MAX * expected + GROWTH_FREE_BYTES ? 'the file has grown' : null;
}
