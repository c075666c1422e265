/** Where the dashboard reads: the published copy, which no run ever holds, or where there is none the warehouse itself. */
import { existsSync, statSync } from 'node:fs';
import { pricesNow } from '../../analytics/prices-now.ts';
import type { PublishSettings, WarehouseSettings } from '../../config.ts';
import { TokenhouseError } from '../../errors.ts';
import type { CopyQuestion } from '../../health/copy-health.ts';
import type { Log } from '../../log.ts';
import { readProgress } from '../../run/run-progress.ts';
import { openWarehouse } from '../../warehouse/open.ts';
import type { PricesOfFile } from '../../warehouse/present-prices.ts';
import { isCopyOf, publicationIn } from '../../warehouse/publish/published-copy.ts';
import { readUnpublished } from '../../warehouse/publish/unpublished.ts';
import type { WarehouseFile } from '../../warehouse/warehouse-file.ts';

/** What is open: as many connections as there may be queries at once. */
export interface DataFile {
  readonly kind: 'copy' | 'warehouse';
  /** ISO 8601; null: it is the warehouse itself. */
  readonly publishedAt: string | null;
  /** Whether it has the prices of now, in the file or shown on top of it. */
  readonly prices: PricesOfFile['kind'];
  readonly connections: readonly WarehouseFile[];
}

export interface DataReader extends AsyncDisposable {
  /** Changes when what is read changes; null: there is nothing yet. Opens nothing. */
  version(): string | null;
  /** What is known of the copy besides what is in it. Opens nothing. */
  aboutCopy(): Pick<CopyQuestion, 'unpublished' | 'hasWarehouse'>;
  /** Sources of the warehouse whose run a living process of this machine tells of. */
  sourcesAtWork(nowMs: number): Promise<ReadonlySet<string>>;
  /**
   * @returns null: there is nothing to read yet.
   * @throws {WarehouseHeldError} when a run has the warehouse and there is no copy; other {@link TokenhouseError}s.
   */
  use<T>(work: (file: DataFile) => Promise<T>): Promise<T | null>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  readonly warehouse: WarehouseSettings;
  readonly publish: PublishSettings;
  readonly log: Log;
}

/** Two cores' worth: more would only slow each other, and whatever else the machine does. */
const CONNECTIONS = 2;

/** A writer waits for those that read the warehouse itself, so they must not take long. */
const WAREHOUSE_SECONDS_MAX = 10;

/** An open copy, and those who read it. */
interface Kept {
  readonly version: string;
  readonly file: DataFile;
  users: number;
  isRetired: boolean;
}

