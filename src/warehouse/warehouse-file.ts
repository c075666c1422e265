import { randomUUID } from 'node:crypto';
import { TerminalError } from '../errors.ts';
import type {
  Batch,
  Checkpoint,
  CompletionId,
  Gap,
  HeldRow,
  KnownRow,
  LoadCounts,
  RunStart,
  SecondRange,
  SplitValues,
  UnixSeconds,
  Warehouse,
} from '../sync/ports.ts';
import type { StoredPrice } from './editions.ts';
import { type Attachment, renew, reopen } from './engine/attachment.ts';
import { InvalidatedError, OutOfMemoryError } from './engine/engine-error.ts';
import { isLogLong, withoutCheckpoint } from './engine/log.ts';
import { giveBackMemory, giveBackWhenHigh, memoryError } from './engine/memory.ts';
import type { QueryResult, Session, SqlParameters, Statements } from './engine/session.ts';
import { changeImported, type ImportedChange } from './imported-prices.ts';
import type { Lease } from './leases.ts';
import { loadBatch, type OnStep } from './load/load.ts';
import type { Content } from './load/prepare.ts';
import { type PricesOfFile, useDatabase } from './present-prices.ts';
import { type InForceRequest, type PriceInForce, pricesInForce } from './read/prices-in-force.ts';
import * as state from './read/read-state.ts';

export interface FileSettings {
  readonly content: Content;
  readonly readOnly: boolean;
  readonly nowMs: () => number;
  readonly onStep: OnStep | null;
  /** Such as `512MB`. */
  readonly memoryLimit: string;
  /** Whether it has the prices it was opened with, or is only shown with them. */
  readonly prices: PricesOfFile;
  /** Rows loaded until the file is closed and opened again; see `reopen`. */
  readonly reopenRows: number;
  /** Called when the log could not be written into the file between two batches: nothing is lost, and it grows. */
  readonly onLogKept: (error: Error) => void;
}

const LOAD_TRIES = 3;
/** Batches in a row after which the log could not be written into the file: it takes several times its length of memory. */
const LOGS_KEPT_MAX = 3;
/** Small row groups, of runs with few rows, are put together at the end of such runs, some at a time. */
const ROWS_SMALL = 10_000;
const MERGE_TASKS = 8;
/** Row groups of rows that are longer on average are left as they are: 2,048 rows of them are in memory at a time. */
const LONG_ROW_BYTES = 32 * 1024;

const isOfMemory = (error: unknown): error is OutOfMemoryError | InvalidatedError =>
  error instanceof OutOfMemoryError || (error instanceof InvalidatedError && error.isMemory);

/** An open warehouse; made by `openWarehouse`. Its calls run one after the other. */
export class WarehouseFile implements Warehouse, AsyncDisposable {
  readonly #session: Session;
  readonly #shared: Attachment;
  readonly #close: () => Promise<void>;
  readonly #settings: FileSettings;
  #hasWritten = false;
  #rowsWritten = 0;
  #reopenedAtRows = 0;
  #hasLongRows = false;
  #logsKept: Error[] = [];
  #closing: Promise<void> | null = null;
  #lease: Lease | null = null;

  /** @param shared by all that write to the file. @param close closes the session and gives the file back. */
  constructor(session: Session, shared: Attachment, close: () => Promise<void>, settings: FileSettings) {
    this.#session = session;
    this.#shared = shared;
    this.#close = close;
    this.#settings = settings;
  }

