/** One run of one source: opens what it needs, syncs, closes. The command line and the queue's jobs both call this. */
import type { Tracer } from '@opentelemetry/api';
import { priceParts } from '../analytics/price-parts.ts';
import type { SyncSettings, WarehouseSettings } from '../config.ts';
import type { Log } from '../log.ts';
import { createSource } from '../source/client.ts';
import type { SourceSettings } from '../source/settings.ts';
import { MESSAGES_AT_ONCE } from '../sync/messages.ts';
import { type Clock, type RunKind, type RunStatus, type UnixSeconds, unixSeconds } from '../sync/ports.ts';
import { type SyncOptions, type SyncProgress, type SyncResult, syncCompletions } from '../sync/sync.ts';
import { openWarehouse } from '../warehouse/open.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import { collectGarbage } from './collect-garbage.ts';
import {
  observedPieces,
  observedSource,
  observedWarehouse,
  type RunObserver,
  type RunSubject,
} from './observer.ts';
import { tellProgress } from './run-progress.ts';
import { tracedPieces, tracedRun, tracedSource, tracedWarehouse, traceReply } from './trace.ts';

export interface RunRequest {
  readonly kind: RunKind;
  /** null: `SYNC_DAYS` before now. */
  readonly since: UnixSeconds | null;
  readonly until: UnixSeconds | null;
  readonly isExplicit: boolean;
  readonly reread: boolean;
  readonly withMessages: boolean;
}

export interface RunEnvironment {
  readonly warehouse: WarehouseSettings;
  readonly sync: SyncSettings;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SyncProgress) => void;
  /** When another process has the warehouse open, and this run waits for it. */
  readonly onWaiting?: () => void;
  /** For metrics; see `observers` for several. */
  readonly observer?: RunObserver;
  /** For spans; when absent nothing is traced. */
  readonly tracer?: Tracer | null;
}

const DAY_SECONDS = 86_400;

/**
 * @throws TokenhouseError of the source or the warehouse, after what was read is committed.
 */
export async function runSource(
  source: SourceSettings,
  request: RunRequest,
  environment: RunEnvironment,
): Promise<SyncResult> {
  const { observer = {}, tracer = null } = environment;
  const subject: RunSubject = { source: source.name, kind: request.kind };
  const startedMs = performance.now();
  let isEnded = false;
  const end = (status: RunStatus, error: unknown): void => {
    if (!isEnded) observer.onEnd?.({ ...subject, status, error, elapsedMs: performance.now() - startedMs });
    isEnded = true;
  };
  observer.onStart?.(subject);
  const run = () =>
    openAndSync(source, request, { ...environment, observer }, (result) => end(result.status, null));
  try {
    return await (tracer === null ? run() : tracedRun(tracer, subject, run));
  } catch (error) {
    end(environment.signal.aborted ? 'interrupted' : 'failed', error);
    throw error;
  }
}

/** @param onResult called while the warehouse is still open. */
async function openAndSync(
  source: SourceSettings,
  request: RunRequest,
  environment: RunEnvironment & { readonly observer: RunObserver },
  onResult: (result: SyncResult) => void,
): Promise<SyncResult> {
  const { clock, log, signal, observer, tracer = null } = environment;
  const subject: RunSubject = { source: source.name, kind: request.kind };
  const client = createSource(source, {
    clock,
    // One more than there are walkers: who looks ahead for them.
    requestsAtOnce: Math.max(environment.sync.concurrency + 1, MESSAGES_AT_ONCE),
    onRetry(event) {
      log.warn({ source: source.name, ...event }, 'request failed, trying again');
      observer.onRetry?.({ ...subject, ...event });
    },
    onReply(event) {
      observer.onRequest?.({ ...subject, ...event });
      traceReply(event);
    },
  });
  await using file = await openForRun(environment);
  const options = syncOptionsOf(request, environment.sync, nowOf(clock));
  log.debug({ source: source.name, kind: request.kind, scope: client.scope }, 'run starts');
  const teller = tellProgress(environment.warehouse.path, subject, () => clock.nowMs());
  const onProgress = (progress: SyncProgress): void => {
    teller.update(progress);
    environment.onProgress?.(progress);
  };
  const pages = observedSource(client, subject, observer);
  const warehouse = observedWarehouse(file, subject, observer);
  const pieces = observedPieces(subject, observer);
  const traced = tracer === null ? null : tracedPieces(tracer, source.name);
  const result = await syncCompletions(
    {
      aroundPiece: (hole, fill) => pieces(hole, traced === null ? fill : () => traced(hole, fill)),
      source: tracer === null ? pages : tracedSource(pages, tracer),
      warehouse: tracer === null ? warehouse : tracedWarehouse(warehouse, tracer),
      clock,
      onProgress,
      onCommit: collectGarbage,
    },
    options,
    signal,
  ).finally(() => teller.end());
  onResult(result);
  return result;
}

/** The warehouse for writing; waits for it while another process holds it, and says so. */
function openForRun({ warehouse, log, signal, clock, onWaiting }: RunEnvironment): Promise<WarehouseFile> {
  return openWarehouse({
    ...warehouse,
    prices: priceParts(warehouse.pricesFile),
    nowMs: () => clock.nowMs(),
    signal,
    onWaiting(pid, path) {
      log.info({ pid, warehouse: path }, 'waiting for the warehouse: another process has it open');
      onWaiting?.();
    },
    onLogKept: ({ message }) =>
      log.warn(
        { error: message },
        'the log of the warehouse could not be written into its file: tried again',
      ),
  });
}

export function syncOptionsOf(request: RunRequest, sync: SyncSettings, now: UnixSeconds): SyncOptions {
  return {
    kind: request.kind,
    cutoff: request.since ?? unixSeconds(Math.max(0, now - sync.days * DAY_SECONDS)),
    until: request.until,
    isExplicit: request.isExplicit,
    reread: request.reread,
    settleSeconds: sync.settleMinutes * 60,
    pageSize: sync.pageSize,
    batchRows: sync.batchRows,
    batchSeconds: sync.batchSeconds,
    concurrency: sync.concurrency,
    withMessages: request.withMessages,
  };
}

export const nowOf = (clock: Clock): UnixSeconds => unixSeconds(Math.floor(clock.nowMs() / 1000));
