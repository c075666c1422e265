/**
 * A file that is closed for a moment: DuckDB gives its lock up on the way. Other processes of this program see `<path>.reopening` and
 * go on waiting, so that none of them takes the file from a run that is under way.
 */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError } from '../../errors.ts';
import { Held } from './held.ts';

const markerOf = (path: string): string => `${path}.reopening`;

/** Left by a process that was killed, it is older. Not by pid: that tells nothing from one container to the next. */
const MARKER_MAX_MS = 10_000;

export async function reopeningBy(path: string): Promise<Held | null> {
  const marker = markerOf(path);
  const found = await stat(marker).catch(() => null);
  if (found === null || Date.now() - found.mtimeMs > MARKER_MAX_MS) return null;
  const pid = Number(await readFile(marker, 'utf8').catch(() => ''));
  return new Held(Number.isInteger(pid) && pid > 0 ? pid : null);
}

/**
 * @returns whether `work` was done. Where the marker cannot be written, as on a full disk, the file stays open: that costs memory, and
 * no run.
 */
export async function whileReopening(path: string, work: () => Promise<void>): Promise<boolean> {
  const marker = markerOf(path);
  const isMarked = await writeFile(marker, String(process.pid)).then(
    () => true,
    () => false,
  );
  if (!isMarked) return false;
  try {
    await work();
    return true;
  } finally {
    await rm(marker, { force: true });
  }
}

/** So long another program may read the file that it found free. */
const TAKEN_MS = 30_000;
const TAKEN_POLL_MS = 20;

/** @throws {BusyError} when another program has taken the file, and keeps it. */
export async function untilFree<T>(path: string, open: () => Promise<T | Held>): Promise<T> {
  const until = performance.now() + TAKEN_MS;
  for (;;) {
    const opened = await open();
    if (!(opened instanceof Held)) return opened;
    if (performance.now() > until) {
      throw new BusyError(`another process has taken the warehouse ${path}: run again`, opened.pid);
    }
    await sleep(TAKEN_POLL_MS);
  }
}
