import { randomUUID } from 'node:crypto';
import { TerminalError } from '../../errors.ts';
import { range } from '../../sync/coverage.ts';
import type { Batch, Gap, LoadCounts } from '../../sync/ports.ts';
import type { SqlParameters, Statements } from '../engine/session.ts';
import { type Content, type Prepared, prepareItems, prepareMessages, SECOND_MAX } from './prepare.ts';
import type { RejectedRow } from './rows.ts';
import { jsonLines, type StageValues, stagePlain, stageUnits } from './stage.ts';

/** Called after each statement of a load with its name, and with `before commit` and `committed`. For crash tests. */
export type OnStep = (step: string) => void | Promise<void>;

export interface LoadSettings {
  readonly content: Content;
  readonly nowMs: number;
  readonly onStep: OnStep | null;
}

/**
 * One batch: staged and checked in temporary tables first, then written in one transaction.
 *
 * @throws {TransientError} when the same call may succeed later; {@link TerminalError} when not, or when the run is no
 * longer the running one of its source. Nothing of the batch is written then.
 */
export async function loadBatch(
  statements: Statements,
  batch: Batch,
  settings: LoadSettings,
): Promise<LoadCounts> {
  const step: Step = async (name, parameters) => {
    const rowsChanged = await statements.run(name, parameters);
    await settings.onStep?.(name);
    return rowsChanged;
  };
  await statements.prepare(['load/plain_item']);
  await step('load/create_staging');
  await statements.prepare(INCOMING);
  const staged = await stageBatch(statements, batch, settings);
  await settings.onStep?.('staged');
  const counts = await statements.transaction(
    async () => {
      const merged = await mergeCompletions(statements, step, staged, batch.source);
      await replaceMessages(step, staged.messagesSpan);
      if (staged.daySpans.length > 0) {
        const spans = staged.daySpans.map(({ from, to }) => `${from}-${to}`).join(' ');
        await step('load/insert_changes', { change_id: randomUUID(), spans });
      }
      const rowsRejected = staged.rejected > 0 ? await writeRejected(step) : 0;
      const rowsDeleted = await writeDeletions(statements, step, batch, settings.nowMs);
      await writeCoverageAndGaps(step, batch, settings.nowMs);
      await writeCheckpoint(step, batch, settings.nowMs);
      const counts = { ...merged, rowsRejected, rowsDeleted };
      await writeRun(step, batch, counts);
      return counts;
    },
    async () => settings.onStep?.('before commit'),
  );
  await settings.onStep?.('committed');
  // What it holds is not to be in memory until the next batch. Before that it is done again, as this may fail.
  await statements.run('load/create_staging').catch(() => {});
  return counts;
}

type Step = (name: string, parameters?: SqlParameters) => Promise<number>;

/** Seconds that the rows of a kind span; null when there are none. As parameters, they prune by zone maps. */
type Span = { readonly from_second: number; readonly to_second: number } | null;

function secondsOf({ plain, units }: Prepared): readonly number[] {
  const rows = units.flatMap((unit): readonly { readonly created: number }[] => [
    ...unit.rows.completions,
    ...unit.rows.messages,
  ]);
  return [...plain, ...rows].map(({ created }) => created);
}

function span(prepared: Prepared): Span {
  const seconds = secondsOf(prepared);
  if (seconds.length === 0) return null;
  // Not Math.min(...seconds): a spread of some 100,000 arguments overflows the stack.
  return {
    from_second: seconds.reduce((least, second) => Math.min(least, second)),
    to_second: seconds.reduce((most, second) => Math.max(most, second)),
  };
}

interface DaySpan {
  readonly from: number;
  readonly to: number;
}

function daySpansOf(seconds: readonly number[]): readonly DaySpan[] {
  const spans = new Map<number, DaySpan>();
  for (const second of seconds) {
    const day = Math.floor(second / 86_400);
    const { from, to } = spans.get(day) ?? { from: second, to: second };
    spans.set(day, { from: Math.min(from, second), to: Math.max(to, second) });
  }
  return [...spans.values()];
}

/** Views of what is staged, whichever way it was read. */
const INCOMING = ['completions', 'usage', 'choices', 'tool_calls', 'metadata'].map(
  (name) => `load/incoming_${name}`,
);

