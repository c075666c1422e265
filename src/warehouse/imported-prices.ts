/** Prices of a list that somebody imported: rows of `main.model_prices` that no run and no newer program takes out. */
import { hash } from 'node:crypto';
import { packageVersion } from '../package.ts';
import type { StoredPrice } from './editions.ts';
import type { SqlRow, Statements } from './engine/session.ts';
import { statement } from './engine/statements.ts';
import type { WarehouseFile } from './warehouse-file.ts';

const IMPORTED_PART = 'imported prices';

export interface ImportedChange<T> {
  /** All imported prices from now on; null: those that are held. */
  readonly rows: readonly StoredPrice[] | null;
  /** Whose list it was, such as `litellm`, whether or not it changed anything; null: it was no import. */
  readonly list: string | null;
  readonly result: T;
}

/**
 * Makes of the imported prices what `change` says, in one transaction, and writes down that there was an import, or that there is
 * nothing left of any.
 *
 * @param change given all prices that are held, whatever their source.
 */
export async function changeImported<T>(
  statements: Statements,
  change: (held: readonly StoredPrice[]) => ImportedChange<T>,
  nowMs: () => number,
): Promise<T> {
  const held = (await statements.rows('state/list_stored_prices')).map(storedOf);
  const { rows, list, result } = change(held);
  const imported = rows ?? held.filter(({ source }) => source === 'imported');
  await statements.transaction(async () => {
    if (rows !== null) {
      await statements.run('load/delete_prices', { part: IMPORTED_PART });
      await statements.run('load/insert_prices', { rows: JSON.stringify(rows) });
    }
    if (list === null && imported.length > 0) return;
    await statements.run('state/delete_edition', { part: IMPORTED_PART });
    if (list === null) return;
    await statements.run('state/insert_edition', {
      part: IMPORTED_PART,
      edition: `${list} ${hash('sha256', JSON.stringify(imported)).slice(0, 16)}`,
      program_version: packageVersion,
      now_ms: nowMs(),
    });
  });
  return result;
}

/** The prices of an open warehouse or copy, as it is shown. */
export async function listStoredPrices(
  warehouse: Pick<WarehouseFile, 'query'>,
): Promise<readonly StoredPrice[]> {
  const { columns, rows } = await warehouse.query(statement('state/list_stored_prices'));
  return rows.map((row) =>
    storedOf(Object.fromEntries(columns.map(({ name }, place) => [name, row[place] ?? null]))),
  );
}

const SOURCES: Readonly<Record<string, StoredPrice['source']>> = {
  contract: 'contract',
  imported: 'imported',
  overlay: 'overlay',
};

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const storedOf = (row: SqlRow): StoredPrice => ({
  model: String(row['model']),
  service_tier: String(row['service_tier']),
  token_type: String(row['token_type']),
  min_input_tokens: Number(row['min_input_tokens']),
  valid_from: textOrNull(row['valid_from']),
  valid_to: textOrNull(row['valid_to']),
  usd_per_mtok: textOrNull(row['usd_per_mtok']),
  source: SOURCES[String(row['source'])] ?? 'genai-prices',
  source_version: String(row['source_version']),
  note: String(row['note']),
});
