/** The page: one document, drawn here as a whole, that works without a script. */
import type { CopyHealth } from '../../health/copy-health.ts';
import { copyNote } from '../../health/copy-note.ts';
import type { SourceStatus } from '../../health/source-status.ts';
import { budgetSection } from './budget-section.ts';
import { remarksOf } from './completeness.ts';
import { filterForm } from './controls.ts';
import type { DashboardData } from './data.ts';
import { addDays } from './days.ts';
import { addressOf, DEFAULTS } from './filters.ts';
import { compactText, dayText, spanText, timeText } from './format.ts';
import { footer, frame, header } from './frame.ts';
import { folded } from './head.ts';
import { type Content, type Html, html } from './html.ts';
import { usageSections } from './sections.ts';
import { syncSection } from './sync-section.ts';

export interface PageParts {
  readonly data: DashboardData;
  readonly statuses: readonly SourceStatus[];
  /** null: read from the warehouse itself. */
  readonly copy: CopyHealth | null;
  readonly problems: readonly string[];
  readonly nowMs: number;
  readonly budgetUsd: number | null;
}

const KEEPING = html`To keep this page, print it (to PDF), or save it: <a href="dashboard.json">all numbers as JSON</a>, each table as CSV.`;

export function pageOf(parts: PageParts): string {
  const { data, statuses, budgetUsd } = parts;
  const { since, until } = data.period;
  const days = `${dayText(since, since.slice(0, 4) !== until.slice(0, 4))} – ${dayText(addDays(until, -1))}`;
  const hasRows = data.totals.shown.completions > 0n;
  const budget = budgetSection({ forecast: data.forecast, budgetUsd, isFiltered: isFiltered(data) });
  return frame(
    `Tokenhouse: ${days}`,
    html`${header(days, stamp(parts))}
${filterForm(data)}
${messages(parts, hasRows)}
<main id="content">${hasRows ? usageSections(data) : nothing(data)}
<div class="two">${budget}${syncSection(statuses, folded(data, 'coverage', {}, 'Coverage of these days as a table'))}</div></main>
${footer(KEEPING)}`,
  );
}

const isFiltered = ({ filters }: DashboardData): boolean =>
  filters.where.length > 0 || filters.source !== null;

function stamp({ data, nowMs }: PageParts): Html {
  const { asOf } = data.bounds;
  const age = spanText((nowMs - Date.parse(asOf)) / 1000);
  const from = data.kind === 'copy' ? 'published copy' : 'warehouse itself';
  const made = data.publishedAt === null ? '' : ` Published ${timeText(data.publishedAt)}.`;
  return html`<p class="stamp" title="Times are UTC.${made}">As of the last sync, <time datetime="${asOf}">${timeText(asOf)}</time> (${age} ago) · ${from}</p>`;
}

function messages({ data, copy, problems }: PageParts, hasRows: boolean): Html {
  const remarks = hasRows ? remarksOf(data) : [];
  const warnings = remarks.filter(({ isWarning }) => isWarning).map(({ text }) => text);
  const calm = remarks.filter(({ isWarning }) => !isWarning).map(({ text }) => text);
  if (data.filters.by === 'metadata' && data.key === null) {
    warnings.push('No completion carries metadata, so the charts are by model.');
  }
  const key = data.keys.find((one) => one.key === data.key);
  if (key !== undefined && key.distinctValues > MANY_VALUES) {
    warnings.push(
      `“${key.key}” has some ${compactText(key.distinctValues)} values: it tells calls apart rather than groups them.`,
    );
  }
  const note = copy === null ? null : copyNote(copy);
  const stale = note === null ? null : html`<li>${withCode(`${note.replace(/^t/, 'T')}.`)}</li>`;
  return html`<aside aria-label="About these numbers"><ul class="messages">${stale}${[...problems, ...warnings].map((text) => html`<li>${text}</li>`)}${calm.length > 0 && html`<li class="calm">${calm.join(' ')}</li>`}</ul></aside>`;
}

/** What stands between backticks is a command. */
const withCode = (text: string): Content =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));

const MANY_VALUES = 1_000;

/** There is a warehouse, and nothing of it in the period. */
function nothing(data: DashboardData): Html {
  const { filters, bounds, sources } = data;
  const all = addressOf({ ...DEFAULTS, range: 'all' });
  const isUnknown = filters.source !== null && !sources.includes(filters.source);
  const held =
    bounds.firstDate === null || bounds.lastDate === null
      ? html`<p>The last sync found no completions. They turn up when calls are made with <code>store: true</code>, some seconds after each.</p>`
      : html`<p>Completions are held from ${dayText(bounds.firstDate)} to ${dayText(bounds.lastDate)}${isUnknown && ', and none of this source'}${!isUnknown && isFiltered(data) && ', and none in this period with these filters'}. <a href="${all}">Show all of them</a>.</p>`;
  return html`<section class="card empty"><h2>No completions in this period</h2>${held}</section>`;
}
