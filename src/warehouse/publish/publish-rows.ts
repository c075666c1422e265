/** Fills a copy that is attached as `published` from the warehouse, a stretch of time after the other. */

import { transactionInLess } from '../engine/memory.ts';
import type { Session, Statements } from '../engine/session.ts';
import { type PublishedMart, sliceMart, type Version } from './publication.ts';
import { columnsOf, nameOf, PUBLISHED_TABLES, type PublishedContent } from './published-tables.ts';
import { type Slice, type Stretch, startOf } from './slices.ts';

/** Rows that belong to a day; the others are copied by {@link copyState}. */
const DAY_TABLES = PUBLISHED_TABLES.filter(({ copied }) => copied === 'days');

/** Marts that the copy holds as tables: rows of a completion each, and rows of a day. */
const rowMarts = (marts: readonly PublishedMart[]): readonly PublishedMart[] =>
  marts.filter(({ dayColumn, isPerCompletion }) => dayColumn !== null && isPerCompletion);
const dayMarts = (marts: readonly PublishedMart[]): readonly PublishedMart[] =>
  marts.filter(({ dayColumn, isPerCompletion }) => dayColumn !== null && !isPerCompletion);

/**
 * Two empty databases that show the warehouse between two variables and nothing else of it: `slice_rows`, for what any stretch of
 * time makes, and `slice_days`, for what whole days make. The marts are made in them: a filter on a mart's own day is not pushed down to the
 * tables it is made of.
 */
export async function openSlices(statements: Statements, marts: readonly PublishedMart[]): Promise<void> {
  await openSlice(statements, 'slice_rows', neededBy(rowMarts(marts), marts));
  await openSlice(statements, 'slice_days', neededBy(dayMarts(marts), marts), rowMarts(marts));
}

/** @param ready marts that are taken from `slice_rows`, see {@link useCopied}. */
async function openSlice(
  statements: Statements,
  name: 'slice_rows' | 'slice_days',
  marts: readonly PublishedMart[],
  ready: readonly PublishedMart[] = [],
): Promise<void> {
  const run = (text: string) => statements.run('publish/slice', undefined, text);
  await run(`attach ':memory:' as ${name}; create schema ${name}.sync; create schema ${name}.marts`);
  for (const table of PUBLISHED_TABLES) {
    const within =
      table.copied === 'days'
        ? " where created_at >= getvariable('slice_from')::timestamptz and created_at < getvariable('slice_to')::timestamptz"
        : '';
    await run(`create view ${name}.${nameOf(table)} as select * from dest.${nameOf(table)}${within}`);
  }
  for (const mart of ready)
    await run(`create view slice_days.marts.${mart.name} as from slice_rows.marts.${mart.name}`);
  await run(`use ${name}`);
  // Not as the engine gives them back from the warehouse: it writes some joins in a way that it does not read.
  for (const mart of marts) if (!ready.includes(mart)) await run(mart.sql);
  await run('use dest');
}

/** `marts`, and those that they are made of, out of all; in the order given. */
function neededBy(marts: readonly PublishedMart[], all: readonly PublishedMart[]): readonly PublishedMart[] {
  const needed = new Set<PublishedMart>();
  // What a mart is made of stands before it. One that is taken as it is needs nothing more.
  for (const mart of all.toReversed()) {
    const isUsed = [...needed].some(
      (other) =>
        (marts.includes(other) || other.dayColumn === null) && other.sql.includes(`marts.${mart.name}`),
    );
    if (marts.includes(mart) || isUsed) needed.add(mart);
  }
  return all.filter((mart) => needed.has(mart));
}

/** From here on what whole days make is made of the rows that the copy has already, and not of them once more. */
export async function useCopied(statements: Statements, marts: readonly PublishedMart[]): Promise<void> {
  for (const { name, dayColumn } of rowMarts(marts)) {
    await statements.run(
      'publish/slice',
      undefined,
      `create or replace view slice_days.marts.${name} as select * from published.marts.${name}
      where ${dayColumn} >= getvariable('slice_from')::timestamptz::date and ${dayColumn} < getvariable('slice_to')::timestamptz::date`,
    );
  }
}

/** Tables, views and comments of a new copy; within the transaction that fills it. */
export async function createCopy(
  statements: Statements,
  version: Version,
  content: PublishedContent,
): Promise<void> {
  const { marts } = version;
  const run = (text: string) => statements.run('publish/create', undefined, text);
  await run('create schema published.sync; create schema published.marts');
  for (const table of PUBLISHED_TABLES) {
    await run(`create table published.${nameOf(table)} as from dest.${nameOf(table)} limit 0`);
  }
  for (const mart of [...rowMarts(marts), ...dayMarts(marts)]) {
    await run(`create table published.marts.${mart.name} as from ${sliceMart(mart)} limit 0`);
  }
  await run('use published');
  await statements.run('publish/create_publication');
  for (const { dayColumn, sql } of marts) {
    if (dayColumn === null) await run(sql);
  }
  await copyComments(run, version, content);
  await run('use dest');
}

