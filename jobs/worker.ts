/** The worker: keeps the schedules in the queue, turns their ticks into runs, and runs them. Start reading `jobs/` here. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { Config } from '../src/config.ts';
import type { Log } from '../src/log.ts';
import { ownProcess } from '../src/process-identity.ts';
import type { Clock } from '../src/sync/ports.ts';
import { addAlert, alertProcessor } from './alert.ts';
import type { RunJobName, RunPayload } from './payloads.ts';
import { pendingJobs } from './pending.ts';
import type { AlertPayload, Queues, RunSummary } from './queues.ts';
import { CANCELLED, type RunProcessorDependencies, type RunTiming, runProcessor } from './run-processor.ts';
import { reconcile, type Schedule, wantedSchedules } from './schedules.ts';
import { tickProcessor } from './tick.ts';
import { beginLife, takeUpJobsOfTheDead } from './worker-life.ts';
import { HEARTBEAT_MS, putWorker, removeWorker } from './worker-record.ts';

export interface WorkerDependencies {
  readonly config: Config;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: RunProcessorDependencies['run'];
  /** Says in a line what it came to; null: there is no list to import (PRICES_URL). */
  readonly importPrices?: ((signal: AbortSignal) => Promise<string>) | null;
  /** null: nobody is to be told. */
  readonly postAlert: ((alert: AlertPayload) => Promise<void>) | null;
  /** A run that will not be tried again; for alerts and metrics. */
  readonly onFailed?: (failure: RunFailure) => void;
  /** Every minute, while the queue answers: what is to run when. */
  readonly onSchedules?: (schedules: readonly Schedule[]) => void;
  /** Tests hurry. */
  readonly timing?: Partial<WorkerTiming>;
}

export interface RunFailure {
  readonly jobId: string;
  readonly job: string;
  readonly source: string;
  /** Ours, or that BullMQ gave the job up. */
  readonly reason: string;
}

export interface WorkerTiming extends RunTiming {
  readonly reconcileMs: number;
  /** How long a job of a worker that died is left alone. */
  readonly lockMs: number;
}

const TIMING: WorkerTiming = {
  lookMs: 2_000,
  makeWayMs: 3_000,
  busyMs: 5_000,
  reconcileMs: 60_000,
  lockMs: 30_000,
};

/** A worker that dies is no fault of the job; one that dies of the job each time ends somewhere all the same. */
const STALLS_MAX = 20;

export interface RunningWorker {
  readonly id: string;
  /** Why it would not take a job now; empty when it would. */
  troubles(): Promise<readonly string[]>;
  /** Resolves when nothing is left to do now. @returns runs that failed meanwhile, for good or to be tried again later. */
  drained(signal: AbortSignal): Promise<number>;
  alert(alert: AlertPayload): Promise<void>;
  /**
   * Stops taking jobs, has running ones commit and go back into the queue, and leaves the queues.
   * @returns false when the time (SHUTDOWN_SECONDS) did not do; the process is then to end regardless.
   */
  close(): Promise<boolean>;
}

type OpenWorker = Pick<Worker, 'name' | 'close' | 'isRunning' | 'waitUntilReady'>;

