/** Whether a backfill or a sweep has to make way. */
import type { RunQueue } from './queues.ts';

/**
 * A night's sync that cannot begin: it lies in the queue as all workers are taken, or a worker has it and waits for the warehouse
 * or the source.
 */
export async function isAnotherWaiting(runs: RunQueue, source: string): Promise<boolean> {
  const queued = await runs.getJobs(['waiting', 'prioritized'], 0, 99, true);
  if (queued.some((job) => job?.name === 'nightly-sync')) return true;
  const active = await runs.getJobs(['active'], 0, 99);
  return active.some(
    (job) => job?.name === 'nightly-sync' && (isWaiting(job.progress) || job.data.source === source),
  );
}

const isWaiting = (progress: unknown): boolean =>
  typeof progress === 'object' && progress !== null && 'isWaiting' in progress && progress.isWaiting === true;