  /**
   * Takes the lease on the source. Its token is the run's id: `load` checks inside its transaction that the run is still the
   * running one. Runs of other processes that never ended are dead, as this process could not have the file otherwise.
   *
   * @throws {BusyError} while another run of this process writes the source.
   */
  async startRun(run: RunStart): Promise<string> {
    const runId = randomUUID();
    // A handle writes one run at a time: its next one ends the lease of the one before.
    this.#lease?.release();
    const lease = this.#shared.leases.take(run.source, runId);
    try {
      await this.#write((statements) =>
        statements.transaction(async () => {
          await statements.run('load/abandon_runs', { source: run.source });
          await statements.run('load/insert_run', {
            run_id: runId,
            source: run.source,
            scope: run.scope,
            kind: run.kind,
            range_from: run.range.from,
            range_to: run.range.to,
            started_at_ms: run.startedAtMs,
          });
        }),
      );
    } catch (error) {
      lease.release();
      throw error;
    }
    this.#lease = lease;
    return runId;
  }

  readCoverage(source: string, scope: string): Promise<readonly SecondRange[]> {
    return this.#session.exclusive((statements) => state.readCoverage(statements, source, scope));
  }

  readGaps(source: string, scope: string): Promise<readonly Gap[]> {
    return this.#session.exclusive((statements) => state.readOpenGaps(statements, source, scope));
  }

  readCheckpoint(source: string): Promise<Checkpoint | null> {
    return this.#session.exclusive((statements) => state.readCheckpoint(statements, source));
  }

  knownRowAbove(source: string, second: UnixSeconds, rank: number): Promise<KnownRow | null> {
    return this.#session.exclusive((statements) => state.knownRowAbove(statements, source, second, rank));
  }

  knownRowsWithin(source: string, range: SecondRange, count: number): Promise<readonly HeldRow[]> {
    return this.#session.exclusive((statements) => state.knownRowsWithin(statements, source, range, count));
  }

  knownRowBelow(source: string, second: UnixSeconds): Promise<KnownRow | null> {
    return this.#session.exclusive((statements) => state.knownRowBelow(statements, source, second));
  }

  knownSplitValues(source: string, limit: number): Promise<SplitValues> {
    return this.#session.exclusive((statements) => state.knownSplitValues(statements, source, limit));
  }

  knownIdsIn(source: string, second: UnixSeconds): Promise<readonly CompletionId[]> {
    return this.#session.exclusive((statements) => state.knownIdsIn(statements, source, second));
  }

  /**
   * A batch that DuckDB gave up at is loaded again through a new instance, and one that does not fit into memory again without
   * what is only kept there to be read quickly; both a bounded number of times.
   *
   * @throws {TransientError} as well when the log of several batches before could not be written into the file. The last batch of a run,
   * which records that it failed, is taken all the same.
   */
  async load(batch: Batch): Promise<LoadCounts> {
    const kept = this.#logsKept.at(-1);
    if (kept !== undefined && this.#logsKept.length >= LOGS_KEPT_MAX && batch.end === null) {
      throw isOfMemory(kept) ? memoryError(kept, this.#settings.memoryLimit, batch) : kept;
    }
    for (let tries = 1; ; tries += 1) {
      const { instance } = this.#shared;
      try {
        return await this.#loadOnce(batch);
      } catch (error) {
        const isDead = error instanceof InvalidatedError;
        if (!isDead && !isOfMemory(error)) throw error;
        if (tries === LOAD_TRIES)
          throw isOfMemory(error) ? memoryError(error, this.#settings.memoryLimit, batch) : error;
        if (isDead) await renew(this.#shared, instance);
        await this.#session.exclusive((statements) => giveBackMemory(statements, this.#settings.memoryLimit));
      }
    }
  }

  async #loadOnce(batch: Batch): Promise<LoadCounts> {
    const { content, nowMs, onStep } = this.#settings;
    const counts = await this.#write((statements) =>
      withoutCheckpoint(statements, () => loadBatch(statements, batch, { content, nowMs: nowMs(), onStep })),
    );
    const bytes = batch.items.reduce((sum, { item }) => sum + item.raw.length, 0);
    this.#hasWritten = true;
    this.#hasLongRows ||= bytes > batch.items.length * LONG_ROW_BYTES;
    this.#rowsWritten += counts.rowsInserted;
    await this.#session.exclusive((statements) => giveBackWhenHigh(statements, this.#settings.memoryLimit));
    if (batch.end !== null && this.#lease?.runId === batch.runId) this.#lease.release();
    else await this.#reopenWhenDue();
    return counts;
  }

  /** A checkpoint reads what it knows of all row groups, which stays in memory until the file is closed: so both are done together. */
  async #reopenWhenDue(): Promise<void> {
    const isDue = this.#rowsWritten - this.#reopenedAtRows >= this.#settings.reopenRows;
    if (!isDue && !(await isLogLong(this.#shared.path))) return;
    this.#reopenedAtRows = this.#rowsWritten;
    const { instance } = this.#shared;
    try {
      // Not left to the closing, which would keep the process from all else meanwhile.
      await this.#settings.onStep?.('log into file');
      await this.#write((statements) => statements.run('checkpoint', undefined, 'checkpoint dest'));
      this.#logsKept = [];
    } catch (error) {
      // All that was committed is in the log, and the batch must not fail for it.
      const kept = error instanceof Error ? error : new Error(String(error));
      this.#logsKept.push(kept);
      this.#settings.onLogKept(kept);
      if (error instanceof InvalidatedError) await renew(this.#shared, instance);
      return;
    }
    await reopen(this.#shared, this.#session);
  }

  listSources(): Promise<readonly state.SourceState[]> {
    return this.#session.exclusive((statements) => state.listSources(statements));
  }

  listRuns(request: state.ListRequest): Promise<readonly state.RunState[]> {
    return this.#session.exclusive((statements) => state.listRuns(statements, request));
  }

  listGaps(request: state.ListRequest & { readonly openOnly: boolean }): Promise<readonly state.GapState[]> {
    return this.#session.exclusive((statements) => state.listGaps(statements, request));
  }

  listRejected(request: state.ListRequest): Promise<readonly state.RejectedState[]> {
    return this.#session.exclusive((statements) => state.listRejected(statements, request));
  }

  /** The imported prices become what `change` makes of all that are held, in one transaction. */
  changePrices<T>(change: (held: readonly StoredPrice[]) => ImportedChange<T>): Promise<T> {
    return this.#write((statements) => changeImported(statements, change, this.#settings.nowMs));
  }

  /**
   * Runs SQL of the caller; parameters by name (`$name`).
   *
   * @throws {TerminalError} or {@link TransientError}; where DuckDB's message may quote data it is withheld.
   */
  query(sql: string, parameters?: SqlParameters): Promise<QueryResult> {
    const { prices } = this.#settings;
    return this.#session.exclusive(async (statements) => {
      // Each time, as a connection that was made anew begins in the file.
      if (prices.kind === 'shown') await useDatabase(statements, prices.database);
      return await statements.query('the query', sql, parameters);
    });
  }

  /** What a token costs when, of any models. */
  pricesInForce(request: InForceRequest): Promise<readonly PriceInForce[]> {
    const { prices } = this.#settings;
    const shown = prices.kind === 'shown' ? prices.database : 'dest';
    return this.#session.exclusive((statements) => pricesInForce(statements, shown, request));
  }

  /** Whether what is read has the prices it was opened with, in the file or shown on top of it. */
  get prices(): PricesOfFile['kind'] {
    return this.#settings.prices.kind;
  }

  /** Interrupts what runs, waits for it, closes. A clean close leaves no .wal beside the file. */
  close(): Promise<void> {
    this.#closing ??= this.#tidyAndClose().finally(() => this.#lease?.release());
    return this.#closing;
  }

  async #tidyAndClose(): Promise<void> {
    this.#session.interrupt();
    if (this.#hasWritten) {
      // Here and not left to the closing of the file, which would keep the process from all else meanwhile. What it fails with is of
      // no account: all that was committed is in the log.
      const mergeTasks = this.#hasLongRows || this.#rowsWritten > ROWS_SMALL ? 0 : MERGE_TASKS;
      await this.#write((statements) =>
        statements.run(
          'checkpoint',
          undefined,
          `set max_vacuum_tasks = ${mergeTasks}; checkpoint dest; set max_vacuum_tasks = 0`,
        ),
      ).catch(() => {});
    }
    await this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #write<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    if (this.#settings.readOnly) throw new TerminalError('the warehouse is open for reading only');
    return this.#shared.writes.run(() => this.#session.exclusive(work));
  }
}
