/** A price list put into the warehouse, dated. The command line and the worker's job both call this. */
import { existsSync } from 'node:fs';
import { PriceFileError } from '../analytics/price-files.ts';
import { changesOf, type PriceChange } from '../analytics/price-import/changes.ts';
import { type Provider, readPriceList } from '../analytics/price-import/detect.ts';
import { endImported, type ImportedPrice, type Merge, mergeImport } from '../analytics/price-import/merge.ts';
import type { ListKind, ParsedList, Skip } from '../analytics/price-import/parsed-list.ts';
import { priceParts, stored } from '../analytics/price-parts.ts';
import type { TokenType } from '../analytics/prices.ts';
import type { WarehouseSettings } from '../config.ts';
import { TerminalError } from '../errors.ts';
import type { StoredPrice } from '../warehouse/editions.ts';
import { listStoredPrices } from '../warehouse/imported-prices.ts';
import { openWarehouse, type WarehouseOptions } from '../warehouse/open.ts';
import { type ReadingOptions, readPriceListText, shownName } from './price-list-source.ts';

export interface ImportRequest extends ReadingOptions {
  /** Path of a file, or a URL. */
  readonly from: string;
  readonly provider: Provider;
  /** First UTC day that it holds for, yyyy-mm-dd; null: the one it is imported on. */
  readonly since: string | null;
  /** Tells what it would change, and changes nothing. */
  readonly dryRun: boolean;
  readonly nowMs: () => number;
  readonly onWaiting?: WarehouseOptions['onWaiting'];
}

export interface PriceImport {
  readonly list: ListKind;
  /** Of the rows, such as `litellm 2026-11-29`. */
  readonly sourceVersion: string;
  /** First UTC day that it holds for. */
  readonly since: string;
  /** Of every price on the list. */
  readonly changes: readonly PriceChange[];
  readonly skipped: readonly Skip[];
  /** Rows that were written, ended, and left as this list does not name them. */
  readonly added: number;
  readonly ended: number;
  readonly kept: number;
}

/**
 * @throws {TerminalError} for a list that cannot be read or is none, and without a warehouse; {@link TransientError} when it could not
 * be fetched or another process has the warehouse. Nothing is changed then.
 */
export async function importPrices(
  warehouse: WarehouseSettings,
  request: ImportRequest,
): Promise<PriceImport> {
  const { nowMs, dryRun } = request;
  refuseMissing(warehouse.path);
  const list = parsed(await readPriceListText(request.from, request), request);
  await using file = await openWarehouse({
    ...warehouse,
    prices: priceParts(warehouse.pricesFile),
    readOnly: dryRun,
    nowMs,
    signal: request.signal,
    ...(request.onWaiting === undefined ? {} : { onWaiting: request.onWaiting }),
  });
  // Not before: a run may have had the warehouse past midnight, and a day that is over keeps its prices.
  const today = new Date(nowMs()).toISOString().slice(0, 10);
  const days = { today, since: request.since ?? today };
  if (dryRun) return plan(list, await listStoredPrices(file), days).told;
  return await file.changePrices((held) => {
    const { told, merge } = plan(list, held, days);
    const isChanged = told.added + told.ended > 0;
    return { rows: isChanged ? merge.prices.map(storedImport) : null, list: list.kind, result: told };
  });
}

/**
 * Takes imported prices out: what they say of a day and of those after it, or all of them.
 *
 * @param day yyyy-mm-dd, UTC; null: all.
 * @returns rows that went or end on the day.
 * @throws {TransientError} when another process has the warehouse; {@link TerminalError} without one.
 */
export async function forgetPrices(
  warehouse: WarehouseSettings,
  day: string | null,
  options: Pick<WarehouseOptions, 'nowMs' | 'signal' | 'onWaiting'>,
): Promise<number> {
  refuseMissing(warehouse.path);
  await using file = await openWarehouse({
    ...warehouse,
    ...options,
    prices: priceParts(warehouse.pricesFile),
  });
  return await file.changePrices((held) => {
    const imported = held.filter(({ source }) => source === 'imported');
    const left = endImported(imported.map(importOf), day).map(storedImport);
    const same = new Set(left.map((row) => JSON.stringify(row)));
    const ended = imported.filter((row) => !same.has(JSON.stringify(row))).length;
    return { rows: ended === 0 ? null : left, list: null, result: ended };
  });
}

function refuseMissing(path: string): void {
  if (existsSync(path)) return;
  throw new TerminalError(`there is no warehouse at ${path}: run \`tokenhouse sync\` first.`);
}

function parsed(text: string, { from, provider }: ImportRequest): ParsedList {
  try {
    return readPriceList(text, provider);
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error;
    throw new TerminalError(`${shownName(from)} ${error.message}`, { cause: error });
  }
}

function plan(
  list: ParsedList,
  held: readonly StoredPrice[],
  { today, since }: { readonly today: string; readonly since: string },
): { readonly told: PriceImport; readonly merge: Merge } {
  const sourceVersion = `${list.kind} ${today}`;
  const imported = held.filter(({ source }) => source === 'imported').map(importOf);
  const merge = mergeImport(imported, list.prices, { day: since, sourceVersion });
  const { added, ended, kept } = merge;
  const changes = changesOf(held, list.prices, since);
  const told = { list: list.kind, sourceVersion, since, changes, skipped: list.skipped, added, ended, kept };
  return { told, merge };
}

const importOf = (row: StoredPrice): ImportedPrice => ({
  model: row.model,
  serviceTier: row.service_tier,
  tokenType: row.token_type as TokenType,
  minInputTokens: row.min_input_tokens,
  validFrom: row.valid_from,
  validTo: row.valid_to,
  usdPerMtok: row.usd_per_mtok,
  note: row.note,
  sourceVersion: row.source_version,
});

const storedImport = ({ sourceVersion, ...price }: ImportedPrice): StoredPrice =>
  stored(price, 'imported', sourceVersion);
