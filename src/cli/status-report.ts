/** Gathers what `status` tells of each source, from the warehouse and (where they can be read) the settings. */
import type { Config } from '../config.ts';
import { healthOf, type SourceHealth } from '../health/source-health.ts';
import { iso } from '../run/run-summary.ts';
import { isScopeOf } from '../source/endpoint.ts';
import type { SourceSettings } from '../source/settings.ts';
import type { GapKind, UnixSeconds } from '../sync/ports.ts';
import { listScopes, type ScopeState } from '../warehouse/look-up.ts';
import type { RunState, SourceState } from '../warehouse/read-state.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';

export interface GapCount {
  readonly kind: GapKind;
  readonly gaps: number;
  readonly seconds: number;
  readonly rowsMissingEstimate: number;
}

export interface SourceStatus {
  readonly source: string;
  /** null: the settings of the sources cannot be read, as without a key. */
  readonly isConfigured: boolean | null;
  /** Days the API keeps a completion, `none`: for ever; null: not known, as above. */
  readonly retentionDays: number | 'none' | null;
  /** null: it was never synced, and neither are the three below known. */
  readonly held: SourceState | null;
  readonly scope: ScopeState | null;
  readonly health: SourceHealth | null;
  /** Seconds since the newest completion of the last landed run. */
  readonly checkpointAgeSeconds: number | null;
  /** The settings list something else than the newest run did: the next one starts from nothing. */
  readonly isScopeChanged: boolean;
  /** Open ones, of the current scope. */
  readonly gaps: readonly GapCount[];
  /** Newest first. */
  readonly runs: readonly RunState[];
}

export interface StatusQuestion {
  /** null: they cannot be read. */
  readonly configured: Config['sources'] | null;
  readonly settleSeconds: number;
  readonly now: UnixSeconds;
  readonly runs: number;
}

/** Every source that is held, and those that are configured and were never synced. */
export async function statusOf(
  warehouse: WarehouseFile,
  question: StatusQuestion,
): Promise<readonly SourceStatus[]> {
  const states = await warehouse.listSources();
  const scopes = await listScopes(warehouse);
  const never = (question.configured ?? []).filter(
    ({ name }) => !states.some(({ source }) => source === name),
  );
  const statuses: SourceStatus[] = [];
  for (const state of states) {
    const scope = scopes.find(({ source }) => source === state.source) ?? null;
    statuses.push(await heldStatus(warehouse, state, scope, question));
  }
  return [...statuses, ...never.map(neverSynced)];
}

async function heldStatus(
  warehouse: WarehouseFile,
  held: SourceState,
  scope: ScopeState | null,
  { configured, settleSeconds, now, runs }: StatusQuestion,
): Promise<SourceStatus> {
  const { source } = held;
  const settings = configured?.find(({ name }) => name === source) ?? null;
  const retentionDays = settings === null ? null : (settings.retentionDays ?? 'none');
  const coverage = scope === null ? [] : await warehouse.readCoverage(source, scope.scope);
  const gaps = scope === null ? [] : await warehouse.readGaps(source, scope.scope);
  const kinds = [...new Set(gaps.map(({ kind }) => kind))];
  return {
    source,
    isConfigured: configured === null ? null : settings !== null,
    retentionDays,
    held,
    scope,
    health: healthOf({
      now,
      settleSeconds,
      retentionSeconds: typeof retentionDays === 'number' ? retentionDays * 86_400 : null,
      coverage,
      gaps,
      oldestServedAt: scope?.oldestServedAt ?? null,
    }),
    checkpointAgeSeconds: held.lastSyncedAt === null ? null : now - Date.parse(held.lastSyncedAt) / 1000,
    isScopeChanged: settings !== null && scope !== null && !isScopeOf(scope.scope, settings),
    gaps: kinds.map((kind) => {
      const same = gaps.filter((gap) => gap.kind === kind);
      const sum = (of: (gap: (typeof gaps)[number]) => number) => same.reduce((all, gap) => all + of(gap), 0);
      return {
        kind,
        gaps: same.length,
        seconds: sum(({ from, to }) => to - from + 1),
        rowsMissingEstimate: sum((gap) => gap.rowsMissingEstimate ?? 0),
      };
    }),
    runs: await warehouse.listRuns({ source, limit: runs }),
  };
}

const neverSynced = ({ name, retentionDays }: SourceSettings): SourceStatus => ({
  source: name,
  isConfigured: true,
  retentionDays: retentionDays ?? 'none',
  held: null,
  scope: null,
  health: null,
  checkpointAgeSeconds: null,
  isScopeChanged: false,
  gaps: [],
  runs: [],
});

/** For `--json`: names with units, times in ISO 8601, null for what is not known. */
export function statusObject(status: SourceStatus): object {
  const { held, health, scope } = status;
  return {
    source: status.source,
    configured: status.isConfigured,
    scope: scope?.scope ?? null,
    scope_changed: status.isScopeChanged,
    last_synced_id: held?.lastSyncedId ?? null,
    last_synced_at: held?.lastSyncedAt ?? null,
    checkpoint_age_seconds: status.checkpointAgeSeconds,
    rows: held?.rows ?? 0,
    oldest_created_at: held?.oldestCreatedAt ?? null,
    newest_created_at: held?.newestCreatedAt ?? null,
    covered_from: health?.covered ? iso(health.covered.from) : null,
    covered_to: health?.covered ? iso(health.covered.to) : null,
    holes: health?.holes.length ?? 0,
    hole_seconds: health?.holeSeconds ?? 0,
    unread_seconds: health?.unreadSeconds ?? 0,
    gaps: status.gaps.map(({ kind, gaps, seconds, rowsMissingEstimate }) => ({
      kind,
      gaps,
      seconds,
      rows_missing_estimate: rowsMissingEstimate,
    })),
    rejected: held?.rejected ?? 0,
    oldest_served_at: scope === null || scope.oldestServedAt === null ? null : iso(scope.oldestServedAt),
    oldest_served_seen_at: scope?.observedAt ?? null,
    retention_days: status.retentionDays,
    oldest_unread_at: health === null || health.oldestUnreadAt === null ? null : iso(health.oldestUnreadAt),
    days_until_oldest_unread_expires: daysToExpiry(health),
    expired_unread_seconds: health?.expiredSeconds ?? 0,
    days: health?.days ?? [],
    runs: status.runs.map(runObject),
  };
}

/** Rounded down to a tenth; null: nothing unread expires, or it is not known when. */
export const daysToExpiry = (health: SourceHealth | null): number | null =>
  health === null || health.secondsToExpiry === null ? null : Math.floor(health.secondsToExpiry / 8_640) / 10;

export function runObject(run: RunState): object {
  return {
    run_id: run.runId,
    source: run.source,
    scope: run.scope,
    kind: run.kind,
    status: run.status,
    from: iso(run.range.from),
    to: iso(run.range.to),
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    elapsed_seconds: elapsedSeconds(run),
    pages: run.pages,
    rows_read: run.rowsRead,
    rows_inserted: run.rowsInserted,
    rows_updated: run.rowsUpdated,
    rows_rejected: run.rowsRejected,
    requests: run.requests,
    retries: run.retries,
    unproven_seconds: run.unprovenSeconds,
    error: run.error,
  };
}

/** null while it runs, and of a run that never ended. */
export const elapsedSeconds = ({ startedAt, finishedAt }: RunState): number | null =>
  finishedAt === null ? null : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
