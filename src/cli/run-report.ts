/** What a run comes to: an exit code, a few lines for a person, an object for a script. */
import { EXIT, TokenhouseError } from '../errors.ts';
import type { SyncResult } from '../sync/sync.ts';
import { durationText, grouped, utcText } from './progress.ts';

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

/** Of several sources: what needs a person first. */
export function worstExitCode(codes: readonly number[]): number {
  const order = [EXIT.interrupted, EXIT.usage, EXIT.failed, EXIT.unproven];
  return order.find((code) => codes.includes(code)) ?? EXIT.landed;
}

export function reportLines(outcome: Extract<RunOutcome, { kind: 'ran' }>): string[] {
  const { result, source, elapsedMs } = outcome;
  const { counts, plan, gaps } = result;
  const lines = [
    [
      `${source}: ${result.status}`,
      `${grouped(counts.rowsInserted)} new`,
      `${grouped(counts.rowsUpdated)} changed`,
      ...(counts.rowsRejected > 0 ? [`${grouped(counts.rowsRejected)} rejected`] : []),
      `${grouped(counts.requests)} requests`,
      durationText(Math.round(elapsedMs / 1000)),
    ].join(' · '),
    `  stretch ${utcText(plan.range.from)} to ${utcText(plan.range.to)}`,
  ];
  if (result.checkpoint !== null) {
    lines.push(`  newest ${result.checkpoint.lastSyncedId} of ${utcText(result.checkpoint.lastSyncedAt)}`);
  }
  if (result.status === 'interrupted') lines.push('  what was read is kept; run it again to go on');
  else if (result.unprovenSeconds > 0) lines.push(`  ${unprovenText(result)}; see \`tokenhouse gaps\``);
  if (gaps.some((gap) => gap.kind === 'retention')) {
    lines.push('  part of the stretch is older than the API keeps completions: it was not read in time');
  }
  if (counts.rowsRejected > 0) {
    lines.push(
      '  items that could not be read are in sync.rejected; see `tokenhouse gaps`. Once their cause is mended, `tokenhouse backfill --since … --reread` reads them again',
    );
  }
  if (isEmptyList(result)) {
    lines.push(
      '  the API lists no completion at all: are calls made with `store: true`, by this project (its key), is logging allowed, and does a filter (FILTER_MODEL, FILTER_METADATA) match?',
    );
  }
  return lines;
}

function unprovenText({ unprovenSeconds, gaps }: SyncResult): string {
  const missing = gaps.reduce((sum, gap) => sum + (gap.rowsMissingEstimate ?? 0), 0);
  const seconds = unprovenSeconds === 1 ? '1 second is' : `${grouped(unprovenSeconds)} seconds are`;
  return `${seconds} not proven to be read in full, an estimated ${grouped(missing)} rows missing`;
}

/** Gateways answer an empty list where they have none, which looks like success. A run that did not end saw no list's end. */
const isEmptyList = ({ status, counts, plan }: SyncResult): boolean =>
  status === 'landed' && counts.rowsRead === 0 && plan.holes.length > 0;

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
