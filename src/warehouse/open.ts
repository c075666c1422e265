import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError } from '../errors.ts';
import { applyPrices, type PricePart } from './editions.ts';
import { type Attachment, attach, connect, detach } from './engine/attachment.ts';
import { Held } from './engine/held.ts';
import type { Statements } from './engine/session.ts';
import type { OnStep } from './load/load.ts';
import type { Content } from './load/prepare.ts';
import { type PricesOfFile, showWithPrices } from './present-prices.ts';
import { WarehouseFile } from './warehouse-file.ts';

export interface WarehouseOptions {
  /** File of the warehouse; created with its folders when it is missing, unless `readOnly`. */
  readonly path: string;
  /** Memory DuckDB may use, such as `512MB`; beyond it sorts and joins spill to `<path>.tmp`. */
  readonly memoryLimit?: string;
  /** `none`: no prompt or answer text reaches the file. */
  readonly content: Content;
  /** How long to wait for a file that another process holds. */
  readonly waitSeconds: number;
  /** Reads only, and its SQL cannot reach any other file. */
  readonly readOnly?: boolean;
  /**
   * With `readOnly`: reads through what this process has open for writing, where it has, and is closed within seconds: a
   * writer of this process waits for that, whatever its `waitSeconds`. For statements of our own only, as SQL could write.
   */
  readonly sharesWriter?: boolean;
  /** With `readOnly`: its SQL does reach other files. For our own SQL only. */
  readonly reachesFiles?: boolean;
  /** Called when waiting begins, and when the holder changes; pid null: the holder is not known. */
  readonly onWaiting?: (pid: number | null, path: string) => void;
  /** Called when what was committed could not be written into the file between two batches; after several the next load fails. */
  readonly onLogKept?: (error: Error) => void;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970, for what is written down as the time of writing. */
  readonly nowMs?: () => number;
  readonly onStep?: OnStep;
  /**
   * Prices that a file opened for writing is to have, and one for reading is shown with; a part that is not named stays as it is.
   */
  readonly prices?: readonly PricePart[];
  /** Rows loaded until the file is closed and opened again; fewer in tests. */
  readonly reopenRows?: number;
}

/** The default of DUCKDB_MEMORY_LIMIT. */
export const MEMORY_LIMIT_DEFAULT = '512MB';

/** Some 15 MB of what DuckDB never forgets, and a fiftieth of the time it takes to load them. */
const REOPEN_ROWS = 120_000;

const POLL_MS = 250;
/** For a reader of this process that takes some 50 ms. */
const BRIEF_POLL_MS = 10;

/**
 * Opens the warehouse: attached as `dest`, migrated, one connection of its own. Close it.
 *
 * Several handles on one file in one process share the instance; a reading and a writing one exclude each other, unless
 * the reading one `sharesWriter`.
 *
 * @throws {BusyError} when the file is still held after `waitSeconds`; {@link TerminalError} for a file that is not
 * a warehouse or was written by a newer program, and for a missing file when `readOnly`; the signal's reason when aborted.
 */
export async function openWarehouse(options: WarehouseOptions): Promise<WarehouseFile> {
  const attachment = await attachWaiting(options);
  const session = await connect(attachment.instance).catch(async (error: unknown) => {
    await detach(attachment);
    throw error;
  });
  const close = async () => {
    await session.close();
    await detach(attachment);
  };
  const memoryLimit = options.memoryLimit ?? MEMORY_LIMIT_DEFAULT;
  const nowMs = options.nowMs ?? Date.now;
  const parts = options.prices ?? [];
  const apply = async (statements: Statements): Promise<PricesOfFile> => {
    for (const part of parts) await applyPrices(statements, part, nowMs);
    return { kind: 'held' };
  };
  const prepared =
    options.readOnly === true
      ? session.exclusive((statements) => showWithPrices(statements, parts))
      : attachment.writes.run(() => session.exclusive(apply));
  const prices = await prepared.catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return new WarehouseFile(session, attachment, close, {
    content: options.content,
    readOnly: options.readOnly ?? false,
    nowMs,
    onStep: options.onStep ?? null,
    memoryLimit,
    prices,
    reopenRows: options.reopenRows ?? REOPEN_ROWS,
    onLogKept: options.onLogKept ?? (() => {}),
  });
}

/** The file, once no other process has it. @throws as {@link openWarehouse} */
export async function attachWaiting(options: WarehouseOptions): Promise<Attachment> {
  const until = performance.now() + options.waitSeconds * 1000;
  let told: Held | null = null;
  for (;;) {
    options.signal?.throwIfAborted();
    const attached = await attach({
      path: options.path,
      readOnly: options.readOnly ?? false,
      sharesWriter: options.sharesWriter ?? false,
      reachesFiles: options.reachesFiles ?? false,
      memoryLimit: options.memoryLimit ?? MEMORY_LIMIT_DEFAULT,
      nowMs: options.nowMs ?? Date.now,
    });
    if (!(attached instanceof Held)) return attached;
    if (attached.isBrief) {
      await sleep(BRIEF_POLL_MS);
      continue;
    }
    const leftMs = until - performance.now();
    if (leftMs <= 0) throw heldTooLong(attached, options);
    if (told === null || told.pid !== attached.pid) options.onWaiting?.(attached.pid, options.path);
    told = attached;
    await sleep(Math.min(POLL_MS, leftMs), undefined, options.signal && { signal: options.signal }).catch(
      () => options.signal?.throwIfAborted(),
    );
  }
}

function heldTooLong({ pid }: Held, { path, waitSeconds }: WarehouseOptions): BusyError {
  const holder =
    pid === null ? 'another process' : pid === process.pid ? `this process (pid ${pid})` : `process ${pid}`;
  return new BusyError(
    `the warehouse ${path} is in use by ${holder}, for longer than ${waitSeconds} s: try again when it has ended, or raise WAIT_SECONDS (--wait).`,
    pid,
  );
}
