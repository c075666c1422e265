/** The file of the published copy on the disk: where it is, what lies beside it, and how one takes the other's place. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  lstat,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TerminalError } from '../../errors.ts';
import { modeForReaders } from '../../permissions.ts';

export interface Target {
  /** The file itself, links followed. */
  readonly path: string;
  /** Bytes of what is there; null: nothing, or a file without a byte. */
  readonly bytes: number | null;
  /** Its permissions, which the next one takes over; null as above. */
  readonly mode: number | null;
}

/**
 * Where PUBLISH_TO leads. A link stays: the file behind it is replaced.
 *
 * @throws {TerminalError} for a folder, a device, a folder that is missing, or the warehouse itself.
 */
export async function targetOf(path: string, warehouse: string): Promise<Target> {
  const file = await followed(resolve(path));
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw unusable(file, `cannot be reached (${error.code ?? 'unknown reason'})`);
  });
  if (found?.isDirectory()) throw unusable(file, 'is a folder');
  if (found !== null && !found.isFile()) throw unusable(file, 'is no regular file');
  const source = await stat(warehouse).catch(() => null);
  if (found !== null && source !== null && found.ino === source.ino && found.dev === source.dev) {
    throw unusable(file, 'is the warehouse itself');
  }
  if (found === null && (await stat(dirname(file)).catch(() => null)) === null) {
    throw unusable(file, 'lies in a folder that does not exist: create it');
  }
  const isThere = found !== null && found.size > 0;
  return { path: file, bytes: isThere ? found.size : null, mode: isThere ? found.mode & 0o777 : null };
}

export const unusable = (path: string, why: string): TerminalError =>
  new TerminalError(`the published copy ${path} ${why}; or set PUBLISH_TO to another file, or to none.`);

/** Through a link that leads to nothing yet, as well. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const isLink = (await lstat(path).catch(() => null))?.isSymbolicLink() === true;
    const file = isLink ? resolve(dirname(path), await readlink(path)) : path;
    const folder = await realpath(dirname(file)).catch(() => dirname(file));
    return join(folder, basename(file));
  }
}

export const besideOf = (target: Target): string =>
  `${target.path}.new-${process.pid}-${randomUUID().slice(0, 8)}`;

/** What killed publishers left. Only the holder of the warehouse publishes, so nobody is at work on them. */
export async function removeLeftovers(target: Target): Promise<void> {
  const folder = dirname(target.path);
  const prefix = `${basename(target.path)}.new-`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix)) await rm(join(folder, name), { force: true, recursive: true });
  }
}

/** A copy to go on from that shares the blocks of the old one. @returns whether the file system can do that. */
export const cloneTo = (target: Target, beside: string): Promise<boolean> =>
  copyFile(target.path, beside, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );

/** A copy to go on from, byte by byte. */
export const copyTo = (target: Target, beside: string): Promise<void> => copyFile(target.path, beside);

/** Whether it says of itself that it is a DuckDB file; it may be a broken one. */
export async function looksLikeDuckDb(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(12), 0, 12, 0);
    return bytesRead === 12 && buffer.toString('latin1', 8) === 'DUCK';
  } finally {
    await file.close();
  }
}

/**
 * Puts the finished file in the place of the old one: whoever opens it gets all of the old or all of the new one, after a power
 * failure too. Whoever has the old one open keeps it.
 */
export async function putInPlace(beside: string, target: Target): Promise<number> {
  await chmod(beside, target.mode ?? modeForReaders());
  const { size } = await stat(beside);
  await syncToDisk(beside);
  // Of somebody who wrote into the copy: DuckDB would not open the new file with the log of the old one.
  await rm(`${target.path}.wal`, { force: true });
  await rename(beside, target.path);
  await syncToDisk(dirname(target.path));
  return size;
}

/** After that a power failure does not undo what was written, or renamed in a folder. */
export async function syncToDisk(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } catch (error) {
    // Some file systems cannot sync a folder; the file itself is on the disk by then.
    if (!['EINVAL', 'EISDIR', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await file.close();
  }
}

export async function removeBeside(beside: string): Promise<void> {
  for (const file of [beside, `${beside}.wal`]) await rm(file, { force: true });
}
