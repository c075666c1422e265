import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { engineErrorKind, translated } from './engine-error.ts';

/** A lock between processes, given back by `release` or, by the operating system, when the process dies. */
export interface FileLock {
  release(): void;
}

/** DuckDB refuses a second process, not a second instance in this one. */
const held = new Set<string>();

/**
 * Takes the lock, if nobody has it.
 *
 * Node has no lock on files of its own, and a file with a pid in it goes wrong in containers, where every process has pid 1. DuckDB
 * locks a database it has open, so the lock is an empty one.
 *
 * @param path of a file that is made for this; its folder exists.
 * @returns null while another process, or this one, has it.
 */
export async function takeFileLock(path: string): Promise<FileLock | null> {
  const key = join(realpathSync(dirname(path)), basename(path));
  if (held.has(key)) return null;
  held.add(key);
  try {
    const instance = await DuckDBInstance.create(key);
    return {
      release() {
        instance.closeSync();
        held.delete(key);
      },
    };
  } catch (error) {
    held.delete(key);
    if (engineErrorKind(error) === 'locked') return null;
    throw translated(error, `locking ${path}`);
  }
}
