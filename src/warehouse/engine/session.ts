import type { DuckDBConnection } from '@duckdb/node-api';
import { TransientError } from '../../errors.ts';
import { translated } from './engine-error.ts';
import { Mutex } from './mutex.ts';
import { statement } from './statements.ts';
import { type SqlValue, sqlValue } from './values.ts';

/** A parameter of a statement. Whole numbers above 2^31 are bound as BIGINT. */
export type SqlParameter = string | number | boolean | null;
export type SqlParameters = Readonly<Record<string, SqlParameter>>;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Values in the order of the columns; see {@link SqlValue}. */
  readonly rows: readonly (readonly SqlValue[])[];
}

/** One connection, one statement at a time. Closing is safe at any moment. */
export class Session {
  readonly #connection: DuckDBConnection;
  readonly #mutex = new Mutex();
  #closed = false;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Runs `work` with no other statement of this connection in between. Not reentrant. */
  exclusive<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#mutex.run(() => {
      this.#refuseWhenClosed();
      return work(new Statements(this.#connection, () => this.#refuseWhenClosed()));
    });
  }

  /**
   * Interrupts what is running, waits for it to end, then closes: closing a DuckDB connection with a statement in flight
   * hangs the process or crashes it.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.interrupt();
    await this.#mutex.run(async () => this.#connection.closeSync());
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new TransientError('the warehouse was closed');
  }
}

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
      : this.#connection.run(text, { ...parameters }));
    return result.rowsChanged;
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
        : this.#connection.runAndReadAll(text, { ...parameters }));
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
