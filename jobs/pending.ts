/** What there is to do, and how the queues stand. */
import type { Queues } from './queues.ts';

/** A job that waits for its turn comes back within seconds, one that failed after 15 s at the soonest. */
const SOON_MS = 10_000;

export interface Pending {
  /** Jobs that run, wait, or come back within seconds. */
  readonly now: number;
  /** Runs that failed and are to be tried again later. */
  readonly later: number;
}

export async function pendingJobs({ runs, ticks, alerts }: Queues): Promise<Pending> {
  const states = ['active', 'waiting', 'prioritized'] as const;
  const counts = await Promise.all([runs, ticks, alerts].map((queue) => queue.getJobCountByTypes(...states)));
  const delayed = (await runs.getJobs(['delayed'], 0, 999, true)).filter((job) => job !== undefined);
  const soon = delayed.filter(({ delay }) => delay <= SOON_MS).length;
  return { now: counts.reduce((sum, count) => sum + count, 0) + soon, later: delayed.length - soon };
}

export type StateCounts = Readonly<Record<string, number>>;

/** Jobs by queue and state; states without a job are 0. */
export async function jobStates({
  names,
  runs,
  ticks,
  alerts,
}: Queues): Promise<Readonly<Record<string, StateCounts>>> {
  const of = (queue: typeof runs | typeof ticks | typeof alerts) =>
    queue.getJobCounts('active', 'waiting', 'prioritized', 'delayed', 'completed', 'failed');
  const [runCounts, tickCounts, alertCounts] = await Promise.all([of(runs), of(ticks), of(alerts)]);
  return { [names.runs]: runCounts, [names.ticks]: tickCounts, [names.alerts]: alertCounts };
}
