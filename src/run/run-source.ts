/** One run of one source: opens what it needs, syncs, closes. The command line and the queue's jobs both call this. */
import { priceParts } from '../analytics/price-parts.ts';
import type { SyncSettings, WarehouseSettings } from '../config.ts';
import type { Log } from '../log.ts';
import { createSource } from '../source/client.ts';
import type { SourceSettings } from '../source/settings.ts';
import { type Clock, type RunKind, type UnixSeconds, unixSeconds } from '../sync/ports.ts';
import { type SyncOptions, type SyncProgress, type SyncResult, syncCompletions } from '../sync/sync.ts';
import { openWarehouse } from '../warehouse/open.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import { collectGarbage } from './collect-garbage.ts';

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
  const { clock, log, signal } = environment;
  const client = createSource(source, {
    clock,
    onRetry: (event) => log.warn({ source: source.name, ...event }, 'request failed, trying again'),
  });
  await using warehouse = await openForRun(environment);
  const options = syncOptionsOf(request, environment.sync, nowOf(clock));
  log.debug({ source: source.name, kind: request.kind, scope: client.scope }, 'run starts');
  const { onProgress } = environment;
  return await syncCompletions(
    {
      source: client,
      warehouse,
      clock,
      ...(onProgress === undefined ? {} : { onProgress }),
      onCommit: collectGarbage,
    },
    options,
    signal,
  );
}

/** The warehouse for writing; waits for it while another process holds it, and says so. */
function openForRun({ warehouse, log, signal, clock }: RunEnvironment): Promise<WarehouseFile> {
  return openWarehouse({
    ...warehouse,
    prices: priceParts(warehouse.pricesFile),
    nowMs: () => clock.nowMs(),
    signal,
    onWaiting: (pid, path) =>
      log.info({ pid, warehouse: path }, 'waiting for the warehouse: another process has it open'),
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
    withMessages: request.withMessages,
  };
}

export const nowOf = (clock: Clock): UnixSeconds => unixSeconds(Math.floor(clock.nowMs() / 1000));
