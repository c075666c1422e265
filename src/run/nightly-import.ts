/** The import of PRICES_URL by the worker. */
import { existsSync } from 'node:fs';
import type { LocalConfig } from '../config.ts';
import { TokenhouseError } from '../errors.ts';
import type { Log } from '../log.ts';
import { forgetFailedImport, noteFailedImport } from './failed-import.ts';
import { importPrices } from './import-prices.ts';

const CHANGES_LOGGED_MAX = 50;

export interface NightlyImport {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Brings the copy up to date; called when any price has changed. */
  readonly publish: () => Promise<unknown>;
}

/**
 * Imports the list, and tells of it: in the log, and where it fails in a file that `status`, `doctor` and `prices check` read.
 *
 * @returns what it came to, in a line.
 * @throws as `importPrices`; nothing is changed then.
 */
export async function importNightly(
  config: Pick<LocalConfig, 'warehouse' | 'prices'>,
  { log, signal, nowMs, publish }: NightlyImport,
): Promise<string> {
  const { warehouse, prices } = config;
  if (prices.url === null) return 'PRICES_URL is not set';
  if (!existsSync(warehouse.path)) return 'there is no warehouse yet';
  try {
    const done = await importPrices(warehouse, {
      from: prices.url,
      provider: 'openai',
      since: null,
      dryRun: false,
      signal,
      nowMs,
    });
    await forgetFailedImport(warehouse.path);
    const counts = Object.groupBy(done.changes, ({ kind }) => kind);
    const [added = 0, changed = 0, same = 0] = [counts.new, counts.changed, counts.same].map(
      (of) => of?.length ?? 0,
    );
    const { list, added: rowsAdded, ended: rowsEnded } = done;
    log.info({ list, new: added, changed, same, rowsAdded, rowsEnded }, 'prices imported');
    // For who has to find out why a day costs another sum: a list may have a slip in it.
    for (const { kind: _, ...change } of counts.changed?.slice(0, CHANGES_LOGGED_MAX) ?? []) {
      log.info(change, 'a price has changed');
    }
    if (rowsAdded + rowsEnded > 0) await publish();
    return `${list}: ${added} new, ${changed} changed, ${same} the same`;
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = error instanceof TokenhouseError ? error.message : "unexpected; the worker's log has it";
    log.error({ err: error }, 'prices were not imported (PRICES_URL): costs stay as they are');
    await noteFailedImport(warehouse.path, { triedAtMs: nowMs(), reason });
    throw error;
  }
}
