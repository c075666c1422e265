/** What `status` and `runs` tell a script. */
import { type SeenRun, statusOfRun } from '../health/seen-run.ts';
import type { SourceHealth } from '../health/source-health.ts';
import type { SourceStatus } from '../health/source-status.ts';
import { type RunProgress, secondsLeftOf } from '../run/run-progress.ts';
import { iso } from '../run/run-summary.ts';
import { unixSeconds } from '../sync/ports.ts';
import type { RunState } from '../warehouse/read/read-state.ts';

/** A run that another process is at. */
export const runningObject = (run: RunProgress): object => ({
  source: run.source,
  kind: run.kind,
  started_at: new Date(run.started_at_ms).toISOString(),
  told_at: new Date(run.updated_at_ms).toISOString(),
  walkers: run.walkers,
  rows: run.rows,
  pages: run.pages,
  pages_left: run.pages_left === null ? null : Math.round(run.pages_left),
  seconds_left: secondsLeftOf(run.pages, run.pages_left, run.updated_at_ms - run.started_at_ms),
  reached_at: iso(unixSeconds(run.reached_at)),
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

export function runObject(run: SeenRun): object {
  return {
    run_id: run.runId,
    source: run.source,
    scope: run.scope,
    kind: run.kind,
    status: statusOfRun(run),
    process_gone: run.isProcessGone,
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
