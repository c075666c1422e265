import {
  type Checkpoint,
  type CompletionId,
  type Gap,
  type HeldRow,
  type KnownRow,
  type RunKind,
  type SecondRange,
  type SplitValues,
  type UnixSeconds,
  unixSeconds,
} from '../../sync/ports.ts';
import type { SqlRow, Statements } from '../engine/session.ts';
import { SECOND_MAX } from '../load/prepare.ts';

/** What the walk asks the warehouse, and what a person asks of the state of the sync. Times are ISO 8601, UTC. */

const text = (row: SqlRow, column: string): string => String(row[column]);
const textOrNull = (row: SqlRow, column: string): string | null =>
  row[column] === null ? null : String(row[column]);
const number = (row: SqlRow, column: string): number => Number(row[column]);
const numberOrNull = (row: SqlRow, column: string): number | null =>
  row[column] === null ? null : Number(row[column]);
const second = (row: SqlRow, column: string): UnixSeconds => unixSeconds(number(row, column));
const id = (row: SqlRow, column: string): CompletionId => text(row, column) as CompletionId;

const gap = (row: SqlRow): Gap => ({
  kind: text(row, 'kind') as Gap['kind'],
  from: second(row, 'from_second'),
  to: second(row, 'to_second'),
  rowsSeen: number(row, 'rows_seen'),
  rowsMissingEstimate: numberOrNull(row, 'rows_missing_estimate'),
  detail: text(row, 'detail'),
});

export async function readCoverage(
  statements: Statements,
  source: string,
  scope: string,
): Promise<readonly SecondRange[]> {
  const rows = await statements.rows('state/read_coverage', { source, scope });
  return rows.map((row) => ({ from: second(row, 'from_second'), to: second(row, 'to_second') }));
}

export async function readOpenGaps(
  statements: Statements,
  source: string,
  scope: string,
): Promise<readonly Gap[]> {
  return (await statements.rows('state/read_open_gaps', { source, scope })).map(gap);
}

export async function readCheckpoint(statements: Statements, source: string): Promise<Checkpoint | null> {
  const [row] = await statements.rows('state/read_checkpoint', { source });
  if (row === undefined) return null;
  return { lastSyncedId: id(row, 'last_synced_id'), lastSyncedAt: second(row, 'last_synced_second') };
}

/** Seconds looked at first: zone maps then prune all but a few row groups (0.5 s over 5 million rows without). */
const NEAR_SECONDS = 86_400;

/** @param count of rows at the most, near enough. */
export async function knownRowsWithin(
  statements: Statements,
  source: string,
  { from, to }: SecondRange,
  count: number,
): Promise<readonly HeldRow[]> {
  const rows = await statements.rows('state/known_rows_within', {
    source,
    from_second: from,
    to_second: to,
    bucket_seconds: Math.max(1, Math.ceil((to - from + 1) / count)),
  });
  return rows.map((row) => ({
    id: id(row, 'id'),
    createdAt: second(row, 'created'),
    rows: Number(row['row_count']),
  }));
}

export async function knownRowAbove(
  statements: Statements,
  source: string,
  above: UnixSeconds,
  rank: number,
): Promise<KnownRow | null> {
  for (const to of [Math.min(above + NEAR_SECONDS, SECOND_MAX), SECOND_MAX]) {
    const [row] = await statements.rows('state/known_row_above', {
      source,
      second: above,
      to_second: to,
      rank,
    });
    if (row !== undefined) return { id: id(row, 'id'), createdAt: second(row, 'created') };
  }
  return null;
}

export async function knownRowBelow(
  statements: Statements,
  source: string,
  below: UnixSeconds,
): Promise<KnownRow | null> {
  for (const from of [Math.max(below - NEAR_SECONDS, 0), 0]) {
    const [row] = await statements.rows('state/known_row_below', {
      source,
      second: below,
      from_second: from,
    });
    if (row !== undefined) return { id: id(row, 'id'), createdAt: second(row, 'created') };
  }
  return null;
}

export async function knownIdsIn(
  statements: Statements,
  source: string,
  at: UnixSeconds,
): Promise<readonly CompletionId[]> {
  return (await statements.rows('state/known_ids_in', { source, second: at })).map((row) => id(row, 'id'));
}

/** Enough to know the frequent values by; counting those of 10 million took 2.5 s and 730 MB. */
const RECENT_ROWS = 500_000;

export async function knownSplitValues(
  statements: Statements,
  source: string,
  limit: number,
): Promise<SplitValues> {
  const asked = { source, limit, recent_rows: RECENT_ROWS };
  const models = await statements.rows('state/known_models', asked);
  const metadata = await statements.rows('state/known_metadata', asked);
  return {
    models: models.map((row) => text(row, 'model')),
    metadata: metadata.map((row) => [text(row, 'key'), text(row, 'value')] as const),
  };
}

