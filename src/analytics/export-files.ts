/** Files of an export: a folder a table, a folder a day in it, as Hive names them, and one file there. */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolderForReaders, modeForReaders } from '../permissions.ts';
import type { ExportFormat } from './export-manifest.ts';

const dayFolder = (folder: string, table: string, day: string): string =>
  join(folder, table, `created_date=${day}`);

const fileName = (format: ExportFormat): string => `data.${format}`;

/** Begins with a dot: readers leave such names out. */
const BESIDE = '.data.part-';

/** @param isPrivate for the user of this process alone; one that is there keeps its permissions. */
export async function makeFolder(path: string, isPrivate: boolean): Promise<void> {
  if (isPrivate) await mkdir(path, { recursive: true, mode: 0o700 });
  else await makeFolderForReaders(path);
}

/** Days that have a folder. */
export async function daysThere(folder: string, table: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, table)).catch(() => []);
  return names.flatMap((name) => /^created_date=(\d{4,}-\d\d-\d\d)$/.exec(name)?.[1] ?? []);
}

/** null: there is no such file. */
export async function bytesOf(
  folder: string,
  table: string,
  day: string,
  format: ExportFormat,
): Promise<number | null> {
  const found = await stat(join(dayFolder(folder, table, day), fileName(format))).catch(() => null);
  return found?.size ?? null;
}

/**
 * Writes a day's file beside and puts it in place whole.
 *
 * @param write writes the file at the path and returns its rows.
 * @returns rows and bytes; null: there were no rows, and no file is left.
 */
export async function replaceDay(
  place: {
    readonly folder: string;
    readonly table: string;
    readonly day: string;
    /** For the user of this process alone. */
    readonly isPrivate: boolean;
  },
  format: ExportFormat,
  write: (path: string) => Promise<number>,
): Promise<{ readonly rows: number; readonly bytes: number } | null> {
  const { folder, table, day, isPrivate } = place;
  const into = dayFolder(folder, table, day);
  await makeFolder(into, isPrivate);
  await removeLeftovers(into);
  const beside = join(into, `${BESIDE}${randomUUID().slice(0, 8)}`);
  try {
    const rows = await write(beside);
    if (rows === 0) {
      await removeDay(folder, table, day, format);
      return null;
    }
    const { size } = await stat(beside);
    await chmod(beside, isPrivate ? 0o600 : modeForReaders());
    await rename(beside, join(into, fileName(format)));
    return { rows, bytes: size };
  } finally {
    await rm(beside, { force: true });
    if ((await bytesOf(folder, table, day, format)) === null) await removeFolder(into);
  }
}

/** Of exports that were killed. */
async function removeLeftovers(into: string): Promise<void> {
  for (const name of await readdir(into)) {
    if (name.startsWith(BESIDE)) await rm(join(into, name), { force: true });
  }
}

export async function removeDay(
  folder: string,
  table: string,
  day: string,
  format: ExportFormat,
): Promise<void> {
  const from = dayFolder(folder, table, day);
  await rm(join(from, fileName(format)), { force: true });
  await removeLeftovers(from).catch(() => undefined);
  await removeFolder(from);
}

/** What somebody else has put there stays, and the folder with it. */
async function removeFolder(path: string): Promise<void> {
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  });
}
