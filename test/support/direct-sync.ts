/** One sync as `tokenhouse sync` runs it, with the hooks that the command line does not offer. Without vitest, for child processes. */
import type { SyncSettings } from '../../src/config.ts';
import { syncOptionsOf } from '../../src/run/run-source.ts';
import type { SourceDeps } from '../../src/source/client.ts';
import type { SourceSettings } from '../../src/source/settings.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import { type SyncResult, syncCompletions } from '../../src/sync/sync.ts';
import type { OnStep } from '../../src/warehouse/load/load.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { sourceOf } from '../source/support.ts';

export interface DirectSync {
  readonly baseUrl: string;
  readonly path: string;
  readonly nowSeconds: number;
  readonly pageSize: number;
  readonly batchRows: number;
  readonly settings?: Partial<SourceSettings>;
  readonly deps?: Partial<SourceDeps>;
  readonly onStep?: OnStep;
}

export async function syncDirectly(order: DirectSync): Promise<SyncResult> {
  const clock = { nowMs: () => order.nowSeconds * 1000 };
  await using warehouse = await openWarehouse({
    path: order.path,
    content: 'full',
    waitSeconds: 10,
    nowMs: clock.nowMs,
    ...(order.onStep && { onStep: order.onStep }),
  });
  const source = sourceOf(
    order.baseUrl,
    { kind: 'compatible', retentionDays: null, ...order.settings },
    { clock, ...order.deps },
  );
  const { pageSize, batchRows } = order;
  const settings: SyncSettings = {
    days: 30,
    settleMinutes: 30,
    pageSize,
    concurrency: 1,
    batchRows,
    batchSeconds: 3_600,
  };
  const request = {
    kind: 'sync',
    since: null,
    until: null,
    isExplicit: false,
    reread: false,
    withMessages: false,
  } as const;
  return await syncCompletions(
    { source, warehouse, clock },
    syncOptionsOf(request, settings, unixSeconds(order.nowSeconds)),
    new AbortController().signal,
  );
}