export function createReader({ warehouse, publish, log }: ReaderOptions): DataReader {
  let kept: Kept | null = null;
  let opening: Promise<Kept | null> | null = null;
  /** A copy that could not be read: not tried again before it is another one. */
  let refused: string | null = null;
  const closing = new Set<Promise<void>>();

  /** Other prices make other numbers. */
  const pricesVersion = (): string =>
    warehouse.pricesFile === null ? '' : (versionOf(warehouse.pricesFile) ?? '');

  function copyVersion(): string | null {
    const file = publish.to === null ? null : versionOf(publish.to);
    return file === null ? null : `${file} ${pricesVersion()}`;
  }

  function version(): string | null {
    const copy = copyVersion();
    if (copy !== null && copy !== refused) return `copy ${copy}`;
    const file = versionOf(warehouse.path);
    return file === null
      ? null
      : `warehouse ${file} ${versionOf(`${warehouse.path}.wal`) ?? ''} ${pricesVersion()}`;
  }

  async function openCopy(to: string, wanted: string): Promise<Kept | null> {
    const connections: WarehouseFile[] = [];
    // A prices file that cannot be read is no fault of the copy.
    const prices = pricesNow(warehouse);
    try {
      for (let count = 0; count < CONNECTIONS; count++) {
        const settings = { ...warehouse, path: to, prices, readOnly: true, waitSeconds: 0 };
        connections.push(await openWarehouse(settings));
      }
      const [first] = connections;
      const publication = first === undefined ? null : await publicationIn(first);
      if (publication !== null && isCopyOf(publication, warehouse.path)) {
        const { publishedAt } = publication;
        const file: DataFile = { kind: 'copy', publishedAt, prices: first?.prices ?? 'held', connections };
        return { version: wanted, file, users: 0, isRetired: false };
      }
      log.warn({ publishTo: to }, 'the published copy is of another warehouse: not shown');
    } catch (error) {
      if (!(error instanceof TokenhouseError)) throw error;
      log.warn({ publishTo: to }, `the published copy cannot be read: ${error.message}`);
    }
    await Promise.all(connections.map((one) => one.close()));
    refused = wanted;
    return null;
  }

  function retire(one: Kept): void {
    one.isRetired = true;
    if (one.users > 0) return;
    const closed = Promise.all(one.file.connections.map((connection) => connection.close())).then(
      () => undefined,
      () => undefined,
    );
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  /** The copy that is in place now, opened once for all who ask. */
  async function currentCopy(): Promise<Kept | null> {
    const wanted = copyVersion();
    if (publish.to === null || wanted === null || wanted === refused) return null;
    if (kept?.version === wanted) return kept;
    opening ??= openCopy(publish.to, wanted).finally(() => {
      opening = null;
    });
    const opened = await opening;
    if (opened !== null && opened !== kept) {
      if (kept !== null) retire(kept);
      kept = opened;
    }
    return opened;
  }

  async function useWarehouse<T>(work: (file: DataFile) => Promise<T>): Promise<T> {
    const connections: WarehouseFile[] = [];
    const closeAll = () => Promise.all(connections.map((one) => one.close()));
    // Closing interrupts what runs.
    const timer = setTimeout(() => void closeAll(), WAREHOUSE_SECONDS_MAX * 1000);
    try {
      for (let count = 0; count < CONNECTIONS; count++) {
        const settings = {
          ...warehouse,
          prices: pricesNow(warehouse),
          readOnly: true,
          sharesWriter: true,
          waitSeconds: 0,
        };
        connections.push(await openWarehouse(settings));
      }
      const prices = connections[0]?.prices ?? 'held';
      return await work({ kind: 'warehouse', publishedAt: null, prices, connections });
    } finally {
      clearTimeout(timer);
      await closeAll();
    }
  }

  async function close(): Promise<void> {
    await opening;
    if (kept !== null) retire(kept);
    kept = null;
    await Promise.all(closing);
  }

  return {
    version,
    aboutCopy: () => ({
      unpublished:
        publish.to === null ? null : readUnpublished({ warehouse: warehouse.path, to: publish.to }),
      hasWarehouse: existsSync(warehouse.path),
    }),
    async sourcesAtWork(nowMs) {
      return new Set((await readProgress(warehouse.path, nowMs)).map(({ source }) => source));
    },
    async use(work) {
      const copy = await currentCopy();
      if (copy === null) return existsSync(warehouse.path) ? await useWarehouse(work) : null;
      copy.users++;
      try {
        return await work(copy.file);
      } finally {
        copy.users--;
        if (copy.isRetired) retire(copy);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** By path only: a DuckDB file is not to be opened by other means. */
function versionOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev} ${found.ino} ${found.mtimeMs} ${found.size}`;
}

/** Each piece of work on the next connection that is free, so at most one at a time on each. */
export async function spread<T>(
  connections: readonly WarehouseFile[],
  pieces: readonly ((connection: WarehouseFile) => Promise<T>)[],
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (connection: WarehouseFile): Promise<void> => {
    for (;;) {
      const index = next++;
      const piece = pieces[index];
      if (piece === undefined) return;
      results[index] = await piece(connection);
    }
  };
  await Promise.all(connections.map(lane));
  return results;
}
