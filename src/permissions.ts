/** Who else on this machine may read what this process writes: nobody, except what is made for readers. */
import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The umask that the process was started with; null: it has it still. */
let startMask: number | null = null;

/**
 * From here on new files and folders are for the user of this process alone.
 *
 * By the umask, for all of the process: DuckDB makes its log anew after each checkpoint and spills into files of its own whenever it
 * has to, rows are in both, and it has no setting for their permissions.
 */
export function keepFilesPrivate(): void {
  if (startMask !== null) return;
  startMask = process.umask(0o077);
  // A stricter one stays.
  process.umask(startMask | 0o077);
}

const maskForReaders = (): number => startMask ?? process.umask();

/** Permissions of a file that others are to read, as the user's umask has them. */
export const modeForReaders = (): number => 0o666 & ~maskForReaders();

/** Makes a folder and those above it, with the permissions that the user's umask has for folders. */
export async function makeFolderForReaders(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; ; folder = dirname(folder)) {
    await chmod(folder, 0o777 & ~maskForReaders());
    if (folder === first || folder === dirname(folder)) return;
  }
}
