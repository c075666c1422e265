/** What a run comes to, in a few lines for a person. */
import type { RunOutcome } from '../run/run-summary.ts';
import type { SyncResult } from '../sync/sync.ts';
import { durationText, grouped, utcText } from './progress.ts';

export function reportLines(outcome: Extract<RunOutcome, { kind: 'ran' }>): string[] {
  const { result, source, elapsedMs } = outcome;
  const { counts, plan, gaps } = result;
  const lines = [
    [
      `${source}: ${result.status}`,
      `${grouped(counts.rowsInserted)} new`,
      `${grouped(counts.rowsUpdated)} changed`,
      ...(counts.rowsDeleted > 0 ? [`${grouped(counts.rowsDeleted)} deleted at the API`] : []),
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
