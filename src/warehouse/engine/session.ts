import { DuckDBBlobValue, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { TransientError } from '../../errors.ts';
import { translated } from './engine-error.ts';
import { Mutex } from './mutex.ts';
import { statement } from './statements.ts';
import { type SqlValue, sqlValue } from './values.ts';

/** A parameter of a statement. Whole numbers above 2^31 are bound as BIGINT, bytes as BLOB. */
export type SqlParameter = string | number | boolean | Uint8Array | null;
export type SqlParameters = Readonly<Record<string, SqlParameter>>;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Values in the order of the columns; see {@link SqlValue}. */
  readonly rows: readonly (readonly SqlValue[])[];
}

const boundValues = (parameters: SqlParameters): Record<string, DuckDBValue> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? new DuckDBBlobValue(value) : value,
    ]),
  );

/** One connection, one statement at a time. Closing is safe at any moment. */
export class Session {
  readonly #connect: () => Promise<DuckDBConnection>;
  readonly #onClose: () => void;
  readonly #mutex = new Mutex();
  /** null: lost with its instance; the next turn makes another one. */
  #connection: DuckDBConnection | null;
  #closed = false;

  /** @param connect makes the next connection, when the instance of this one was closed. */
  constructor(
    connection: DuckDBConnection,
    connect: () => Promise<DuckDBConnection>,
    onClose: () => void = () => {},
  ) {
    this.#connection = connection;
    this.#connect = connect;
    this.#onClose = onClose;
  }

  /** Runs `work` with no other statement of this connection in between. Not reentrant. */
  exclusive<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      this.#refuseWhenClosed();
      this.#connection ??= await this.#connect();
      return await work(new Statements(this.#connection, () => this.#refuseWhenClosed()));
    });
  }

  /** Ends the statement that is running, if one is. */
  interrupt(): void {
    this.#connection?.interrupt();
  }

  /** Gives the connection up, so that its instance can be closed; waits for what is running. */
  async lose(): Promise<void> {
    this.interrupt();
    await this.#mutex.run(async () => {
      this.#connection?.closeSync();
      this.#connection = null;
    });
  }

  /** Waits for what is running, then gives the connection up while `work` closes the instance and makes another one. */
  async without(work: () => Promise<void>): Promise<void> {
    await this.#mutex.run(async () => {
      this.#connection?.closeSync();
      this.#connection = null;
      await work();
    });
  }

  /**
   * Interrupts what is running, waits for it to end, then closes: closing a DuckDB connection with a statement in flight
   * hangs the process or crashes it.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.lose();
    this.#onClose();
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new TransientError('the warehouse was closed');
  }
}

/** What {@link Statements.prepare} has made in which connection. */
const prepared = new WeakMap<DuckDBConnection, Set<string>>();

/** Statements of one exclusive turn; errors come out translated, without data. */
export class Statements {
  readonly #connection: DuckDBConnection;
  readonly #check: () => void;

  constructor(connection: DuckDBConnection, check: () => void) {
    this.#connection = connection;
    this.#check = check;
  }

  /**
   * Runs a file of sql/ or, where `text` is given, that text under this name.
   *
   * @returns rows inserted, updated or deleted.
   * @throws DuckDB's own error: whoever shows it translates it first, see {@link translated}.
   */
  async runUntranslated(name: string, parameters?: SqlParameters, text = statement(name)): Promise<number> {
    this.#check();
    // With values the binding prepares the statement, and a prepared text can hold one statement only.
    const result = await (parameters === undefined
      ? this.#connection.run(text)
      : this.#connection.run(text, boundValues(parameters)));
    return result.rowsChanged;
  }

  /** Runs files of sql/ that make what lasts as long as the connection does, the first time they are asked for. */
  async prepare(names: readonly string[]): Promise<void> {
    const key = names.join();
    const known = prepared.get(this.#connection) ?? new Set();
    if (known.has(key)) return;
    for (const name of names) await this.run(name);
    prepared.set(this.#connection, known.add(key));
  }

  /** As {@link runUntranslated}. @throws {TransientError} or {@link TerminalError} */
  async run(name: string, parameters?: SqlParameters, text?: string): Promise<number> {
    try {
      return await this.runUntranslated(name, parameters, text);
    } catch (error) {
      throw translated(error, name);
    }
  }

  /** Rows of a file of sql/ as objects. @throws {TransientError} or {@link TerminalError} */
  async rows(name: string, parameters?: SqlParameters): Promise<readonly SqlRow[]> {
    const { columns, rows } = await this.query(name, statement(name), parameters);
    return rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null])),
    );
  }

  /** Result of any text. @throws {TransientError} or {@link TerminalError} */
  async query(name: string, text: string, parameters?: SqlParameters): Promise<QueryResult> {
    this.#check();
    try {
      const reader = await (parameters === undefined
        ? this.#connection.runAndReadAll(text)
        : this.#connection.runAndReadAll(text, boundValues(parameters)));
      const columns = reader
        .columnNames()
        .map((column, index) => ({ name: column, type: reader.columnType(index).toString() }));
      return { columns, rows: reader.getRows().map((row) => row.map(sqlValue)) };
    } catch (error) {
      throw translated(error, name);
    }
  }

  /** `work` within BEGIN and COMMIT; ROLLBACK when it fails. */
  async transaction<T>(work: () => Promise<T>, beforeCommit?: () => Promise<void>): Promise<T> {
    await this.run('begin', undefined, 'begin transaction');
    try {
      const result = await work();
      await beforeCommit?.();
      await this.run('commit', undefined, 'commit');
      return result;
    } catch (error) {
      await this.#rollback();
      throw error;
    }
  }

  /** Past the closed check: an interrupted transaction must end before its connection does. */
  async #rollback(): Promise<void> {
    try {
      await this.#connection.run('rollback');
    } catch {
      // A failed COMMIT has ended the transaction already: there is nothing to roll back.
    }
  }
}
