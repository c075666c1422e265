/** DuckDB without a file: what it says of itself and of a text. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** DuckDB's version, as it says itself: proves that its native library runs here. */
export function engineVersion(): Promise<string> {
  return withConnection(async (connection) => {
    const reader = await connection.runAndReadAll('select version()');
    return String(reader.getRows()[0]?.[0]);
  });
}

/**
 * How many statements a text holds; null when it cannot be parsed (running it says why).
 *
 * DuckDB 1.5.5 runs them all and hands over the result of the first SELECT, so more than one misleads.
 */
export function countStatements(sql: string): Promise<number | null> {
  return withConnection(async (connection) => {
    try {
      return (await connection.extractStatements(sql)).count;
    } catch {
      return null;
    }
  });
}

async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
