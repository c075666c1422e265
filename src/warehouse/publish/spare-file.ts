/**
 * The copy before the present one, kept as `<PUBLISH_TO>.spare`: the next one is made of it, by what has changed since, where the file
 * system cannot share the blocks of the present one. Nobody who opens PUBLISH_TO meets it, but who opened it while it was
 * the present copy may still read it. So it is written to only after it has rested, and when DuckDB finds that nobody holds it.
 */
import { link, rename, rm, stat } from 'node:fs/promises';
import { isAttached } from '../engine/attachment.ts';
import type { Target } from './published-file.ts';

/** A smaller copy is copied in no time. */
export const SPARE_BYTES_MIN = 256 * 1024 * 1024;

const spareOf = ({ path }: Target): string => `${path}.spare`;

/**
 * Takes the spare file for `beside`.
 *
 * @param restedSinceMs milliseconds since 1970: not if it has been the copy since. Whoever reads the file without DuckDB, as `cp` or an
 * upload does, locks nothing.
 * @returns its bytes; null: there is none that may be written to.
 */
export async function takeSpare(
  target: Target,
  beside: string,
  restedSinceMs: number,
): Promise<number | null> {
  const spare = spareOf(target);
  const found = await stat(spare).catch(() => null);
  if (found === null || !found.isFile()) return null;
  const present = await stat(target.path).catch(() => null);
  if (present?.ino === found.ino && present.dev === found.dev) {
    // Killed between the two steps of putting a copy in place.
    await rm(spare);
    return null;
  }
  // Giving it its name was the last that happened to it.
  if (found.ctimeMs > restedSinceMs || isAttached(found)) return null;
  await rename(spare, beside);
  return found.size;
}

/** Keeps the present copy, which is about to be replaced, as the spare one, unless one is there. */
export async function keepAsSpare(target: Target): Promise<void> {
  // Without it the next copy costs more, and nothing else: a file system may have no links.
  await link(target.path, spareOf(target)).catch(() => null);
}

export const removeSpare = (target: Target): Promise<void> => rm(spareOf(target), { force: true });
