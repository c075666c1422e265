/** Fills a copy that is attached as `published` from the warehouse, day by day. */

import { giveBackWhenHigh } from '../engine/memory.ts';
import type { Statements } from '../engine/session.ts';
import type { PublishedMart, Version } from './publication.ts';
import { columnsOf, nameOf, PUBLISHED_TABLES, type PublishedContent } from './published-tables.ts';

/** A stretch of days that is copied at a time. */
interface Slice {
  /** First day and the one after the last, as `2026-11-24`. */
  readonly from: string;
  readonly to: string;
  readonly days: number;
  readonly completions: number;
}

const BETWEEN_MAX = 4_000;

/** What is copied at a time: enough to be quick, few enough to take no more memory than a sync does. */
const SLICE_COMPLETIONS = 20_000;

/**
 * Days up to {@link SLICE_COMPLETIONS} together. Those between two that changed are copied again with them, as long as they have few
 * rows: each stretch costs as much as some thousand. Pure.
 *
 * @param days ascending; `between`: completions of the days that did not change since the one before.
 */
export function slicesOf(
  days: readonly {
    readonly day: string;
    readonly nextDay: string;
    readonly completions: number;
    readonly between: number;
  }[],
): readonly Slice[] {
  const slices: Slice[] = [];
  for (const { day, nextDay, completions: own, between } of days) {
    const last = slices.at(-1);
    const completions = own + between;
    if (last !== undefined && between <= BETWEEN_MAX && last.completions + completions <= SLICE_COMPLETIONS) {
      slices[slices.length - 1] = {
        from: last.from,
        to: nextDay,
        days: last.days + 1,
        completions: last.completions + completions,
      };
    } else {
      slices.push({ from: day, to: nextDay, days: 1, completions: own });
    }
  }
  return slices;
}

/**
 * Days that are behind in the copy.
 *
 * @param after the newest commit the copy holds; 0: none, so every day.
 * @param openDay the day on which it was made; null: it is new.
 */
export async function changedSlices(
  statements: Statements,
  after: number,
  openDay: string | null,
): Promise<readonly Slice[]> {
  const rows = await statements.rows('publish/changed_days', { after, open_day: openDay });
  return slicesOf(
    rows.map((row) => ({
      day: String(row['day']),
      nextDay: String(row['next_day']),
      completions: Number(row['row_count']),
      between: Number(row['row_count_between']),
    })),
  );
}

/** Rows that belong to a day; the others are copied by {@link copyState}. */
const DAY_TABLES = PUBLISHED_TABLES.filter(({ copied }) => copied === 'days');

/**
 * An empty database, attached as `slice`, that shows the warehouse with the days between two variables and no others. The
 * marts of a few days are made in it: a filter on a mart's own day is not pushed down to the tables it is made of.
 */
export async function openSlice(statements: Statements, marts: readonly PublishedMart[]): Promise<void> {
  const run = (text: string) => statements.run('publish/slice', undefined, text);
  await run("attach ':memory:' as slice; create schema slice.sync; create schema slice.marts");
  for (const table of PUBLISHED_TABLES) {
    const name = nameOf(table);
    const within =
      table.copied === 'days'
        ? " where created_at >= getvariable('slice_from')::timestamptz and created_at < getvariable('slice_to')::timestamptz"
        : '';
    await run(`create view slice.${name} as select * from dest.${name}${within}`);
  }
  await run('use slice');
  // Not as the engine gives them back from the warehouse: it writes some joins in a way that it does not read.
  for (const { sql } of ofDays(marts)) await run(sql);
  await run('use dest');
}

/** The marts that the copy holds as tables, and those that they are made of; in the order given. */
function ofDays(marts: readonly PublishedMart[]): readonly PublishedMart[] {
  const needed = new Set<string>();
  // What a mart is made of stands before it.
  for (const { name, dayColumn } of marts.toReversed()) {
    const isUsed = marts.some((other) => needed.has(other.name) && other.sql.includes(`marts.${name}`));
    if (dayColumn !== null || isUsed) needed.add(name);
  }
  return marts.filter(({ name }) => needed.has(name));
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
  for (const { name, dayColumn } of marts) {
    if (dayColumn !== null)
      await run(`create table published.marts.${name} as from slice.marts.${name} limit 0`);
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
  { columns, marts }: Version,
  content: PublishedContent,
): Promise<void> {
  const views = new Set(
    marts.flatMap(({ name, dayColumn }) => (dayColumn === null ? [`marts.${name}`] : [])),
  );
  const told = new Set<string>();
  // Views bring their own.
  for (const { table, column, comment, tableComment } of columns) {
    if (views.has(table)) continue;
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

/** Rows and marts of some days; those the copy has of them are taken out first. */
export async function copySlice(
  statements: Statements,
  { from, to }: Slice,
  {
    version,
    content,
    isNew,
    memoryLimit,
  }: { version: Version; content: PublishedContent; isNew: boolean; memoryLimit: string },
): Promise<void> {
  const run = (text: string) => statements.run('publish/copy_days', undefined, text);
  await run(`set variable slice_from = '${from} 00:00:00+00'; set variable slice_to = '${to} 00:00:00+00'`);
  const ofTimes = `created_at >= '${from} 00:00:00+00'::timestamptz and created_at < '${to} 00:00:00+00'::timestamptz`;
  for (const table of DAY_TABLES) {
    const name = nameOf(table);
    if (!isNew) await run(`delete from published.${name} where ${ofTimes}`);
    await run(`insert into published.${name} by name select ${columnsOf(table, content)} from slice.${name}`);
  }
  await giveBackWhenHigh(statements, memoryLimit);
  for (const { name, dayColumn } of version.marts) {
    if (dayColumn === null) continue;
    const ofDays = `${dayColumn} >= '${from}'::date and ${dayColumn} < '${to}'::date`;
    if (!isNew) await run(`delete from published.marts.${name} where ${ofDays}`);
    await run(`insert into published.marts.${name} by name from slice.marts.${name}`);
  }
  await giveBackWhenHigh(statements, memoryLimit);
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
