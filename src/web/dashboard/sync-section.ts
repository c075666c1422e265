/** How the sync stands: of each source a bar of its last days, and what to know of it. */
import type { Day, DayState } from '../../health/source-health.ts';
import type { SourceStatus } from '../../health/source-status.ts';
import { countedText, dayText, spanText, timeText, wholeText } from './format.ts';
import { type Content, type Html, html } from './html.ts';

const STATES: Readonly<Record<DayState, string>> = {
  full: 'read in full',
  part: 'read in part',
  gap: 'with a gap',
  none: 'not read',
};

/** @param coverage the days of the period as a table. */
export function syncSection(statuses: readonly SourceStatus[], coverage: Content): Html {
  return html`<section class="card" id="sync" aria-labelledby="sync-title">
<div class="head"><h2 id="sync-title">Sync health</h2><a href="csv/coverage">Coverage as CSV</a></div>
<ul class="legend">${Object.entries(STATES).map(
    ([state, words]) => html`<li><span class="swatch ${state}"></span>${words}</li>`,
  )}</ul>
${statuses.map(sourcePart)}
${coverage}</section>`;
}

function sourcePart(status: SourceStatus, index: number): Html {
  const { source, health } = status;
  return html`<div class="source"><h3>${source}</h3>
${health === null ? html`<p class="hint">Never synced: run <code>tokenhouse sync</code>.</p>` : strip(health.days, `days-${index}`, source)}
<dl class="facts">${factsOf(status).map(([term, words]) => html`<div><dt>${term}</dt><dd>${words}</dd></div>`)}</dl></div>`;
}

const CELL = 10;

/** A cell a day; gaps are lower as well as red. */
function strip(days: readonly Day[], id: string, source: string): Html {
  const counts = (Object.keys(STATES) as DayState[]).flatMap((state) => {
    const count = days.filter((one) => one.state === state).length;
    return count === 0 ? [] : [`${countedText(count, 'day')} ${STATES[state]}`];
  });
  const first = days.at(0)?.date ?? '';
  const last = days.at(-1)?.date ?? '';
  const cells = days.map(({ date, state }, index) => {
    const height = state === 'full' ? 26 : state === 'part' ? 18 : state === 'gap' ? 12 : 6;
    return html`<rect class="fill ${state}" x="${index * CELL + 0.5}" y="${26 - height}" width="${CELL - 1}" height="${height}"><title>${dayText(date)}: ${STATES[state]}</title></rect>`;
  });
  return html`<svg class="strip" viewBox="0 0 ${days.length * CELL} 26" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">Coverage of ${source}, ${dayText(first)} to ${dayText(last)}</title><desc id="${id}-desc">${counts.join(', ')}.</desc>${cells}</svg>
<p class="strip-ends"><span>${dayText(first, false)}</span><span>${dayText(last, false)}</span></p>`;
}

function factsOf(status: SourceStatus): readonly (readonly [term: string, words: Content])[] {
  const { held, health } = status;
  const [run] = status.runs;
  return [
    [
      'Last run',
      run === undefined
        ? 'none'
        : `${run.isProcessGone ? 'interrupted, process gone' : run.status}, ${timeText(run.startedAt)}`,
    ],
    ['Last landed', status.lastLandedAt === null ? 'none' : timeText(status.lastLandedAt)],
    ['Checkpoint', checkpointOf(status)],
    ['Completions held', wholeText(held?.rows ?? 0)],
    ['Holes', holesOf(status)],
    ['Open gaps', gapsOf(status)],
    ['Rejected items', wholeText(held?.rejected ?? 0)],
    [
      'To be read',
      health === null ? '–' : health.unreadSeconds < 60 ? 'nothing' : spanText(health.unreadSeconds),
    ],
    ['Expiry', expiryOf(status)],
  ];
}

function checkpointOf({ held, checkpointAgeSeconds }: SourceStatus): Content {
  if (held === null || held.lastSyncedId === null || checkpointAgeSeconds === null) return 'none yet';
  return html`<span class="id">${held.lastSyncedId}</span>, ${spanText(checkpointAgeSeconds)} old`;
}

function holesOf({ health }: SourceStatus): string {
  if (health === null || health.holes.length === 0) return 'none';
  return `${countedText(health.holes.length, 'hole')} of ${spanText(health.holeSeconds)}`;
}

function gapsOf({ gaps }: SourceStatus): string {
  if (gaps.length === 0) return 'none';
  return gaps
    .map(({ kind, gaps: count, seconds, rowsMissingEstimate }) => {
      const missing =
        rowsMissingEstimate >= 0.5 ? `, some ${wholeText(Math.round(rowsMissingEstimate))} missing` : '';
      return `${count} ${kind} (${spanText(seconds)}${missing})`;
    })
    .join(', ');
}

function expiryOf({ retentionDays, health }: SourceStatus): string {
  if (retentionDays === null) return 'not known without the settings of the source';
  if (retentionDays === 'none') return 'the API keeps completions';
  const seconds = health?.secondsToExpiry ?? null;
  const lost =
    health !== null && health.expiredSeconds > 0
      ? `; ${spanText(health.expiredSeconds)} expired before they were read`
      : '';
  if (seconds === null) return `nothing unread can expire${lost}`;
  if (seconds <= 0) return `expiring now: run a sync${lost}`;
  return `oldest unread in ${(Math.floor(seconds / 8_640) / 10).toFixed(1)} days${lost}`;
}
