/** A file that is open for reading, shown with the prices of now where it holds others. Nothing is written to it. */
import { hash } from 'node:crypto';
import { editionOf, isHeld, type PricePart } from './editions.ts';
import { Mutex } from './engine/mutex.ts';
import type { Statements } from './engine/session.ts';
import { knownMigrations, statement } from './engine/statements.ts';
import { MARTS } from './marts.ts';

/**
 * - `held`: the file holds these prices.
 * - `shown`: it holds others; `database` shows it with these.
 * - `other`: it holds others and cannot be shown with these, as another version of this program has written it.
 */
export type PricesOfFile =
  | { readonly kind: 'held' | 'other' }
  | { readonly kind: 'shown'; readonly database: string };

/** As sql/load/delete_prices.sql has it. */
const PART_OF_SOURCE =
  "case source when 'contract' then 'contract prices' when 'imported' then 'imported prices' else 'list prices' end";

/** Several handles on a file share its instance, and what is attached to that. */
const turns = new Mutex();

/**
 * Where the file holds other prices than these, makes a database in memory that has these, the file's other tables and all marts on
 * top of them, and makes it the one that unqualified names mean. The marts that a published copy keeps as tables are worked out
 * anew there, as in a warehouse.
 */
export async function showWithPrices(
  statements: Statements,
  parts: readonly PricePart[],
): Promise<PricesOfFile> {
  const others: PricePart[] = [];
  for (const part of parts) if (!(await isHeld(statements, part))) others.push(part);
  if (others.length === 0) return { kind: 'held' };
  const [schema] = await statements.rows('state/schema_number');
  if (Number(schema?.['number']) !== knownMigrations().length) return { kind: 'other' };
  const edition = hash('sha256', others.map((part) => editionOf(part)).join(' ')).slice(0, 12);
  const database = `prices_${edition}`;
  await turns.run(async () => {
    const [row] = await statements.rows('state/has_database', { name: database });
    if (Number(row?.['found']) === 0) await make(statements, database, others);
  });
  await useDatabase(statements, database);
  return { kind: 'shown', database };
}

/** Names without a database mean this one's from here on. */
export async function useDatabase(statements: Statements, database: string): Promise<void> {
  await statements.run('prices/use', undefined, `use ${database}`);
}

async function make(statements: Statements, database: string, others: readonly PricePart[]): Promise<void> {
  const run = (text: string) => statements.run('prices/show', undefined, text);
  const tables = await statements.rows('state/tables_of_file');
  const replaced = others.map(({ part }) => `'${part}'`).join(', ');
  await run(
    `attach ':memory:' as ${database}; create schema ${database}.sync; create schema ${database}.marts; use ${database}`,
  );
  try {
    for (const { schema_name: schema, table_name: table } of tables) {
      if (table === 'model_prices' || !['main', 'sync'].includes(String(schema))) continue;
      await run(`create view ${schema}.${table} as from dest.${schema}.${table}`);
    }
    await run(
      `create table main.model_prices as from dest.main.model_prices
       where ${PART_OF_SOURCE} not in (${replaced})`,
    );
    for (const { rows } of others) await statements.run('load/insert_prices', { rows: JSON.stringify(rows) });
    for (const { name } of MARTS) await run(statement(`marts/${name}`));
  } catch (error) {
    await run(`use dest; detach ${database}`);
    throw error;
  }
}
