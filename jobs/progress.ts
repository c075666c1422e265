/** What a job tells of itself while it runs. Pure. */
import { secondsLeftOf } from '../src/run/run-progress.ts';
import type { SyncProgress } from '../src/sync/sync.ts';

export interface RunProgress {
  readonly rows: number;
  readonly pages: number;
  /** Estimate of the pages to be read, of which these are so many; 0 to 100. */
  readonly percent: number;
  /** At work side by side. */
  readonly walkers: number;
  /** null: not known yet. */
  readonly secondsLeft: number | null;
  /** Unix seconds the walk has come down to; null: it has not begun. */
  readonly reachedAt: number | null;
  /** Another process or run has the warehouse or the source. */
  readonly isWaiting: boolean;
}

/** @param elapsedMs since the job began. */
export function progressOf(
  progress: SyncProgress | null,
  isWaiting: boolean,
  elapsedMs: number,
): RunProgress {
  if (progress === null) {
    return { rows: 0, pages: 0, percent: 0, walkers: 0, secondsLeft: null, reachedAt: null, isWaiting };
  }
  const { counts, reached, walkers, pagesLeft } = progress;
  const share = pagesLeft === null ? 0 : counts.pages / Math.max(1, counts.pages + pagesLeft);
  return {
    rows: counts.rowsRead,
    pages: counts.pages,
    percent: Math.floor(share * 1_000) / 10,
    walkers,
    secondsLeft: secondsLeftOf(counts.pages, pagesLeft, elapsedMs),
    reachedAt: reached,
    isWaiting,
  };
}