/** Reconciles the schedules, then takes jobs until it is closed. The queues stay the caller's to close. */
export async function startWorker(dependencies: WorkerDependencies): Promise<RunningWorker> {
  const { config, queues, clock, log, run, postAlert, onFailed, onSchedules } = dependencies;
  const timing = { ...TIMING, ...dependencies.timing };
  const id = randomUUID();
  const identity = ownProcess();
  const leaving = new AbortController();
  let failures = 0;

  const reconcileNow = async (): Promise<void> => {
    const names = config.sources.map(({ name }) => name);
    const wanted = await wantedSchedules(names, config.jobs, queues.records);
    onSchedules?.(wanted);
    const { added, changed, removed } = await reconcile(queues.ticks, wanted);
    if (added.length + changed.length + removed.length > 0) {
      log.info({ added, changed, removed }, 'schedules brought up to date');
    }
  };
  const startedAt = new Date(clock.nowMs()).toISOString();
  const writeDown = (): Promise<void> =>
    putWorker(queues.records, id, {
      ...identity,
      warehouse: resolve(config.warehouse.path),
      startedAt,
      seenAt: new Date(clock.nowMs()).toISOString(),
    });
  const crew = { warehousePath: config.warehouse.path, queueName: config.queue.name };
  const life = await beginLife(crew, id).catch((error: unknown) => {
    log.warn(
      { err: error },
      'should this worker die, its run is taken up by another one after a minute only',
    );
    return null;
  });
  const takeUp = async (): Promise<void> => {
    const { runs, ticks, alerts } = queues;
    for (const job of await takeUpJobsOfTheDead(crew, [runs, ticks, alerts])) {
      log.info({ jobId: job.id, job: job.name }, 'the worker of this job died: it is taken up again');
    }
  };
  await reconcileNow();
  await writeDown();
  await takeUp();

  const { backend, names } = queues;
  const options = {
    name: id,
    lockDuration: timing.lockMs,
    stalledInterval: timing.lockMs,
    maxStalledCount: STALLS_MAX,
  };
  const { sources } = config;
  const processor = runProcessor({
    runs: queues.runs,
    sources,
    clock,
    log,
    leaving: leaving.signal,
    timing,
    run,
  });
  const runs = backend.openWorker<RunPayload, RunSummary, RunJobName>(names.runs, processor, {
    ...options,
    concurrency: config.jobs.concurrency,
  });
  const ticking = tickProcessor({
    runs: queues.runs,
    settings: config.jobs,
    importPrices: dependencies.importPrices ?? null,
    leaving: leaving.signal,
    log,
  });
  const ticks = backend.openWorker(names.ticks, ticking, options);
  const alerts =
    postAlert === null ? [] : [backend.openWorker(names.alerts, alertProcessor(postAlert, log), options)];

  runs.on('failed', (job, error) => {
    // Without a time of its end it is to be tried again.
    if (job?.finishedOn === undefined) return;
    // As somebody wanted it: no failure to be told of.
    if (error.message === CANCELLED) {
      log.info({ jobId: job.id, source: job.data.source }, 'run cancelled');
      return;
    }
    failures += 1;
    const failure = { jobId: String(job.id), job: job.name, source: job.data.source, reason: error.message };
    log.error(failure, 'run failed for good: `tokenhouse jobs retry` tries it again');
    onFailed?.(failure);
  });
  const complain = rarely(10_000, (error: Error) =>
    log.warn({ err: error, queue: backend.label }, 'the queue does not answer; trying again'),
  );
  const watched = <Data, Result, Name extends string>(worker: Worker<Data, Result, Name>): OpenWorker => {
    worker.on('error', complain);
    worker.on('lockRenewalFailed', (jobs: string[]) =>
      log.warn(
        { jobs },
        'the queue could not be told that a run is alive; should another worker take it, the lease decides',
      ),
    );
    return worker;
  };
  const workers = [watched(runs), watched(ticks), ...alerts.map(watched)];
  const attempt = (work: () => Promise<void>) => () => void work().catch(complain);
  const timers = [
    setInterval(attempt(reconcileNow), timing.reconcileMs),
    setInterval(attempt(writeDown), HEARTBEAT_MS),
    setInterval(attempt(takeUp), HEARTBEAT_MS),
  ];
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  log.info(
    { queue: backend.label, sources: sources.map(({ name }) => name), workerId: id },
    'worker takes jobs',
  );

  let closing: Promise<boolean> | null = null;
  return {
    id,
    async troubles() {
      if (leaving.signal.aborted) return ['the worker is leaving'];
      const stopped = workers
        .filter((worker) => !worker.isRunning())
        .map(({ name }) => `${name} is not being worked on`);
      const away = await queues.backend.ping().then(
        () => [],
        (error: unknown) => [error instanceof Error ? error.message : 'the queue does not answer'],
      );
      return [...stopped, ...away];
    },
    async drained(signal) {
      // Twice in a row: a tick may just be turning into a run.
      for (let idle = 0; ; ) {
        const pending = await pendingJobs(queues);
        idle = pending.now === 0 ? idle + 1 : 0;
        if (idle === 2) return failures + pending.later;
        await sleep(200, undefined, { signal });
      }
    },
    alert: (alert) => (postAlert === null ? Promise.resolve() : addAlert(queues.alerts, alert)),
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<boolean> {
    for (const timer of timers) clearInterval(timer);
    leaving.abort();
    const closed = Promise.allSettled(workers.map((worker) => worker.close())).then(() => true);
    const timeout = new AbortController();
    const late = sleep(config.jobs.shutdownSeconds * 1_000, false, { signal: timeout.signal, ref: false });
    const inTime = await Promise.race([closed, late]);
    timeout.abort();
    late.catch(() => undefined);
    if (!inTime) {
      log.error(
        { shutdownSeconds: config.jobs.shutdownSeconds },
        'runs did not end in time (SHUTDOWN_SECONDS); what they committed stays, another worker goes on with them',
      );
    }
    await Promise.race([removeWorker(queues.records, id).catch(() => undefined), sleep(1_000)]);
    // A run that goes on regardless is nobody else's yet.
    if (inTime) life?.release();
    return inTime;
  }
}

/** Calls `tell`, unless it was called less than `everyMs` ago. */
function rarely<T>(everyMs: number, tell: (value: T) => void): (value: T) => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  return (value) => {
    if (performance.now() - toldMs < everyMs) return;
    toldMs = performance.now();
    tell(value);
  };
}