async function copyComments(
  run: (text: string) => Promise<unknown>,
  { columns }: Version,
  content: PublishedContent,
): Promise<void> {
  const told = new Set<string>();
  for (const { table, column, comment, tableComment } of columns) {
    if (!told.has(table)) {
      told.add(table);
      await run(`comment on table ${table} is ${literal(tableComment)}`);
    }
    const isWithheld =
      content === 'none' &&
      PUBLISHED_TABLES.some((one) => nameOf(one) === table && one.text[column] === 'null');
    const text = isWithheld ? `${comment ?? ''} NULL in this copy (PUBLISH_CONTENT=none).` : comment;
    await run(`comment on column ${table}.${identifier(column)} is ${literal(text)}`);
  }
}

const literal = (text: string | null): string => (text === null ? 'null' : `'${text.replaceAll("'", "''")}'`);
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** How rows are copied: by two connections at a time, `statements` those of the first. */
export interface Copying {
  readonly statements: Statements;
  readonly helper: Session;
  readonly marts: readonly PublishedMart[];
  readonly content: PublishedContent;
  readonly memoryLimit: string;
  /** There is nothing to be taken out first. */
  readonly isNew: boolean;
}

/**
 * Rows and marts of a slice; those the copy has of it are taken out first. Nobody sees the file before it is whole, so each stretch is
 * committed, and out of memory, before the next one.
 *
 * @param afterStretch called with its completions.
 */
export async function copySlice(
  copying: Copying,
  slice: Slice,
  stretches: readonly Stretch[],
  afterStretch: (completions: number) => Promise<void>,
): Promise<void> {
  const { statements, helper, marts, memoryLimit, isNew } = copying;
  for (const stretch of stretches) {
    const [tables, rows] = await Promise.allSettled([
      statements.transaction(() => copyTables(statements, stretch, copying)),
      helper.exclusive((second) => second.transaction(() => makeRowMarts(second, stretch, copying))),
    ]);
    for (const lane of [tables, rows]) if (lane.status === 'rejected') throw lane.reason;
    await afterStretch(stretch.completions);
  }
  const days = { from: startOf(slice.from), to: startOf(slice.to) };
  const makeDayMarts = async (): Promise<void> => {
    await setSlice(statements, days);
    for (const mart of dayMarts(marts)) {
      const ofDays = `${mart.dayColumn} >= '${slice.from}'::date and ${mart.dayColumn} < '${slice.to}'::date`;
      await replace(statements, `marts.${mart.name}`, `from ${sliceMart(mart)}`, isNew ? null : ofDays);
    }
  };
  await transactionInLess(statements, memoryLimit, makeDayMarts);
}

const withinStretch = ({ from, to }: Stretch): string =>
  `created_at >= '${from}'::timestamptz and created_at < '${to}'::timestamptz`;

async function copyTables(
  statements: Statements,
  stretch: Stretch,
  { content, isNew }: Copying,
): Promise<void> {
  await setSlice(statements, stretch);
  for (const table of DAY_TABLES) {
    const rows = `select ${columnsOf(table, content)} from slice_rows.${nameOf(table)}`;
    await replace(statements, nameOf(table), rows, isNew ? null : withinStretch(stretch));
  }
}

async function makeRowMarts(
  statements: Statements,
  stretch: Stretch,
  { marts, isNew }: Copying,
): Promise<void> {
  await setSlice(statements, stretch);
  for (const mart of rowMarts(marts)) {
    await replace(
      statements,
      `marts.${mart.name}`,
      `from ${sliceMart(mart)}`,
      isNew ? null : withinStretch(stretch),
    );
  }
}

/** What both databases show to this connection. */
const setSlice = (statements: Statements, { from, to }: Pick<Stretch, 'from' | 'to'>): Promise<number> =>
  statements.run(
    'publish/copy_days',
    undefined,
    `set variable slice_from = '${from}'; set variable slice_to = '${to}'`,
  );

/** @param old what of the copy's table goes; null: there is none. */
async function replace(
  statements: Statements,
  table: string,
  rows: string,
  old: string | null,
): Promise<void> {
  const run = (text: string) => statements.run('publish/copy_days', undefined, text);
  if (old !== null) await run(`delete from published.${table} where ${old}`);
  await run(`insert into published.${table} by name ${rows}`);
}

/** What is not of a day: the state of the sync, and prices. */
export async function copyState(
  statements: Statements,
  { content, after, isNew }: { content: PublishedContent; after: number; isNew: boolean },
): Promise<void> {
  const run = (text: string) => statements.run('publish/copy_state', undefined, text);
  for (const table of PUBLISHED_TABLES) {
    const name = nameOf(table);
    if (table.copied === 'days') continue;
    if (table.copied === 'whole' && !isNew) await run(`delete from published.${name}`);
    const newer = table.copied === 'grows' ? ` where change_number > ${after}` : '';
    await run(
      `insert into published.${name} by name select ${columnsOf(table, content)} from dest.${name}${newer}`,
    );
  }
}
