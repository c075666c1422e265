/** Prometheus metrics: what runs of this process did, and where each source stands by the last look at the warehouse. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type SourceStatus, statusesOf } from '../health/source-status.ts';
import { packageVersion } from '../package.ts';
import type { RunObserver } from '../run/observer.ts';
import type { SourceSettings } from '../source/settings.ts';
import { unixSeconds } from '../sync/ports.ts';
import { warehouseBytes } from '../warehouse/engine/size.ts';
import type { HealthKeeper } from './health.ts';

/** Jobs of each queue by state, such as `{ sync: { waiting: 0, active: 1 } }`. */
export type JobCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The copy for readers, as it was last published. */
export interface PublishedState {
  /** null: there is none yet. */
  readonly file: { readonly publishedAtMs: number; readonly bytes: number } | null;
  /** A run has ended that it lacks. */
  readonly isStale: boolean;
}

export interface MetricsOptions {
  readonly nowMs: () => number;
  readonly sources: readonly SourceSettings[];
  readonly settleSeconds: number;
  readonly warehousePath: string;
  readonly health: Pick<HealthKeeper, 'snapshot'>;
  /** Left out: there is no queue. */
  readonly jobStates?: () => Promise<JobCounts>;
  /** Left out: nothing is published. */
  readonly published?: () => PublishedState;
}

export interface Metrics {
  /** Counts what runs do. */
  readonly observer: RunObserver;
  /** Counts a copy that was made after a run, or was not. */
  countPublish(outcome: 'off' | 'published' | 'failed'): void;
  readonly contentType: string;
  /** The text a scrape gets. Never waits for the warehouse, and for the queue a second at the most. */
  text(): Promise<string>;
}

/** A queue that does not answer must not cost the scrape: Prometheus gives up after 10 s. */
const JOB_STATES_MS = 1_000;

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const observer = runMetrics(registry, options.sources);
  const showState = stateMetrics(registry);
  const { jobs, showPublished, countPublish } = houseMetrics(registry, options.published);
  const queueUp =
    options.jobStates === undefined
      ? null
      : gauge(registry, 'tokenhouse_queue_up', 'Whether the queue answers: 1 or 0; absent: there is none.');
  const bytes = gauge(registry, 'tokenhouse_warehouse_bytes', 'Size of the warehouse file and its WAL.');
  const readAt = gauge(
    registry,
    'tokenhouse_warehouse_read_timestamp_seconds',
    'When the warehouse was last read for the gauges of each source; a run of another process may keep it from that.',
  );
  return {
    observer,
    countPublish,
    contentType: registry.contentType,
    async text() {
      const { jobStates } = options;
      const counted = jobStates === undefined ? null : await within(jobStates(), JOB_STATES_MS);
      const jobCounts: JobCounts = counted ?? {};
      queueUp?.set(counted === null ? 0 : 1);
      // Without a wait in between, so that two scrapes at once see no half of it.
      jobs.reset();
      for (const [queue, states] of Object.entries(jobCounts)) {
        for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
      }
      const { snapshot } = options.health;
      const nowMs = options.nowMs();
      if (snapshot !== null) readAt.set(snapshot.readAtMs / 1000);
      showState(
        statusesOf(snapshot?.readings ?? [], {
          configured: options.sources,
          settleSeconds: options.settleSeconds,
          now: unixSeconds(Math.floor(nowMs / 1000)),
        }),
        nowMs,
      );
      showPublished();
      bytes.set(warehouseBytes(options.warehousePath));
      return await registry.metrics();
    },
  };
}