interface Staged {
  /** Completions, the refused ones left out. */
  readonly completions: number;
  readonly rejected: number;
  /** Of each UTC day that rows are staged of, the first and the last Unix second of them. */
  readonly daySpans: readonly DaySpan[];
  readonly itemsSpan: Span;
  readonly messagesSpan: Span;
}

async function stageBatch(statements: Statements, batch: Batch, settings: LoadSettings): Promise<Staged> {
  const { content, nowMs } = settings;
  const values: StageValues = { source: batch.source, runId: batch.runId, nowMs };
  const items = prepareItems(batch.items, content);
  const messages = prepareMessages(batch.messages, content);
  const odd = (await stagePlain(statements, items.plain, values)).map(({ carefully }) => carefully());
  const units = [...items.units, ...messages.units, ...odd.filter((unit) => 'rows' in unit)];
  const rejected = [...items.rejected, ...messages.rejected, ...odd.filter((unit) => 'reason' in unit)];
  const refused = await stageUnits(statements, units, values);
  rejected.push(...refused);
  await stageRejected(statements, rejected, values);
  await stageRanges(statements, batch);
  await stageGaps(statements, batch, nowMs);
  const careful = units.filter(({ rows }) => rows.completions.length > 0).length;
  const refusedItems = refused.length - refused.filter(({ reason }) => reason.startsWith('message ')).length;
  return {
    completions: items.plain.length - odd.length + careful - refusedItems,
    rejected: rejected.length,
    daySpans: daySpansOf([...secondsOf(items), ...secondsOf(messages)]),
    itemsSpan: span(items),
    messagesSpan: span(messages),
  };
}

async function stageRejected(
  statements: Statements,
  rejected: readonly RejectedRow[],
  values: StageValues,
): Promise<void> {
  const distinct = new Map(rejected.map((row) => [row.raw_sha256, row]));
  // One statement a row: they are rare, and one of them may be as long as a page.
  for (const row of distinct.values()) {
    await statements.run('load/stage_rejected', {
      rows: jsonLines([row]),
      source: values.source,
      run_id: values.runId,
      now_ms: values.nowMs,
    });
  }
}

async function stageRanges(statements: Statements, batch: Batch): Promise<void> {
  const rows = batch.covered.map((range) => ({ from_second: range.from, to_second: range.to }));
  if (rows.length > 0) await statements.run('load/stage_ranges', { rows: jsonLines(rows) });
}

async function stageGaps(statements: Statements, batch: Batch, nowMs: number): Promise<void> {
  const distinct = new Map(batch.gaps.map((gap) => [`${gap.kind} ${gap.from} ${gap.to}`, gap]));
  if (distinct.size === 0) return;
  await statements.run('load/stage_gaps', {
    rows: jsonLines([...distinct.values()].map(gapRow)),
    source: batch.source,
    scope: batch.scope,
    run_id: batch.runId,
    now_ms: nowMs,
  });
}

const gapRow = (gap: Gap) => ({
  kind: gap.kind,
  from_second: gap.from,
  to_second: gap.to,
  rows_seen: gap.rowsSeen,
  rows_missing_estimate: gap.rowsMissingEstimate,
  detail: gap.detail.toWellFormed(),
});

const PARTS = ['completion_usage', 'completion_choices', 'completion_tool_calls', 'completion_metadata'];

async function mergeCompletions(
  statements: Statements,
  step: Step,
  { completions, itemsSpan: bounds }: Staged,
  source: string,
) {
  if (bounds === null) return { rowsInserted: 0, rowsUpdated: 0 };
  const [span] = await statements.rows('load/holds_span', { source, ...bounds });
  // On a first sync nothing is there that could be met again.
  if (span?.['is_held'] === true) await step('load/plan_merge', bounds);
  const plan = new Map(
    (await statements.rows('load/count_plan')).map((row) => [row['action'], Number(row['row_count'])]),
  );
  const rowsHeld = [...plan.values()].reduce((sum, count) => sum + count, 0);
  const rowsInserted = completions - rowsHeld;
  const rowsUpdated = plan.get('update') ?? 0;
  if ((plan.get('touch') ?? 0) > 0) await step('load/touch_completions', bounds);
  if (rowsUpdated > 0) {
    for (const table of ['completions', ...PARTS]) await step(`load/delete_${table}`, bounds);
  }
  if (rowsInserted + rowsUpdated > 0) {
    for (const table of ['completions', ...PARTS]) await step(`load/insert_${table}`);
  }
  return { rowsInserted, rowsUpdated };
}