/** One source: what is held, and where its sync stands. Counts are 0 and times null when there is nothing. */
export interface SourceState {
  readonly source: string;
  readonly rows: number;
  readonly oldestCreatedAt: string | null;
  readonly newestCreatedAt: string | null;
  readonly lastSyncedId: string | null;
  readonly lastSyncedAt: string | null;
  readonly oldestServedAt: string | null;
  readonly coveredSeconds: number;
  readonly openGaps: number;
  readonly rejected: number;
}

/** By name. Counts all rows held: some 10 ms a million rows. */
export async function listSources(statements: Statements): Promise<readonly SourceState[]> {
  return (await statements.rows('state/list_sources')).map((row) => ({
    source: text(row, 'source'),
    rows: number(row, 'row_count'),
    oldestCreatedAt: textOrNull(row, 'oldest_created_at'),
    newestCreatedAt: textOrNull(row, 'newest_created_at'),
    lastSyncedId: textOrNull(row, 'last_synced_id'),
    lastSyncedAt: textOrNull(row, 'last_synced_at'),
    oldestServedAt: textOrNull(row, 'oldest_served_at'),
    coveredSeconds: number(row, 'covered_seconds'),
    openGaps: number(row, 'gap_count'),
    rejected: number(row, 'rejected_count'),
  }));
}

/** What a listing shows: of one source or (null) of all, up to `limit` rows. */
export interface ListRequest {
  readonly source: string | null;
  readonly limit: number;
}

export interface RunState {
  readonly runId: string;
  readonly source: string;
  readonly scope: string;
  readonly kind: RunKind;
  readonly status: 'running' | 'landed' | 'interrupted' | 'failed' | 'abandoned';
  readonly range: SecondRange;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly pages: number;
  readonly rowsRead: number;
  readonly rowsInserted: number;
  readonly rowsUpdated: number;
  readonly rowsRejected: number;
  readonly requests: number;
  readonly retries: number;
  readonly unprovenSeconds: number | null;
  readonly error: string | null;
}

/** Newest first. */
export async function listRuns(statements: Statements, request: ListRequest): Promise<readonly RunState[]> {
  return (await statements.rows('state/list_runs', { ...request })).map((row) => ({
    runId: text(row, 'run_id'),
    source: text(row, 'source'),
    scope: text(row, 'scope'),
    kind: text(row, 'kind') as RunKind,
    status: text(row, 'status') as RunState['status'],
    range: { from: second(row, 'range_from'), to: second(row, 'range_to') },
    startedAt: text(row, 'started_at'),
    finishedAt: textOrNull(row, 'finished_at'),
    pages: number(row, 'pages'),
    rowsRead: number(row, 'rows_read'),
    rowsInserted: number(row, 'rows_inserted'),
    rowsUpdated: number(row, 'rows_updated'),
    rowsRejected: number(row, 'rows_rejected'),
    requests: number(row, 'requests'),
    retries: number(row, 'retries'),
    unprovenSeconds: numberOrNull(row, 'unproven_seconds'),
    error: textOrNull(row, 'error'),
  }));
}

export interface GapState extends Gap {
  readonly source: string;
  readonly scope: string;
  readonly firstSeenAt: string;
  readonly lastTriedAt: string;
  readonly resolvedAt: string | null;
  readonly runId: string;
}

/** Newest seconds first. */
export async function listGaps(
  statements: Statements,
  request: ListRequest & { readonly openOnly: boolean },
): Promise<readonly GapState[]> {
  const { source, limit, openOnly } = request;
  return (await statements.rows('state/list_gaps', { source, limit, open_only: openOnly })).map((row) => ({
    ...gap(row),
    source: text(row, 'source'),
    scope: text(row, 'scope'),
    firstSeenAt: text(row, 'first_seen_at'),
    lastTriedAt: text(row, 'last_tried_at'),
    resolvedAt: textOrNull(row, 'resolved_at'),
    runId: text(row, 'run_id'),
  }));
}

/** A rejected item without its text. */
export interface RejectedState {
  readonly source: string;
  readonly rawSha256: string;
  readonly id: string | null;
  readonly createdAt: string | null;
  readonly reason: string;
  readonly rawLength: number;
  readonly runId: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** Last met first. */
export async function listRejected(
  statements: Statements,
  request: ListRequest,
): Promise<readonly RejectedState[]> {
  return (await statements.rows('state/list_rejected', { ...request })).map((row) => ({
    source: text(row, 'source'),
    rawSha256: text(row, 'raw_sha256'),
    id: textOrNull(row, 'id'),
    createdAt: textOrNull(row, 'created_at'),
    reason: text(row, 'reason'),
    rawLength: number(row, 'raw_length'),
    runId: text(row, 'run_id'),
    firstSeenAt: text(row, 'first_seen_at'),
    lastSeenAt: text(row, 'last_seen_at'),
  }));
}
