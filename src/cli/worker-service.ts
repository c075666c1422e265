/** The worker with all that is around it: traces, alerts, and what is seen of it over HTTP. */
import { setTimeout as sleep } from 'node:timers/promises';
import { jobStates } from '../../jobs/pending.ts';
import { openQueuesPatiently, type Queues } from '../../jobs/queues.ts';
import type { RunEnded, RunHooks } from '../../jobs/run-processor.ts';
import { type Schedule, syncScheduleOf } from '../../jobs/schedules.ts';
import { telemetryOf } from '../../jobs/telemetry.ts';
import { type RunFailure, type RunningWorker, startWorker } from '../../jobs/worker.ts';
import { alertsAfter } from '../alerts/after-run.ts';
import { type Alert, publishAlert } from '../alerts/alerts.ts';
import { watchOverdue } from '../alerts/overdue-watch.ts';
import { postAlert, postAlerts } from '../alerts/post.ts';
import type { Config } from '../config.ts';
import { BusyError, TerminalError } from '../errors.ts';
import type { RunRhythm } from '../health/overdue.ts';
import type { Log } from '../log.ts';
import { type Observability, startObservability } from '../observe/observability.ts';
import { importNightly } from '../run/nightly-import.ts';
import { type PublishOutcome, publishAfterRun } from '../run/publish-run.ts';
import { type RunRequest, runSource } from '../run/run-source.ts';
import type { SourceSettings } from '../source/settings.ts';
import type { RunKind } from '../sync/ports.ts';
import { createReader } from '../web/dashboard/reader.ts';
import { createHttpServer, type HttpPlugin, type HttpServer } from '../web/server.ts';
import type { CommandContext } from './context.ts';
import { copyCheck, pagesOf } from './pages.ts';
import { createHeartbeat } from './worker-heartbeat.ts';

export interface WorkerService {
  readonly worker: RunningWorker;
  /** Where it is seen; null: not asked for. */
  readonly url: string | null;
  /** What the last run committed is not in the published copy. */
  readonly isUnpublished: boolean;
  /** @returns false when runs had to be left behind: the process is then to end regardless. */
  close(): Promise<boolean>;
}

/** Expiry comes nearer without a run as well, and then above all. */
const EXPIRY_CHECK_MS = 3_600_000;
const HTTP_POST_MS_MAX = 60_000;
const ALERT_SECONDS_MAX = 20;
const TROUBLE_SECONDS_MAX = 3;