async function writeRejected(step: Step): Promise<number> {
  await step('load/touch_rejected');
  return await step('load/insert_rejected');
}

async function replaceMessages(step: Step, bounds: Span): Promise<void> {
  if (bounds === null) return;
  await step('load/delete_completion_messages', bounds);
  await step('load/insert_completion_messages');
}

/** @returns completions found to be deleted at the API. After the merge, which notes what this run has met. */
async function writeDeletions(
  statements: Statements,
  step: Step,
  batch: Batch,
  nowMs: number,
): Promise<number> {
  const { reread } = batch;
  if (batch.items.length > 0) {
    const [known] = await statements.rows('load/has_deletions');
    if (known?.['has_deletions'] === true) await step('load/delete_deletions');
  }
  if (reread === null) return 0;
  const met = reread.met.flatMap(({ from, to }) => range(Math.max(from, reread.keptFrom), to) ?? []);
  if (met.length === 0) return 0;
  return await step('load/insert_deletions', {
    source: batch.source,
    scope: batch.scope,
    run_id: batch.runId,
    read_since_ms: reread.sinceMs,
    met: JSON.stringify(met),
    from_second: met.reduce((least, { from }) => Math.min(least, from), SECOND_MAX),
    to_second: met.reduce((most, { to }) => Math.max(most, to), 0),
    now_ms: nowMs,
  });
}

async function writeCoverageAndGaps(step: Step, batch: Batch, nowMs: number): Promise<void> {
  const of = { source: batch.source, scope: batch.scope };
  if (batch.covered.length > 0) {
    await step('load/merge_ranges', of);
    await step('load/delete_touched_coverage', of);
    await step('load/insert_coverage', of);
  }
  if (batch.gaps.length > 0) {
    await step('load/date_staged_gaps');
    await step('load/delete_replaced_gaps');
  }
  if (batch.covered.length > 0) await step('load/resolve_gaps', { ...of, now_ms: nowMs });
  if (batch.gaps.length > 0) await step('load/insert_gaps');
}

async function writeCheckpoint(step: Step, batch: Batch, nowMs: number): Promise<void> {
  const { source, scope, checkpoint, oldestServedAt } = batch;
  if (checkpoint !== null) {
    await step('load/delete_checkpoint', { source });
    await step('load/insert_checkpoint', {
      source,
      last_synced_id: checkpoint.lastSyncedId,
      last_synced_second: checkpoint.lastSyncedAt,
      run_id: batch.runId,
      now_ms: nowMs,
    });
  }
  if (oldestServedAt !== null) {
    await step('load/delete_source', { source, scope });
    await step('load/insert_source', { source, scope, oldest_served_second: oldestServedAt, now_ms: nowMs });
  }
}

/** Last of all: whether the run may still write is decided inside the transaction that it writes in. */
async function writeRun(step: Step, batch: Batch, loaded: LoadCounts): Promise<void> {
  const { counts, end } = batch;
  const running = await step('load/update_run', {
    run_id: batch.runId,
    source: batch.source,
    pages: counts.pages,
    rows_read: counts.rowsRead,
    rows_inserted: counts.rowsInserted + loaded.rowsInserted,
    rows_updated: counts.rowsUpdated + loaded.rowsUpdated,
    rows_rejected: counts.rowsRejected + loaded.rowsRejected,
    requests: counts.requests,
    retries: counts.retries,
  });
  if (running === 0) {
    throw new TerminalError(
      `run ${batch.runId} is not the running one of source ${batch.source}: it has ended, or a later run has taken over`,
    );
  }
  if (end === null) return;
  await step('load/end_run', {
    run_id: batch.runId,
    status: end.status,
    finished_at_ms: end.finishedAtMs,
    unproven_seconds: end.unprovenSeconds,
    error: end.error,
  });
}
