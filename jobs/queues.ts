/** The queues of one warehouse, opened on a backend: what workers and commands share. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { TransientError } from '../src/errors.ts';
import { type Backend, type BackendQuestion, openBackend } from './backend.ts';
import { type QueueNames, queueNames } from './names.ts';
import type { RunJobName, RunPayload, TickPayload } from './payloads.ts';
import { Records } from './records.ts';

/** What a run came to: the object of `sync --json`. */
export type RunSummary = Readonly<Record<string, unknown>>;

export type RunQueue = Queue<RunPayload, RunSummary, RunJobName>;
export type TickQueue = Queue<TickPayload, string, 'tick'>;
/** An alert as it is posted; see src/alerts/. */
export type AlertPayload = Readonly<Record<string, unknown>> & { readonly key: string };
export type AlertQueue = Queue<AlertPayload, string, 'alert'>;

export interface Queues extends AsyncDisposable {
  readonly backend: Backend;
  readonly names: QueueNames;
  readonly runs: RunQueue;
  readonly ticks: TickQueue;
  readonly alerts: AlertQueue;
  readonly records: Records;
  close(): Promise<void>;
}

const RETRY_MS_MAX = 30_000;

/** As `openQueues`, and tries again, with a word in the log, while the server is away. @throws what trying again does not mend. */
export async function openQueuesPatiently(question: BackendQuestion): Promise<Queues> {
  const { log, signal } = question;
  for (let waitMs = 1_000; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
    try {
      return await openQueues(question);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
      log.warn({ err: error, waitMs }, 'the queue cannot be reached, trying again');
      await sleep(waitMs, undefined, { signal });
    }
  }
}

/** @throws as `openBackend`. */
export async function openQueues(question: BackendQuestion): Promise<Queues> {
  const backend = await openBackend(question);
  const names = queueNames(question.settings.name);
  const runs: RunQueue = backend.openQueue(names.runs);
  const ticks: TickQueue = backend.openQueue(names.ticks);
  const alerts: AlertQueue = backend.openQueue(names.alerts);
  const records = backend.openQueue(names.records);
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= Promise.allSettled([runs, ticks, alerts, records].map((queue) => queue.close())).then(() =>
      backend.close(),
    );
    return closing;
  };
  return {
    backend,
    names,
    runs,
    ticks,
    alerts,
    records: new Records(records),
    close,
    [Symbol.asyncDispose]: close,
  };
}
