/** A result in a file of its own, whole or not at all. */
import { randomUUID } from 'node:crypto';
import { link, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { SettingsError, TerminalError } from '../errors.ts';

/**
 * @param flag that gave the path, for the message.
 * @throws {SettingsError} when there is something at `path` already that may not be replaced.
 */
export async function refuseExisting(path: string, force: boolean, flag = '--out'): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  // A rename would put a file in the place of a device or a link.
  if (!found.isFile()) throw new SettingsError(`${flag} ${path} is not a regular file: name another one`);
  if (!force) throw new SettingsError(`${flag} ${path} exists already: name another file, or add --force`);
}

/**
 * Writes beside `path` and moves it there. Only its owner may read it: it may hold what people wrote.
 *
 * @param force replaces a file that is there.
 * @throws {SettingsError} as {@link refuseExisting}; {@link TerminalError} when it cannot be written.
 */
export async function writeWhole(path: string, text: string, force: boolean, flag = '--out'): Promise<void> {
  await refuseExisting(path, force, flag);
  const beside = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    await writeFile(beside, text, { mode: 0o600, flag: 'wx' });
    await (force ? rename(beside, path) : linkNew(beside, path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'EEXIST') await refuseExisting(path, force, flag);
    throw new TerminalError(`${flag} ${path} cannot be written (${String(error.code)})`, { cause: error });
  } finally {
    await rm(beside, { force: true });
  }
}

/** A link fails where a file has appeared meanwhile; file systems without links get a rename. */
async function linkNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    await rename(from, to);
  }
}