/** Counters and histograms of the runs that this process makes; they begin at 0 with it. */
function runMetrics(registry: Registry, sources: readonly SourceSettings[]): RunObserver {
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  const rows = counter(
    'tokenhouse_rows_total',
    'Completions: read (repeats included), inserted, updated, and items newly rejected.',
    ['source', 'outcome'],
  );
  const pages = counter('tokenhouse_pages_total', 'Pages read from the list API.', ['source']);
  const requests = counter(
    'tokenhouse_requests_total',
    'HTTP requests to the API, each try of its own, by status; error: no complete reply came.',
    ['source', 'status'],
  );
  const retries = counter('tokenhouse_retries_total', 'HTTP requests that repeated a failed one.', [
    'source',
  ]);
  const runs = counter('tokenhouse_runs_total', 'Runs that ended, by kind and how they ended.', [
    'source',
    'kind',
    'status',
  ]);
  const active = gauge(registry, 'tokenhouse_runs_active', 'Runs that are going on.', ['source', 'kind']);
  const walking = gauge(
    registry,
    'tokenhouse_pieces_active',
    'Pieces of a stretch that are being read side by side (CONCURRENCY).',
    ['source'],
  );
  const pieces = counter('tokenhouse_pieces_total', 'Pieces that were read, each by one walker.', ['source']);
  const histogram = <T extends string>(
    name: string,
    help: string,
    labelNames: readonly T[],
    buckets: readonly number[],
  ): Histogram<T> =>
    new Histogram({
      name,
      help,
      labelNames: [...labelNames],
      buckets: [...buckets],
      registers: [registry],
    });
  const requestSeconds = histogram(
    'tokenhouse_request_duration_seconds',
    'Time of a request until its reply was complete, or it failed.',
    ['source'],
    [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  );
  const commitSeconds = histogram(
    'tokenhouse_commit_duration_seconds',
    'Time of a commit: rows, coverage and checkpoint in one transaction.',
    ['source'],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  const commitRows = histogram(
    'tokenhouse_commit_rows',
    'Items in a committed batch; one that is shown again unchanged is in it once.',
    ['source'],
    [1, 10, 100, 500, 1_000, 2_000, 5_000, 10_000],
  );
  const runSeconds = histogram(
    'tokenhouse_run_duration_seconds',
    'Time of a run, waiting for the warehouse included.',
    ['source', 'kind'],
    [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200],
  );

  // A rate needs a first value to rise from.
  for (const { name: source } of sources) {
    for (const outcome of ['read', 'inserted', 'updated', 'rejected']) rows.inc({ source, outcome }, 0);
    for (const status of ['landed', 'interrupted', 'failed']) runs.inc({ source, kind: 'sync', status }, 0);
    pages.inc({ source }, 0);
    pieces.inc({ source }, 0);
    retries.inc({ source }, 0);
  }

  return {
    onStart: ({ source, kind }) => active.inc({ source, kind }),
    onRequest({ source, status, elapsedMs }) {
      requests.inc({ source, status: status === null ? 'error' : String(status) });
      requestSeconds.observe({ source }, elapsedMs / 1000);
    },
    onRetry: ({ source }) => retries.inc({ source }),
    onPage({ source, rows: count }) {
      pages.inc({ source });
      rows.inc({ source, outcome: 'read' }, count);
    },
    onPieceStart: ({ source }) => walking.inc({ source }),
    onPieceEnd({ source }) {
      walking.dec({ source });
      pieces.inc({ source });
    },
    onCommit({ source, rows: count, loaded, elapsedMs }) {
      rows.inc({ source, outcome: 'inserted' }, loaded.rowsInserted);
      rows.inc({ source, outcome: 'updated' }, loaded.rowsUpdated);
      rows.inc({ source, outcome: 'rejected' }, loaded.rowsRejected);
      commitSeconds.observe({ source }, elapsedMs / 1000);
      commitRows.observe({ source }, count);
    },
    onEnd({ source, kind, status, elapsedMs }) {
      active.dec({ source, kind });
      runs.inc({ source, kind, status });
      runSeconds.observe({ source, kind }, elapsedMs / 1000);
    },
  };
}

/** Gauges of where each source stands; what has no value has no sample. */
function stateMetrics(registry: Registry): (statuses: readonly SourceStatus[], nowMs: number) => void {
  const ofSource = (name: string, help: string) => gauge(registry, `tokenhouse_${name}`, help, ['source']);
  const lag = ofSource(
    'checkpoint_lag_seconds',
    'Age of the newest completion of the last landed run; absent: none has landed.',
  );
  const newest = ofSource('newest_row_age_seconds', 'Age of the newest completion held; absent: none is.');
  const landed = ofSource(
    'last_landed_run_timestamp_seconds',
    'When the last run landed; absent: none has. A nightly sync that stops shows here.',
  );
  const held = ofSource('held_rows', 'Completions in the warehouse.');
  const holes = ofSource(
    'holes',
    'Stretches between the first and the last covered second that are not covered.',
  );
  const holeSeconds = ofSource('hole_seconds', 'Seconds of these stretches.');
  const unread = ofSource(
    'unread_seconds',
    'Settled seconds above the last covered one: what the next sync reads.',
  );
  const expiry = ofSource(
    'uncovered_expiry_seconds',
    'Seconds until the API forgets the oldest second that is not covered (86400 to a day); +Inf: nothing uncovered expires; absent: never synced.',
  );
  const expired = ofSource('expired_seconds', 'Seconds that expired at the API before they were read.');
  const rejected = ofSource('rejected_items', 'Items in sync.rejected.');
  const ofKind = (name: string, help: string) =>
    gauge(registry, `tokenhouse_${name}`, help, ['source', 'kind']);
  const gaps = ofKind('open_gaps', 'Open gaps by kind: dense, unreadable, retention.');
  const gapSeconds = ofKind('open_gap_seconds', 'Seconds of open gaps.');
  const gapMissing = ofKind('open_gap_missing_rows', 'Estimate of the completions missing in open gaps.');
  const all = [lag, newest, landed, held, holes, holeSeconds, unread, expiry, expired, rejected];

  return (statuses, nowMs) => {
    for (const one of [...all, gaps, gapSeconds, gapMissing]) one.reset();
    for (const status of statuses) {
      const { source, health } = status;
      const set = (one: Gauge<'source'>, value: number | null): void => {
        if (value !== null) one.set({ source }, value);
      };
      set(lag, status.checkpointAgeSeconds);
      set(newest, ageSeconds(status.held?.newestCreatedAt ?? null, nowMs));
      set(landed, status.lastLandedAt === null ? null : Date.parse(status.lastLandedAt) / 1000);
      set(held, status.held?.rows ?? null);
      set(rejected, status.held?.rejected ?? null);
      if (health === null) continue;
      set(holes, health.holes.length);
      set(holeSeconds, health.holeSeconds);
      set(unread, health.unreadSeconds);
      set(expired, health.expiredSeconds);
      set(expiry, health.secondsToExpiry ?? Number.POSITIVE_INFINITY);
      for (const kind of ['dense', 'unreadable', 'retention'] as const) {
        const open = status.gaps.find((gap) => gap.kind === kind);
        gaps.set({ source, kind }, open?.gaps ?? 0);
        gapSeconds.set({ source, kind }, open?.seconds ?? 0);
        gapMissing.set({ source, kind }, open?.rowsMissingEstimate ?? 0);
      }
    }
  };
}

/** What belongs to no source. */
function houseMetrics(registry: Registry, published: MetricsOptions['published']) {
  const build = gauge(registry, 'tokenhouse_build_info', 'Versions that run here; always 1.', [
    'version',
    'node',
  ]);
  build.set({ version: packageVersion, node: process.versions.node }, 1);
  const jobs = gauge(
    registry,
    'tokenhouse_jobs',
    'Jobs by queue and state; absent: the queue does not answer.',
    ['queue', 'state'],
  );
  if (published === undefined) return { jobs, showPublished: () => {}, countPublish: () => {} };
  const at = gauge(
    registry,
    'tokenhouse_published_timestamp_seconds',
    'When the copy for readers was last published; absent: never.',
  );
  const size = gauge(registry, 'tokenhouse_published_bytes', 'Size of that copy.');
  const stale = gauge(
    registry,
    'tokenhouse_published_is_stale',
    'Whether a run has ended that the copy for readers lacks, as it could not be published: 1 or 0.',
  );
  const publishes = new Counter({
    name: 'tokenhouse_publishes_total',
    help: 'Copies for readers that were made after runs of this process, or could not be.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['published', 'failed']) publishes.inc({ outcome }, 0);
  const showPublished = (): void => {
    const { file, isStale } = published();
    for (const one of [at, size]) one.remove();
    stale.set(isStale ? 1 : 0);
    if (file === null) return;
    at.set(file.publishedAtMs / 1000);
    size.set(file.bytes);
  };
  const countPublish = (outcome: 'off' | 'published' | 'failed'): void => {
    if (outcome !== 'off') publishes.inc({ outcome });
  };
  return { jobs, showPublished, countPublish };
}

const gauge = <T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly T[] = [],
): Gauge<T> => new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });

const ageSeconds = (time: string | null, nowMs: number): number | null =>
  time === null ? null : (nowMs - Date.parse(time)) / 1000;

/** null when it fails or takes longer. */
async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), milliseconds);
  try {
    return await Promise.race([work.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
