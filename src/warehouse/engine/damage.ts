/** Files that DuckDB cannot read any more: what it says of them, what to do, and a log that is set aside. */
import { chmod, open, rename, stat } from 'node:fs/promises';
import { TerminalError } from '../../errors.ts';

/** The file of a database, or what should be one. What it held is in a backup, or at the API. */
export class DamagedFileError extends TerminalError {}

/** The log beside it. The file is as it was before what the log holds. */
export class DamagedLogError extends TerminalError {}

/** A file that was cut short, or whose blocks have other bytes than were written. What DuckDB spills is no part of it. */
const DAMAGED = /Corrupt database file|Could not read enough bytes from file "(?![^"]*\.tmp\/)/;

const REMEDY =
  'put a backup in its place (`tokenhouse restore BACKUP --force` keeps the damaged file), then `tokenhouse sync` reads what that lacks. ' +
  'Without one move the file and its .wal away and run `tokenhouse backfill --since 1970-01-01`, which reads all that the API still has.';

/** @param message of DuckDB. @param of what is damaged, or was being done. @returns null: it says something else. */
export function damagedFile(message: string, of: string): DamagedFileError | null {
  if (!DAMAGED.test(message)) return null;
  // Names places in the file, and no value.
  const reason = /(?:Corrupt database file|Could not read enough bytes).{0,300}/.exec(message)?.[0] ?? '';
  return new DamagedFileError(`${of}: the file is damaged (${reason}): ${REMEDY}`);
}

/** What was a warehouse may have lost the beginning that tells it is one. */
export const notDuckDb = (path: string): DamagedFileError =>
  new DamagedFileError(
    `${path} is not a DuckDB file: nothing was changed. Set WAREHOUSE to a file of its own; if it was the warehouse, it is damaged: ${REMEDY}`,
  );

/** Reasons that pass, or have another remedy. */
const NO_DAMAGE = /out of memory|could not allocate|no space|permission denied|interrupt|too many open/i;

/** @param message of DuckDB on opening the file. @returns null: it says something else. */
export function damagedLog(message: string, path: string): DamagedLogError | null {
  if (!/Failure while replaying (?:checkpoint )?WAL file/.test(message) || NO_DAMAGE.test(message))
    return null;
  const known = /Corrupt WAL file[^"]{0,200}|WAL does not match database file/.exec(message)?.[0];
  return logError(path, known ?? 'its text is withheld: it may quote the data');
}

const logError = (path: string, reason: string): DamagedLogError =>
  new DamagedLogError(
    `the log ${path}.wal, which holds what was committed last, cannot be read (${reason}): run \`tokenhouse doctor --repair\`. It keeps ` +
      'the log beside, and loses nothing that the API still has: rows and the record of what was read are in it together, so the ' +
      'next sync reads them again.',
  );

/** How each log of DuckDB begins: its first entry is the version of the format. */
const LOG_HEAD = Buffer.from([0x64, 0x00, 0x62]);

/**
 * DuckDB takes a log that begins with anything else for one that was cut off in its first entry, and cuts it to nothing with the next
 * commit. Where a killed process has left off in any other place, it is right to do so.
 *
 * @param path of the database, which is attached for reading: nobody writes to the log.
 * @throws {DamagedLogError}
 */
export async function refuseDamagedLog(path: string): Promise<void> {
  const log = await open(`${path}.wal`).catch(() => null);
  if (log === null) return;
  try {
    const { bytesRead, buffer } = await log.read(Buffer.alloc(LOG_HEAD.length), 0, LOG_HEAD.length, 0);
    if (buffer.subarray(0, bytesRead).equals(LOG_HEAD.subarray(0, bytesRead))) return;
  } finally {
    await log.close();
  }
  throw logError(path, 'it does not begin as a log does');
}

/** The log, the one of a checkpoint that was under way, and the two put together by an opening that was. */
const LOGS = ['.wal', '.wal.checkpoint', '.wal.recovery'];

/** Tells a log from one that was written to since. */
export type LogState = readonly string[];

export const logStateOf = (path: string): Promise<LogState> =>
  Promise.all(
    LOGS.map(async (suffix) => {
      const found = await stat(`${path}${suffix}`).catch(() => null);
      return found === null ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`;
    }),
  );

/**
 * Renames the log and what belongs to it.
 *
 * @param seen as it was when it could not be read.
 * @returns the new names; null: somebody has written to it since, and nothing was done.
 */
export async function setLogAside(
  path: string,
  seen: LogState,
  nowMs: number,
): Promise<readonly string[] | null> {
  const present = await logStateOf(path);
  if (present.join() !== seen.join()) return null;
  const aside: string[] = [];
  for (const [place, suffix] of LOGS.entries()) {
    if (present[place] === '') continue;
    const to = asideNameOf(`${path}${suffix}`, nowMs);
    await rename(`${path}${suffix}`, to);
    // Of an older version it may be readable for others.
    await chmod(to, 0o600).catch(() => undefined);
    aside.push(to);
  }
  return aside;
}

/** Such as `warehouse.duckdb.wal.aside-20261129T083112345Z`. */
export const asideNameOf = (path: string, nowMs: number): string =>
  `${path}.aside-${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '')}`;
