/** `status` for people: some lines a source, and a bar of its last days. */
import { styleText } from 'node:util';
import type { SeenRun } from '../health/seen-run.ts';
import type { DayState, SourceHealth } from '../health/source-health.ts';
import type { SourceStatus } from '../health/source-status.ts';
import type { RunProgress } from '../run/run-progress.ts';
import { unixSeconds } from '../sync/ports.ts';
import { durationText, grouped, progressText, utcText } from './progress.ts';
import { daysToExpiry, elapsedSeconds } from './status-report.ts';
import { wrapped } from './wrap.ts';

export interface TextStyle {
  /** Blocks for the bar; else ASCII, as logs and mails want it. */
  readonly blocks: boolean;
  readonly color: boolean;
  /** Columns of the terminal; null: not one. */
  readonly columns: number | null;
}

const LABEL_WIDTH = 14;

/** Further lines of a text stand under its first, beside the labels. */
export function statusLines(status: SourceStatus, style: TextStyle): readonly string[] {
  const noLabel = line('', '');
  return textLines(status, style).map((text) =>
    wrapped(text, style.columns, text.startsWith(noLabel) ? 0 : LABEL_WIDTH),
  );
}

function textLines(status: SourceStatus, style: TextStyle): readonly string[] {
  const { held, health, scope, source } = status;
  const title = style.color ? styleText('bold', source, { validateStream: false }) : source;
  if (held === null || health === null) {
    return [title, line('never synced', 'run `tokenhouse sync`')];
  }
  return [
    scope === null ? title : `${title}  ${scope.scope}`,
    ...(status.isConfigured === false ? [line('settings', 'no such source is configured now')] : []),
    ...(status.isScopeChanged
      ? [
          line(
            'settings',
            'now list something else (URL, account or filter): the next sync reads it from the start',
          ),
        ]
      : []),
    line('checkpoint', checkpointText(status)),
    line('covered', coveredText(health)),
    ...(health.unreadSeconds >= 60
      ? [
          line(
            'to be read',
            `${spanText(health.unreadSeconds)} that have settled since; run \`tokenhouse sync\``,
          ),
        ]
      : []),
    line('held', heldText(held)),
    line('gaps', gapText(status)),
    line('rejected', held.rejected === 0 ? 'none' : `${grouped(held.rejected)}; see \`tokenhouse gaps\``),
    line('oldest at API', oldestText(status)),
    line('expiry', expiryText(status, style)),
    line(
      'last 30 days',
      `${barOf(health, style)}  ${health.days.at(0)?.date} to ${health.days.at(-1)?.date}`,
    ),
    ...status.runs.map((run, index) => line(index === 0 ? 'runs' : '', runText(run))),
  ];
}

const line = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}`;

function checkpointText({ held, checkpointAgeSeconds }: SourceStatus): string {
  if (held === null || held.lastSyncedId === null || checkpointAgeSeconds === null)
    return 'none: no run has landed yet';
  return `${held.lastSyncedId} of ${timeText(held.lastSyncedAt)}, ${spanText(checkpointAgeSeconds)} old`;
}

function coveredText({ covered, holes, holeSeconds }: SourceHealth): string {
  if (covered === null) return 'nothing yet';
  const between =
    holes.length === 0
      ? 'no hole'
      : `${counted(holes.length, 'hole')} of ${spanText(holeSeconds)} in between`;
  return `${utcText(covered.from)} to ${utcText(covered.to)}, ${between}`;
}

function heldText({ rows, oldestCreatedAt, newestCreatedAt }: NonNullable<SourceStatus['held']>): string {
  if (rows === 0) return 'no completions';
  return `${counted(rows, 'completion')}, ${timeText(oldestCreatedAt)} to ${timeText(newestCreatedAt)}`;
}

function gapText({ gaps }: SourceStatus): string {
  if (gaps.length === 0) return 'none';
  const kinds = gaps.map(({ kind, gaps: count, seconds, rowsMissingEstimate }) => {
    const missing =
      rowsMissingEstimate > 0 ? `, some ${grouped(Math.round(rowsMissingEstimate))} rows missing` : '';
    return `${count} ${kind} (${spanText(seconds)}${missing})`;
  });
  return `${kinds.join(', ')}; see \`tokenhouse gaps\``;
}

