/** Puts a run into the queue. */
import type { JobsOptions } from 'bullmq';
import { deduplicationId, type RunJob, type RunJobName } from './payloads.ts';
import type { RunQueue } from './queues.ts';

const DAY_SECONDS = 86_400;

/** 0 goes first: the night's sync does not wait behind what may take hours. */
const PRIORITIES: Readonly<Record<RunJobName, number>> = { 'nightly-sync': 0, backfill: 5, sweep: 10 };

/**
 * A run asks the API again by itself for some minutes (RETRIES_MAX). These are whole runs, each going on where the one before
 * ended: after 30 s, 1, 2, 4, 8, 16 and 32 minutes, give or take half, an hour in all.
 */
const ATTEMPTS = 8;
const BACKOFF_MS = 30_000;

export interface AddedRun {
  readonly id: string;
  /** False: the same run waits or runs already, and this is its id. */
  readonly isNew: boolean;
}

export async function addRun(runs: RunQueue, job: RunJob): Promise<AddedRun> {
  const id = deduplicationId(job);
  const before = await runs.getDeduplicationJobId(id);
  const added = await runs.add(job.name, job.data, optionsOf(job.name, id));
  return { id: String(added.id), isNew: before !== added.id };
}

function optionsOf(name: RunJobName, id: string): JobsOptions {
  return {
    priority: PRIORITIES[name],
    deduplication: { id },
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: BACKOFF_MS, jitter: 0.5 },
    keepLogs: 200,
    // Paths of files and lines, of no use to who looks at the queue.
    stackTraceLimit: 0,
    removeOnComplete: { age: 30 * DAY_SECONDS, count: 1_000 },
    removeOnFail: { age: 90 * DAY_SECONDS, count: 1_000 },
  };
}