export async function startWorkerService(
  context: CommandContext,
  config: Config,
  { http }: { readonly http: boolean },
): Promise<WorkerService> {
  const { log, signal } = context;
  const clock = { nowMs: context.now };
  await using cleanUp = new AsyncDisposableStack();
  let opened: Queues | null = null;
  const observability = await startObservability({
    config,
    nowMs: context.now,
    log,
    jobStates: async () => (opened === null ? {} : jobStates(opened)),
  });
  const { observer, tracer } = observability;
  cleanUp.defer(() => observability.close());
  let schedules: readonly Schedule[] | null = null;
  const rhythmOf = (source: string): RunRhythm | null => {
    const due = syncScheduleOf(source, schedules, config.jobs);
    return due === null ? null : { ...due, afterHours: config.alerts.afterHours };
  };
  let running: RunningWorker | null = null;
  const { webhook } = config.alerts;
  if (webhook !== null) {
    // Before the queue is there: it may never be.
    const watch = watchOverdue({
      warehouse: config.warehouse.path,
      sources: config.sources.map(({ name }) => name),
      rhythmOf,
      health: observability.health,
      trouble: () => troubleOf(running),
      post: (alert, stop) => postAlerts(webhook, [alert], log, ALERT_SECONDS_MAX, stop),
      nowMs: context.now,
      log,
    });
    cleanUp.defer(() => watch.close());
  }
  const queues = cleanUp.use(
    await openQueuesPatiently({
      settings: config.queue,
      warehousePath: config.warehouse.path,
      role: 'worker',
      log,
      signal,
      ...(tracer === null ? {} : { telemetry: await telemetryOf() }),
    }),
  );
  opened = queues;
  let isUnpublished = false;
  const heartbeat = createHeartbeat({
    config,
    health: observability.health,
    nowMs: context.now,
    log,
    rhythmOf,
  });
  cleanUp.defer(() => heartbeat.settled());

  const tell = async (
    source: SourceSettings,
    kind: RunKind,
    startedAtMs: number,
    error: unknown,
  ): Promise<void> => {
    if (webhook === null) return;
    const run = { source, kind, startedAtMs, nowMs: context.now(), error };
    const alerts = await alertsAfter(run, config, (unread) =>
      log.warn({ err: unread, source: source.name }, 'the warehouse could not be read for alerts'),
    );
    for (const alert of alerts) await worker.alert({ ...alert });
  };
  /** Alerts are beside the run: that one cannot be told is a line in the log. */
  const tellBeside = (...of: Parameters<typeof tell>): Promise<void> =>
    tell(...of).catch((error: unknown) => log.warn({ err: error }, 'alerts could not be told'));

  /** Not where the run makes way or the worker leaves: the next run publishes what this one has committed. */
  const publishBeside = async (
    sources: readonly SourceSettings[],
    stopping: AbortSignal,
  ): Promise<PublishOutcome> => {
    if (stopping.aborted) return { kind: 'off' };
    const outcome = await publishAfterRun(config, log, stopping);
    isUnpublished = outcome.kind === 'failed';
    observability.metrics.countPublish(outcome.kind);
    if (outcome.kind === 'failed' && !outcome.isInterrupted && webhook !== null) {
      const names = sources.map(({ name }) => name);
      const alert = publishAlert({ sources: names, reason: outcome.reason, nowMs: context.now() });
      await worker
        .alert({ ...alert })
        .catch((error: unknown) => log.warn({ err: error }, 'an alert could not be told'));
    }
    return outcome;
  };

  const run = async (source: SourceSettings, request: RunRequest, hooks: RunHooks): Promise<RunEnded> => {
    const startedAtMs = context.now();
    const environment = { ...config, log, clock, observer, tracer, ...hooks };
    const result = await runSource(source, request, environment).catch(async (error: unknown) => {
      // What it committed before it failed is there. One that only waits for its turn has committed nothing.
      if (!(error instanceof BusyError)) await publishBeside([source], hooks.signal);
      throw error;
    });
    const publish = await publishBeside([source], hooks.signal);
    if (result.status === 'landed' && request.kind === 'sync') await heartbeat.landed(source.name);
    await tellBeside(source, request.kind, startedAtMs, null);
    return { ...result, publish };
  };
  const importPrices = (stopping: AbortSignal): Promise<string> =>
    importNightly(config, {
      log,
      signal: stopping,
      nowMs: context.now,
      publish: () => publishBeside(config.sources, stopping),
    });
  const onFailed = (failure: RunFailure): void => {
    if (kindOf(failure.job) === 'sync') heartbeat.failed(failure.source);
    const source = config.sources.find(({ name }) => name === failure.source);
    if (source === undefined) return;
    // The reason is made for the eyes of whoever sees the queue.
    void tellBeside(source, kindOf(failure.job), context.now(), new TerminalError(failure.reason));
  };
  const post = webhook === null ? null : poster(webhook);
  const worker: RunningWorker = await startWorker({
    config,
    queues,
    clock,
    log,
    run,
    importPrices: config.prices.url === null ? null : importPrices,
    postAlert: post,
    onFailed,
    onSchedules: (all) => {
      schedules = all;
    },
  });
  running = worker;
  let isLeft = false;
  cleanUp.defer(async () => {
    isLeft = !(await worker.close());
  });

  const checkExpiry = async (): Promise<void> => {
    for (const source of config.sources) await tellBeside(source, 'sync', context.now(), null);
  };
  const timer = setInterval(() => void checkExpiry(), EXPIRY_CHECK_MS);
  cleanUp.defer(() => clearInterval(timer));
  void checkExpiry();

  let url: string | null = null;
  if (http) {
    const reader = cleanUp.use(createReader({ ...config, log }));
    const pages = pagesOf(context, { config, sources: config.sources, reader, queues });
    const server = createHttp(config, { observability, pages, worker, log });
    cleanUp.defer(() => server.close());
    ({ url } = await server.listen());
    log.info({ url }, 'seen over HTTP: the dashboard, /queues, /metrics, /healthz and /readyz');
  }
  const owned = cleanUp.move();
  return {
    worker,
    url,
    get isUnpublished() {
      return isUnpublished;
    },
    async close() {
      await owned.disposeAsync();
      return !isLeft;
    },
  };
}

interface Seen {
  readonly observability: Observability;
  readonly pages: readonly HttpPlugin[];
  readonly worker: RunningWorker;
  readonly log: Log;
}

function createHttp(config: Config, { observability, pages, worker, log }: Seen): HttpServer {
  return createHttpServer({
    settings: config.web,
    metrics: observability.metrics,
    checks: [
      { name: 'worker', check: async () => (await worker.troubles()).join('; ') || null },
      { name: 'warehouse', check: () => observability.health.check() },
      copyCheck(config),
    ],
    plugins: pages,
    log,
  });
}

const poster = (webhook: string) => (alert: unknown) =>
  // What lies in the queue is what `alertsOf` made.
  postAlert(webhook, alert as Alert, { signal: AbortSignal.timeout(HTTP_POST_MS_MAX), retriesMax: 0 });

/** @param worker null: its queue was not reached yet. */
async function troubleOf(worker: RunningWorker | null): Promise<string | null> {
  if (worker === null) return 'the worker waits for its queue (REDIS_URL or QUEUE_URL)';
  const late = sleep(TROUBLE_SECONDS_MAX * 1000, ['the queue does not answer'], { ref: false });
  const troubles = await Promise.race([worker.troubles().catch(() => ['the queue does not answer']), late]);
  return troubles.join('; ') || null;
}

const kindOf = (job: string): RunKind =>
  job === 'sweep' ? 'sweep' : job === 'backfill' ? 'backfill' : 'sync';
