/** The runs of the queue as a person asks for them. */
import type { Job } from 'bullmq';
import { SettingsError, TerminalError } from '../src/errors.ts';
import type { RunJobName, RunPayload } from './payloads.ts';
import type { RunProgress } from './progress.ts';
import type { Queues, RunSummary } from './queues.ts';
import type { Records } from './records.ts';
import { isWorkerGone } from './worker-record.ts';

/** `waiting` holds BullMQ's `prioritized` as well: the same to a person. */
export type JobState = 'active' | 'waiting' | 'delayed' | 'completed' | 'failed';

export interface JobView {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly state: JobState;
  readonly data: RunPayload;
  readonly attemptsMade: number;
  readonly attemptsMax: number;
  /** Milliseconds since 1970, as all times here. */
  readonly addedMs: number;
  readonly startedMs: number | null;
  readonly finishedMs: number | null;
  /** When a delayed one is due. */
  readonly dueMs: number | null;
  readonly progress: RunProgress | null;
  readonly result: RunSummary | null;
  readonly failedReason: string | null;
  /** It is at work by what the queue knows, and the process of its worker is gone: the next worker goes on with it. */
  readonly isProcessGone: boolean;
}

type Found = Job<RunPayload, RunSummary, RunJobName>;

const LOG_LINES = 200;

/** @param limit of each state, the newest first. */
export async function listJobs(
  { runs, records }: Queues,
  states: readonly JobState[],
  limit: number,
): Promise<readonly JobView[]> {
  const views: JobView[] = [];
  for (const state of states) {
    const types = state === 'waiting' ? (['waiting', 'prioritized'] as const) : [state];
    const jobs = await runs.getJobs([...types], 0, limit - 1);
    // A job may go while the list is read.
    for (const job of jobs) if (job !== undefined) views.push(await viewOf(job, state, records));
  }
  return views;
}

/** @throws {SettingsError} when there is no such job. */
export async function showJob(
  queues: Queues,
  id: string,
): Promise<JobView & { readonly log: readonly string[] }> {
  const { job, state } = await find(queues, id);
  const { logs } = await queues.runs.getJobLogs(id, 0, LOG_LINES - 1);
  return { ...(await viewOf(job, state, queues.records)), log: logs };
}

/** @returns what came of it, to be read after "job 12 ". @throws {TerminalError} for one that has not failed. */
export async function retryJob(queues: Queues, id: string): Promise<string> {
  const { job, state } = await find(queues, id);
  if (state !== 'failed')
    throw new TerminalError(`job ${id} is ${state}: only a failed one can be tried again`);
  if (job.data.isCancelled === true) {
    const { isCancelled: _, ...data } = job.data;
    await job.updateData(data);
  }
  await job.retry('failed', { resetAttemptsMade: true });
  return 'is back in the queue';
}

/** @returns as `retryJob`. @throws {TerminalError} for one that has ended. */
export async function cancelJob(queues: Queues, id: string): Promise<string> {
  const { job, state } = await find(queues, id);
  if (state === 'completed' || state === 'failed')
    throw new TerminalError(`job ${id} has ended: it is ${state}`);
  if (state !== 'active') {
    await job.remove();
    return 'is out of the queue';
  }
  await job.updateData({ ...job.data, isCancelled: true });
  return 'is asked to stop: the worker that has it does so within seconds, and what it read is kept';
}

async function find({ runs }: Queues, id: string): Promise<{ job: Found; state: JobState }> {
  const job = await runs.getJob(id);
  const state = job === undefined ? 'unknown' : await job.getState();
  if (job === undefined || state === 'unknown') {
    throw new SettingsError(`there is no job ${id}: \`tokenhouse jobs list\` shows which there are`);
  }
  return { job, state: state === 'prioritized' || state === 'waiting-children' ? 'waiting' : state };
}

async function viewOf(job: Found, state: JobState, records: Records): Promise<JobView> {
  const { progress, processedBy } = job;
  // Workers have their own id for the name that the queue notes down.
  const isAtWork = state === 'active' && processedBy !== undefined;
  return {
    id: String(job.id),
    name: job.name,
    source: job.data.source,
    state,
    data: job.data,
    attemptsMade: job.attemptsMade,
    attemptsMax: job.opts.attempts ?? 1,
    addedMs: job.timestamp,
    startedMs: job.processedOn ?? null,
    finishedMs: job.finishedOn ?? null,
    dueMs: state === 'delayed' ? job.timestamp + job.delay : null,
    progress: typeof progress === 'object' && 'percent' in progress ? (progress as RunProgress) : null,
    result: job.returnvalue ?? null,
    failedReason: job.failedReason ?? null,
    isProcessGone: isAtWork && (await isWorkerGone(records, processedBy)),
  };
}
