/** A backup put into the place of the warehouse. What was there is kept beside. */
import { randomUUID } from 'node:crypto';
import { chmod, constants, copyFile, lstat, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { BusyError, SettingsError, TerminalError, TokenhouseError } from '../../errors.ts';
import { type Attachment, connect, detach } from '../engine/attachment.ts';
import { asideNameOf, DamagedFileError, DamagedLogError } from '../engine/damage.ts';
import { identify } from '../migrate.ts';
import { attachWaiting, MEMORY_LIMIT_DEFAULT, openWarehouse, type WarehouseOptions } from '../open.ts';
import { syncToDisk } from '../publish/published-file.ts';
import { countTables } from './whole-file.ts';

export interface RestoreOptions extends Pick<WarehouseOptions, 'path' | 'memoryLimit'> {
  /** The backup. */
  readonly from: string;
  /** A warehouse that is there is set aside. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
}

export interface Restored {
  readonly path: string;
  readonly completions: number;
  /** New name of the warehouse that was there; null: there was none. */
  readonly aside: string | null;
}

/**
 * @throws {SettingsError} when there is a warehouse and not `force`; {@link BusyError} while a process has it open;
 * {@link TerminalError} for a backup that is none, is damaged or was written by a newer program. Nothing is changed then.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { signal, nowMs } = options;
  const from = await backupOf(options.from);
  const path = await realpath(options.path).catch(() => resolve(options.path));
  if (path === from) throw new SettingsError(`${options.from} is the warehouse itself: name a backup`);
  const isThere = await refuseExisting(path, options.force);
  const holding = isThere ? await hold(path, options) : null;
  const beside = `${path}.restore-${randomUUID().slice(0, 8)}`;
  try {
    const completions = await verify(from, options);
    for (const suffix of ['', '.wal']) {
      if ((await stat(`${from}${suffix}`).catch(() => null)) === null) continue;
      await copyFile(`${from}${suffix}`, `${beside}${suffix}`, constants.COPYFILE_FICLONE);
      await chmod(`${beside}${suffix}`, 0o600);
    }
    signal.throwIfAborted();
    // Brings it to the schema of this program as well, before anything is replaced.
    await (await openWarehouse({ ...options, path: beside, content: 'full', waitSeconds: 0 })).close();
    await syncToDisk(beside);
    const aside = isThere ? await setAside(path, nowMs()) : null;
    await rename(beside, path);
    await syncToDisk(dirname(path));
    return { path, completions, aside };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TokenhouseError || !(error instanceof Error && 'code' in error)) throw error;
    throw new TerminalError(
      `${from} cannot be put in the place of ${path} (${String(error.code)}): mend that first`,
    );
  } finally {
    if (holding !== null) await detach(holding);
    for (const suffix of ['', '.wal']) await rm(`${beside}${suffix}`, { force: true });
  }
}

async function backupOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() === true && found.size > 0) return await realpath(path);
  throw new SettingsError(`${path} is no backup: name a file that \`tokenhouse backup\` has written`);
}

/** @returns whether there is anything to be set aside: the file, or a log without one. */
async function refuseExisting(path: string, force: boolean): Promise<boolean> {
  const found = await Promise.all(['', '.wal'].map((suffix) => lstat(`${path}${suffix}`).catch(() => null)));
  if (found.every((one) => one === null)) {
    if ((await stat(dirname(path)).catch(() => null))?.isDirectory() === true) return false;
    throw new SettingsError(`the folder ${dirname(path)} of WAREHOUSE does not exist: create it`);
  }
  if (force) return true;
  throw new SettingsError(`there is a warehouse at ${path}: add --force, which keeps it beside`);
}

/** Keeps others from writing to the file until it is replaced; a damaged one cannot be held, and nobody else can open it. */
async function hold(path: string, options: RestoreOptions): Promise<Attachment | null> {
  if ((await stat(path).catch(() => null)) === null) return null;
  try {
    return await attachWaiting({ ...options, path, content: 'full', readOnly: true, waitSeconds: 0 });
  } catch (error) {
    if (error instanceof BusyError) {
      const holder = error.pid === null ? 'another process' : `process ${error.pid}`;
      throw new BusyError(
        `${path} is in use by ${holder}: end it (worker, sync) and restore then`,
        error.pid,
      );
    }
    if (error instanceof DamagedFileError || error instanceof DamagedLogError) return null;
    throw error;
  }
}

/** Reads all of the backup. @returns its completions. @throws {TerminalError} for one that must not be put in place. */
async function verify(from: string, options: RestoreOptions): Promise<number> {
  const attachment = await attachWaiting({
    ...options,
    path: from,
    content: 'full',
    readOnly: true,
    reachesFiles: true,
    waitSeconds: 0,
  }).catch((error: unknown) => {
    throw error instanceof TerminalError ? new TerminalError(whyNot(error, from)) : error;
  });
  try {
    const session = await connect(attachment.instance);
    const stop = (): void => void session.close();
    options.signal.addEventListener('abort', stop, { once: true });
    try {
      return await session.exclusive(async (statements) => {
        if ((await identify(statements)).kind === 'copy') {
          throw new TerminalError(
            `${from} is a published copy, which lacks what a sync has to know: name a file that \`tokenhouse backup\` has written`,
          );
        }
        const counts = await countTables(statements, options.memoryLimit ?? MEMORY_LIMIT_DEFAULT, true);
        return counts.get('main.completions') ?? 0;
      });
    } finally {
      options.signal.removeEventListener('abort', stop);
      await session.close();
    }
  } catch (error) {
    if (error instanceof DamagedFileError) throw new TerminalError(whyNot(error, from));
    throw error;
  } finally {
    await detach(attachment);
  }
}

/** The remedies of a warehouse are none of a backup. */
function whyNot(error: TerminalError, from: string): string {
  if (error instanceof DamagedFileError || error instanceof DamagedLogError) {
    return `the backup ${from} is damaged: nothing was changed, name another one`;
  }
  return error.message.replace(
    / Set WAREHOUSE to a file of its own\.$/,
    ' Name a file that `tokenhouse backup` has written.',
  );
}

/** The file and its log keep belonging together. */
async function setAside(path: string, nowMs: number): Promise<string> {
  const aside = asideNameOf(path, nowMs);
  for (const suffix of ['', '.wal', '.wal.checkpoint', '.wal.recovery']) {
    if ((await lstat(`${path}${suffix}`).catch(() => null)) === null) continue;
    await rename(`${path}${suffix}`, `${aside}${suffix}`);
  }
  return aside;
}
