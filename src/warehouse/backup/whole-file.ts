/** A database file as a whole: copied, and read to its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { giveBackMemory, transactionInLess } from '../engine/memory.ts';
import type { Statements } from '../engine/session.ts';

/** Each file of the list, where it is there, to its new name; says the error's code where that fails. */
const COPY = `
const { copyFileSync, existsSync, constants } = require('node:fs');
try {
  for (const [from, to] of JSON.parse(process.argv[1])) {
    if (existsSync(from)) copyFileSync(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  }
} catch (error) {
  process.stdout.write(String(error.code));
  process.exitCode = 1;
}`;

/**
 * Copies a file and the log beside it, while this process holds the file: by another process, as reading it without DuckDB would
 * give DuckDB's lock up. Shares the blocks where the file system can do that.
 *
 * @throws {NodeJS.ErrnoException} with the code of what failed; the signal's reason.
 */
export async function copyHeld(from: string, to: string, signal: AbortSignal): Promise<void> {
  const files = ['', '.wal'].map((suffix) => [`${from}${suffix}`, `${to}${suffix}`]);
  const child = spawn(process.execPath, ['-e', COPY, JSON.stringify(files)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close').catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  if (code !== 0) throw Object.assign(new Error('not copied'), { code: said || 'unknown reason' });
}

/**
 * Rows of each table of the database in use.
 *
 * @param isRead reads all of their columns: DuckDB compares each block with its checksum on the way.
 */
export async function countTables(
  statements: Statements,
  memoryLimit: string,
  isRead: boolean,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { name } of await statements.rows('backup/tables')) {
    const sql = `select count(*)${isRead ? ', bit_xor(hash(t))' : ''} from ${String(name)} as t`;
    const count = async (): Promise<void> => {
      const { rows } = await statements.query('backup/count', sql);
      counts.set(String(name), Number(rows[0]?.[0]));
    };
    await transactionInLess(statements, memoryLimit, count);
  }
  await giveBackMemory(statements, memoryLimit);
  return counts;
}

/** The first table that differs; null: none. */
export function differing(
  one: ReadonlyMap<string, number>,
  other: ReadonlyMap<string, number>,
): string | null {
  const names = [...new Set([...one.keys(), ...other.keys()])];
  return names.find((name) => one.get(name) !== other.get(name)) ?? null;
}
