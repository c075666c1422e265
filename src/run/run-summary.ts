/** What a run comes to: an exit code and, for scripts and the queue, an object. */
import { EXIT, TokenhouseError } from '../errors.ts';
import type { SyncResult } from '../sync/sync.ts';
import type { PublishOutcome } from './publish-run.ts';

export type RunOutcome =
  | { readonly source: string; readonly kind: 'ran'; readonly result: SyncResult; readonly elapsedMs: number }
  | { readonly source: string; readonly kind: 'failed'; readonly error: unknown };

export function exitCodeOf(outcome: RunOutcome): number {
  if (outcome.kind === 'failed') {
    return outcome.error instanceof TokenhouseError ? outcome.error.exitCode : EXIT.failed;
  }
  const { status, unprovenSeconds, counts } = outcome.result;
  if (status === 'interrupted') return EXIT.interrupted;
  if (status === 'failed') return EXIT.failed;
  return unprovenSeconds > 0 || counts.rowsRejected > 0 ? EXIT.unproven : EXIT.landed;
}

/** Of the copy that is made after the runs. */
export function publishExitCode(outcome: PublishOutcome): number {
  if (outcome.kind !== 'failed') return EXIT.landed;
  return outcome.isInterrupted ? EXIT.interrupted : EXIT.unpublished;
}

/** Of several sources and their copy: what needs a person first. Unproven seconds may stay so for good, and would hide all below them. */
export function worstExitCode(codes: readonly number[]): number {
  const order = [EXIT.interrupted, EXIT.usage, EXIT.failed, EXIT.unpublished, EXIT.unproven];
  return order.find((code) => codes.includes(code)) ?? EXIT.landed;
}

/** For `--json`: names with units, times in ISO 8601. */
export function reportObject(outcome: RunOutcome): object {
  if (outcome.kind === 'failed') {
    const { error } = outcome;
    const isOurs = error instanceof TokenhouseError;
    return {
      source: outcome.source,
      status: 'failed',
      exit_code: exitCodeOf(outcome),
      error: isOurs ? `${error.name}: ${error.message}` : 'unexpected error',
    };
  }
  const { result } = outcome;
  return {
    source: outcome.source,
    status: result.status,
    exit_code: exitCodeOf(outcome),
    run_id: result.runId,
    from: iso(result.plan.range.from),
    to: iso(result.plan.range.to),
    rows_read: result.counts.rowsRead,
    rows_inserted: result.counts.rowsInserted,
    rows_updated: result.counts.rowsUpdated,
    rows_rejected: result.counts.rowsRejected,
    rows_deleted: result.counts.rowsDeleted,
    pages: result.counts.pages,
    requests: result.counts.requests,
    retries: result.counts.retries,
    elapsed_ms: Math.round(outcome.elapsedMs),
    unproven_seconds: result.unprovenSeconds,
    gaps: result.gaps.map((gap) => ({
      kind: gap.kind,
      from: iso(gap.from),
      to: iso(gap.to),
      rows_seen: gap.rowsSeen,
      rows_missing_estimate: gap.rowsMissingEstimate,
    })),
    last_synced_id: result.checkpoint?.lastSyncedId ?? null,
    last_synced_at: result.checkpoint === null ? null : iso(result.checkpoint.lastSyncedAt),
    oldest_served_at: result.oldestServedAt === null ? null : iso(result.oldestServedAt),
  };
}

export const iso = (second: number): string => new Date(second * 1000).toISOString().replace('.000', '');