function oldestText({ scope }: SourceStatus): string {
  if (scope === null || scope.oldestServedAt === null) return 'not known yet';
  return `${utcText(scope.oldestServedAt)}, as seen ${timeText(scope.observedAt)}`;
}

function expiryText({ health, retentionDays }: SourceStatus, { color }: TextStyle): string {
  const warn = (text: string): string =>
    color ? styleText('yellow', text, { validateStream: false }) : text;
  if (retentionDays === null)
    return 'not known: the settings of this source cannot be read (`tokenhouse doctor` says why)';
  if (retentionDays === 'none') return 'the API is not known to drop completions (RETENTION_DAYS)';
  const days = daysToExpiry(health);
  const lost =
    health !== null && health.expiredSeconds > 0
      ? `; ${spanText(health.expiredSeconds)} had expired before they were read`
      : '';
  if (health === null || days === null || health.oldestUnreadAt === null)
    return `nothing unread can expire${lost}`;
  const since = `unread since ${utcText(health.oldestUnreadAt)}`;
  // Below a tenth of a day the number would be 0.0.
  if (days <= 0)
    return warn(
      `expiring now: ${since}; run \`tokenhouse sync\`, or \`backfill\` for what is older than SYNC_DAYS${lost}`,
    );
  const text = `in ${days.toFixed(1)} days: ${since}${lost}`;
  return days < 7 ? warn(text) : text;
}

const CELLS: Readonly<Record<DayState, readonly [block: string, ascii: string]>> = {
  full: ['█', '#'],
  part: ['▒', '+'],
  none: ['·', '.'],
  gap: ['!', '!'],
};

function barOf({ days }: SourceHealth, { blocks }: TextStyle): string {
  return days.map(({ state }) => CELLS[state][blocks ? 0 : 1]).join('');
}

export function legend({ blocks }: TextStyle): string {
  const cell = (state: DayState): string => CELLS[state][blocks ? 0 : 1];
  return `a day: ${cell('full')} read in full  ${cell('part')} in part  ${cell('none')} not read  ${cell('gap')} has a gap`;
}

function runText(run: SeenRun): string {
  const elapsed = elapsedSeconds(run);
  return [
    `${timeText(run.startedAt)} ${run.kind} ${runStatusText(run)}`,
    `${grouped(run.rowsInserted)} new`,
    `${grouped(run.requests)} requests`,
    ...(elapsed === null ? [] : [durationText(Math.round(elapsed))]),
    ...(run.unprovenSeconds ? [`${grouped(run.unprovenSeconds)} s unproven`] : []),
    ...(run.error === null ? [] : [run.error]),
  ].join(' · ');
}

/** For people, who need not know what `abandoned` means. */
export const runStatusText = (run: SeenRun): string =>
  run.isProcessGone ? 'interrupted, process gone' : run.status;

/** A run that another process is at, as its own line of progress has it. */
export function runningText(run: RunProgress): string {
  const state = {
    label: `Running: ${run.kind} of ${run.source}`,
    rows: run.rows,
    pages: run.pages,
    walkers: run.walkers,
    reachedAt: unixSeconds(run.reached_at),
    share: run.pages_left === null ? null : run.pages / Math.max(1, run.pages + run.pages_left),
  };
  return progressText(state, run.updated_at_ms - run.started_at_ms);
}

/** `2026-11-23 15:00:00Z` of an ISO time, milliseconds left out. */
export const timeText = (time: string | null): string => (time ?? '').replace('T', ' ').replace(/\.\d+/, '');

/** As `durationText`, and days where hours would be many. */
export function spanText(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 172_800 ? durationText(whole) : `${(whole / 86_400).toFixed(1)} days`;
}

export const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `12.3 MB`, in powers of 1,000 as `ls --si` has them. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
