/** DuckDB's write-ahead log. What is committed and not in the file's own blocks yet is in memory as well, several times as long. */
import { stat } from 'node:fs/promises';
import type { Statements } from './session.ts';

/** A commit that would make it longer writes into the file instead: one of 64 MB took 310 MB of memory. */
export const CHECKPOINT_THRESHOLD = '16MB';
/** From here on a run writes it into the file between two batches. */
const LOG_BYTES_HIGH = 12 * 1000 * 1000;

/** `work` with no such writing in its commit, which would come on top of all that it has staged. */
export async function withoutCheckpoint<T>(statements: Statements, work: () => Promise<T>): Promise<T> {
  const set = (threshold: string) =>
    statements.run('checkpoint threshold', undefined, `set checkpoint_threshold = '${threshold}'`);
  await set('1TB');
  try {
    return await work();
  } finally {
    // It fails where the instance is lost: the next one has it anew.
    await set(CHECKPOINT_THRESHOLD).catch(() => {});
  }
}

/** @param path of the database. */
export async function isLogLong(path: string): Promise<boolean> {
  const found = await stat(`${path}.wal`).catch(() => null);
  return found !== null && found.size > LOG_BYTES_HIGH;
}
