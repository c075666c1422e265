/** A copy of the warehouse to put back: all of its rows and state at one moment, as one file. */
import { randomUUID } from 'node:crypto';
import { chmod, link, lstat, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SettingsError, TerminalError, TokenhouseError } from '../../errors.ts';
import { connect, detach } from '../engine/attachment.ts';
import type { Statements } from '../engine/session.ts';
import { identify, refuseCopy } from '../migrate.ts';
import { attachWaiting, MEMORY_LIMIT_DEFAULT, type WarehouseOptions } from '../open.ts';
import { syncToDisk } from '../publish/published-file.ts';
import { copyHeld, countTables, differing } from './whole-file.ts';

export interface BackupOptions
  extends Pick<WarehouseOptions, 'path' | 'memoryLimit' | 'waitSeconds' | 'onWaiting'> {
  /** A file, or a folder: that gets a file with the time in its name. */
  readonly to: string;
  /** Replaces a file that is there. */
  readonly force: boolean;
  /** Files that are in use and must not be replaced, such as the published copy. */
  readonly keep: readonly string[];
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
}

export interface Backup {
  readonly path: string;
  readonly bytes: number;
  readonly completions: number;
}

/**
 * Writes a backup beside, reads it to its end, compares its tables with the warehouse's and puts it in place whole. The warehouse is
 * held for reading meanwhile: a run waits for that, and other readers do not.
 *
 * @throws {SettingsError} for a target that is there or cannot be one; {@link BusyError} while a run has the warehouse for longer than
 * `waitSeconds`; {@link TerminalError} when there is none, when it is damaged, or when the backup cannot be written.
 */
export async function backup(options: BackupOptions): Promise<Backup> {
  const { signal } = options;
  const path = await targetOf(options);
  const attachment = await attachWaiting({
    ...options,
    content: 'full',
    readOnly: true,
    reachesFiles: true,
  });
  const beside = `${path}.part-${randomUUID().slice(0, 8)}`;
  try {
    const session = await connect(attachment.instance);
    const stop = (): void => void session.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await session.exclusive(async (statements) => {
        refuseCopy(await identify(statements), options.path);
        await copyHeld(attachment.path, beside, signal);
        const completions = await verify(statements, beside, options.memoryLimit ?? MEMORY_LIMIT_DEFAULT);
        return { path, bytes: await putInPlace(beside, path, options.force), completions };
      });
    } finally {
      signal.removeEventListener('abort', stop);
      await session.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TokenhouseError || !(error instanceof Error && 'code' in error)) throw error;
    throw new TerminalError(
      `the backup ${path} cannot be written (${String(error.code)}): mend that, or name another place with --to`,
    );
  } finally {
    await detach(attachment);
    for (const suffix of ['', '.wal']) await rm(`${beside}${suffix}`, { force: true });
  }
}

async function targetOf({ path, to, force, keep, nowMs }: BackupOptions): Promise<string> {
  const isFolder = to.endsWith('/') || (await stat(to).catch(() => null))?.isDirectory() === true;
  const time = new Date(nowMs()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const target = isFolder
    ? join(resolve(to), `${basename(path).replace(/\.duckdb$/, '')}-${time}.duckdb`)
    : resolve(to);
  if ((await stat(dirname(target)).catch(() => null))?.isDirectory() !== true) {
    throw new SettingsError(`--to ${to}: the folder ${dirname(target)} does not exist, create it`);
  }
  const found = await lstat(target).catch(() => null);
  if (found === null) return target;
  if (!found.isFile()) throw new SettingsError(`--to ${to} is not a regular file: name another one`);
  for (const used of [path, ...keep]) {
    if ((await realpath(used).catch(() => null)) !== (await realpath(target))) continue;
    throw new SettingsError(`--to ${to} is ${used}, which is in use: name another file`);
  }
  if (!force) throw new SettingsError(`--to ${to} exists already: name another file, or add --force`);
  return target;
}

/**
 * Writes the log that was copied along into the copy, and reads all of it.
 *
 * @returns its completions. @throws {TerminalError} when it is damaged, or differs from the warehouse.
 */
async function verify(statements: Statements, copy: string, memoryLimit: string): Promise<number> {
  const run = (sql: string) => statements.run('backup/verify', undefined, sql);
  const expected = await countTables(statements, memoryLimit, false);
  const name = copy.replaceAll("'", "''");
  if ((await stat(`${copy}.wal`).catch(() => null)) !== null) {
    await run(`attach '${name}' as backup (type duckdb); checkpoint backup; detach backup`);
  }
  await run(`attach '${name}' as backup (type duckdb, read_only); use backup`);
  const counts = await countTables(statements, memoryLimit, true);
  await run('use dest; detach backup');
  const table = differing(expected, counts);
  if (table !== null)
    throw new TerminalError(`the backup lacks rows of ${table}: it was not kept, try again`);
  return counts.get('main.completions') ?? 0;
}

async function putInPlace(beside: string, path: string, force: boolean): Promise<number> {
  await chmod(beside, 0o600);
  const { size } = await stat(beside);
  await syncToDisk(beside);
  if (force) {
    // Of the file that is replaced.
    await rm(`${path}.wal`, { force: true });
    await rename(beside, path);
  } else {
    await linkOrRename(beside, path);
  }
  await syncToDisk(dirname(path));
  return size;
}

/** A link fails where a file has appeared meanwhile; file systems without links get a rename. */
async function linkOrRename(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    await rename(from, to);
  }
}
