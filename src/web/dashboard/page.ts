/** The page: one document, drawn here as a whole, that works without a script. */
import type { CopyHealth } from '../../health/copy-health.ts';
import { copyNote } from '../../health/copy-note.ts';
import type { SourceStatus } from '../../health/source-status.ts';
import { BEHAVIOUR, FAVICON, STYLE } from './assets.ts';
import { budgetSection } from './budget-section.ts';
import { SHARE_SERIES, sharesChart, usageChart } from './charts.ts';
import { remarksOf } from './completeness.ts';
import type { DashboardData, GroupUsage } from './data.ts';
import { addDays } from './days.ts';
import { addressOf, DEFAULTS, type Filters, GROUPS, queryOf, RANGES, type Range, TOPS } from './filters.ts';
import {
  changeText,
  compactText,
  compactUsdText,
  countedText,
  dayText,
  pointsText,
  shareText,
  spanText,
  timeText,
  usdText,
  wholeText,
} from './format.ts';
import { type Content, type Html, html } from './html.ts';
import { htmlTable } from './html-table.ts';
import { colorsOf, keyOf, labelOf } from './palette.ts';
import { bucketsOf } from './period.ts';
import { cacheHitRate, dollars, pricedShare, reasoningShare, type Sums } from './sums.ts';
import { syncSection } from './sync-section.ts';
import { groupTitle, sharesOf, type TableName, tableOf } from './tables.ts';

export interface PageParts {
  readonly data: DashboardData;
  readonly statuses: readonly SourceStatus[];
  /** null: read from the warehouse itself. */
  readonly copy: CopyHealth | null;
  readonly problems: readonly string[];
  readonly nowMs: number;
  readonly budgetUsd: number | null;
}

export function pageOf(parts: PageParts): string {
  const { data, statuses, budgetUsd } = parts;
  const { since, until } = data.period;
  const days = `${dayText(since, since.slice(0, 4) !== until.slice(0, 4))} – ${dayText(addDays(until, -1))}`;
  const hasRows = data.totals.shown.completions > 0n;
  const budget = budgetSection({ forecast: data.forecast, budgetUsd });
  return frame(
    `Tokenhouse: ${days}`,
    html`${header(days, stamp(parts))}
${filterForm(data)}
${messages(parts, hasRows)}
<main id="content">${hasRows ? usage(data) : nothing(data)}
<div class="two">${budget}${syncSection(statuses)}</div></main>
${footer()}`,
  );
}

function frame(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<link rel="icon" href="assets/${FAVICON.name}" type="image/svg+xml"><link rel="stylesheet" href="assets/${STYLE.name}">
<script src="assets/${BEHAVIOUR.name}" defer></script></head>
<body><a class="skip" href="#content">Skip to the numbers</a><div class="page">
${body}
</div></body></html>
`.text;
}

function header(days: string, stampText: Content): Html {
  return html`<header class="top"><h1>Token usage</h1><p>${days}</p>${stampText}</header>`;
}

function stamp({ data, nowMs }: PageParts): Html {
  const { asOf } = data.bounds;
  const age = spanText((nowMs - Date.parse(asOf)) / 1000);
  const from = data.kind === 'copy' ? 'published copy' : 'warehouse itself';
  const made = data.publishedAt === null ? '' : ` Published ${timeText(data.publishedAt)}.`;
  return html`<p class="stamp" title="Times are UTC.${made}">As of the last sync, <time datetime="${asOf}">${timeText(asOf)}</time> (${age} ago) · ${from}</p>`;
}

function filterForm(data: DashboardData): Html {
  const { filters, key } = data;
  const chip = (range: Range) => {
    const address = addressOf({ ...filters, range, since: null, last: null });
    return html`<li><a href="${address}"${filters.range === range && html` aria-current="true"`}>${RANGES[range]}</a></li>`;
  };
  const option = (value: string | number, words: string, isChosen: boolean) =>
    html`<option value="${value}"${isChosen && html` selected`}>${words}</option>`;
  const keys = [...data.keys.map((one) => one.key)];
  if (key !== null && !keys.includes(key)) keys.push(key);
  return html`<form class="filters" method="get" action="." role="search" aria-label="What is shown">
<ul class="ranges" aria-label="Period">${(Object.keys(RANGES) as Range[]).map(chip)}</ul>
${filters.range !== null && html`<input type="hidden" name="range" value="${filters.range}" data-default="${DEFAULTS.range ?? ''}">`}
${field('since', 'First day (UTC)', html`<input type="date" id="since" name="since" min="2000-01-01" max="2099-12-31" value="${filters.since ?? ''}">`)}
${field('last', 'Last day (included)', html`<input type="date" id="last" name="last" min="2000-01-01" max="2099-12-31" value="${filters.last ?? ''}">`)}
${field('by', 'Group by', html`<select id="by" name="by" data-default="${DEFAULTS.by}">${Object.entries(GROUPS).map(([value, words]) => option(value, words, filters.by === value))}</select>`)}
${keys.length > 0 && field('key', 'Metadata key', html`<select id="key" name="key" data-default="">${option('', filters.key === null ? `Most used (${key ?? ''})` : 'Most used', filters.key === null)}${keys.map((one) => option(one, one, filters.key === one))}</select>`)}
${(data.sources.length > 1 || filters.source !== null) && field('source', 'Source', html`<select id="source" name="source" data-default="">${option('', 'All', filters.source === null)}${sourcesOf(data).map((one) => option(one, one, filters.source === one))}</select>`)}
${field('top', 'Rows', html`<select id="top" name="top" data-default="${DEFAULTS.top}">${TOPS.map((one) => option(one, `Top ${one}`, filters.top === one))}</select>`)}
<button type="submit">Show</button>${queryOf(filters) !== '' && html`<a class="reset" href=".">Reset</a>`}
</form>`;
}

const sourcesOf = ({ sources, filters }: DashboardData): readonly string[] =>
  filters.source === null || sources.includes(filters.source) ? sources : [...sources, filters.source];

const field = (id: string, label: string, control: Html): Html =>
  html`<div class="field"><label for="${id}">${label}</label>${control}</div>`;

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

function usage(data: DashboardData): Html {
  const { filters, key } = data;
  const groupsOf = (usage: readonly GroupUsage[]) => usage.map(({ group }) => group);
  const colors = colorsOf(groupsOf([...data.overTime, ...data.byGroup]), data.groupNames);
  const tagColors = colorsOf(groupsOf(data.byTag), data.tagNames);
  const isByTag = filters.by === 'metadata' && key !== null;
  return html`${cards(data)}
${overTime(data, colors)}
<div class="${isByTag ? 'one' : 'two'}">${!isByTag && breakdown(data, 'usage_by_group', colors)}${key !== null && breakdown(data, 'usage_by_tag', tagColors)}</div>
<div class="two">${shares(data)}${endings(data)}</div>
${topCompletions(data)}`;
}

function cards({ totals, period }: DashboardData): Html {
  const { shown, whole, before } = totals;
  const counted = (of: (sums: Sums) => bigint | null) => ({
    value: compactText(of(shown)),
    exact: wholeText(of(shown)),
    change: before === null ? null : changeText(Number(of(whole) ?? 0n), Number(of(before) ?? 0n)),
  });
  const shared = (of: (sums: Sums) => number | null) => ({
    value: shareText(of(shown)),
    exact: null,
    change: before === null ? null : pointsText(of(whole), of(before)),
  });
  const cost = (sums: Sums) => dollars(sums.listCostUsd);
  const all = [
    { title: 'Requests', ...counted(({ completions }) => completions) },
    { title: 'Input tokens', ...counted(({ inputTokens }) => inputTokens) },
    { title: 'Output tokens', ...counted(({ outputTokens }) => outputTokens) },
    {
      title: 'List cost',
      value: compactUsdText(cost(shown)),
      exact: usdText(cost(shown)),
      change: before === null ? null : changeText(cost(whole), cost(before)),
    },
    { title: 'Cache hit rate', ...shared(cacheHitRate) },
    { title: 'Reasoning share', ...shared(reasoningShare) },
    { title: 'Priced share', ...shared(pricedShare) },
  ];
  const days = Math.max(
    0,
    Math.round((Date.parse(period.wholeUntil) - Date.parse(period.since)) / 86_400_000),
  );
  const note =
    before === null
      ? 'No change is shown: the same number of whole days before was not read in full.'
      : `Change: ${countedText(days, 'whole day')} against the ${days === 1 ? 'day' : `${days} days`} before.`;
  return html`<section aria-labelledby="totals-title"><h2 id="totals-title" class="hidden">Totals</h2>
<dl class="cards">${all.map(
    ({ title, value, exact, change }) =>
      html`<div><dt>${title}</dt><dd class="value"${exact !== null && html` title="${exact}"`}>${value}</dd>${before !== null && html`<dd class="change">${change === null ? '–' : html`<b>${change}</b>`}</dd>`}</div>`,
  )}</dl><p class="hint">${note} List cost is tokens at list (or contract) price, not what was billed.</p></section>`;
}

function overTime(data: DashboardData, colors: ReadonlyMap<string, string>): Html {
  const title = groupTitle(data);
  const buckets = bucketsOf(data.period, data.bounds.openFrom);
  const groups = [...new Map(data.overTime.map(({ group }) => [keyOf(group), group])).values()];
  const widest = new Map<string, number>();
  for (const { group } of data.overTime) {
    if (group.kind === 'other') widest.set('other', Math.max(widest.get('other') ?? 0, group.groups));
  }
  const words = groups.map((group) => (group.kind === 'other' ? 'Other' : labelOf(group)));
  const about = (measure: string) =>
    `Stacked bars, one a ${data.period.grain}, by ${title}: ${words.join(', ')}. ${measure} The numbers are in the table below.`;
  return html`<section class="card" id="over-time" aria-labelledby="over-time-title">
${head('over-time-title', `Over time, by ${title}`, data, 'usage_over_time')}
<ul class="legend">${groups.map((group, index) => html`<li><span class="swatch ${colors.get(keyOf(group)) ?? 's-other'}"></span>${words[index]}</li>`)}</ul>
<div class="two"><figure><figcaption>Tokens</figcaption>${usageChart(data, 'tokens', buckets, colors, { id: 'tokens', title: `Tokens by ${title} over time`, description: about('Tokens are input and output together.') })}</figure>
<figure><figcaption>List cost</figcaption>${usageChart(data, 'usd', buckets, colors, { id: 'cost', title: `List cost by ${title} over time`, description: about('In US dollars.') })}</figure></div>
${folded(data, 'usage_over_time', { columns: ['starts_on', 'name', 'completions', 'input_tokens', 'output_tokens', 'total_tokens', 'list_cost_usd', 'priced_share'] })}</section>`;
}

function breakdown(
  data: DashboardData,
  name: 'usage_by_group' | 'usage_by_tag',
  colors: ReadonlyMap<string, string>,
): Html {
  const title =
    name === 'usage_by_tag' ? html`By metadata: ${data.key}` : `By ${groupTitle(data).toLowerCase()}`;
  const table = tableOf(name, data);
  const hasCost = data.totals.shown.listCostUsd !== null;
  const bar = hasCost ? 'share_of_list_cost' : 'share_of_tokens';
  const view = {
    columns: ['name', 'completions', 'total_tokens', 'list_cost_usd', bar],
    bar,
    colors,
    isOpen: true,
  };
  return html`<section class="card" id="${name}" aria-labelledby="${name}-title">
${head(`${name}-title`, title, data, name)}
${htmlTable(table, view)}
${folded(data, name, { columns: ['name', 'input_tokens', 'output_tokens', 'cache_hit_rate', 'reasoning_share', 'priced_share', 'share_of_tokens'] }, 'More columns')}</section>`;
}

function shares(data: DashboardData): Html {
  const buckets = bucketsOf(data.period, data.bounds.openFrom);
  const text = {
    id: 'shares',
    title: 'Cache hit rate and reasoning share over time',
    description: `Two lines, a point a ${data.period.grain}: the share of input tokens read from the cache, and the share of output tokens spent on reasoning. The numbers are in the table below.`,
  };
  return html`<section class="card" id="shares" aria-labelledby="shares-heading">
${head('shares-heading', 'Cache and reasoning', data, 'shares_over_time')}
<ul class="legend">${SHARE_SERIES.map(
    ({ label, color, dash }) =>
      html`<li><svg class="swatch line" viewBox="0 0 22 10" aria-hidden="true"><line class="stroke ${color}" x1="0" x2="22" y1="5" y2="5" stroke-width="2.5"${dash !== null && html` stroke-dasharray="${dash}"`}/></svg>${label}</li>`,
  )}</ul>
<figure>${sharesChart(sharesOf(data), data.period.grain, buckets, text)}</figure>
${folded(data, 'shares_over_time', {})}
<p class="hint">Sums over sums, of the completions that tell their details.</p></section>`;
}

function endings(data: DashboardData): Html {
  return html`<section class="card" id="finish-reasons" aria-labelledby="finish-reasons-title">
${head('finish-reasons-title', 'How answers ended', data, 'finish_reasons')}
${data.finishReasons.length === 0 ? html`<p class="nothing">No answers in this period.</p>` : htmlTable(tableOf('finish_reasons', data), { columns: ['finish_reason', 'choices', 'share'], bar: 'share', isOpen: true })}
<p class="hint"><code>length</code>: cut off at the token limit.</p>
${folded(data, 'truncation', {}, 'Truncated, filtered and refused, by model')}</section>`;
}

function topCompletions(data: DashboardData): Html {
  const columns = [
    'completion_id',
    'created_at',
    'model',
    'tags',
    'input_tokens',
    'output_tokens',
    'list_cost_usd',
    ...(data.topCompletions.every(({ pricedTokenShare }) => pricedTokenShare === 1) ? [] : ['priced_share']),
  ];
  if (data.sources.length > 1) columns.splice(2, 0, 'source');
  return html`<section class="card" id="top-completions" aria-labelledby="top-completions-title">
${head('top-completions-title', 'Top completions by list cost', data, 'top_completions')}
${htmlTable(tableOf('top_completions', data), { columns, isOpen: true })}</section>`;
}

function head(id: string, title: Content, data: DashboardData, name: TableName): Html {
  return html`<div class="head"><h2 id="${id}">${title}</h2><a href="${csvAddress(name, data.filters)}">CSV<span class="hidden"> of ${tableOf(name, data).title}</span></a></div>`;
}

function csvAddress(name: TableName, filters: Filters): string {
  const query = queryOf(filters);
  return `csv/${name}${query === '' ? '' : `?${query}`}`;
}

function folded(
  data: DashboardData,
  name: TableName,
  view: Parameters<typeof htmlTable>[1],
  words = 'Numbers as a table',
): Html {
  return html`<details><summary>${words}</summary>${htmlTable(tableOf(name, data), { ...view, part: words })}<p class="hint"><a href="${csvAddress(name, data.filters)}">The same as CSV</a></p></details>`;
}

/** There is a warehouse, and nothing of it in the period. */
function nothing({ filters, bounds, sources }: DashboardData): Html {
  const all = addressOf({ ...DEFAULTS, range: 'all' });
  const isUnknown = filters.source !== null && !sources.includes(filters.source);
  const held =
    bounds.firstDate === null || bounds.lastDate === null
      ? html`<p>The last sync found no completions. They turn up when calls are made with <code>store: true</code>, some seconds after each.</p>`
      : html`<p>Completions are held from ${dayText(bounds.firstDate)} to ${dayText(bounds.lastDate)}${isUnknown && ', and none of this source'}. <a href="${all}">Show all of them</a>.</p>`;
  return html`<section class="card empty"><h2>No completions in this period</h2>${held}</section>`;
}

function footer(): Html {
  return html`<footer><p>Days are UTC. To keep this page, print it (to PDF), or save it: <a href="dashboard.json">all numbers as JSON</a>, each table as CSV.</p></footer>`;
}

export interface Notice {
  readonly title: string;
  readonly body: Content;
}

/** In place of the numbers: why there are none, and what to do. */
export function noticePage({ title, body }: Notice): string {
  return frame(
    `Tokenhouse: ${title}`,
    html`${header('', null)}<main id="content"><section class="card empty"><h2>${title}</h2>${body}</section></main>`,
  );
}

export const EMPTY_WAREHOUSE: Notice = {
  title: 'Nothing is synced yet',
  body: html`<p>There is no warehouse here, or no sync of it has landed. Make one, and this page shows it:</p>
<pre><code>tokenhouse sync</code></pre>
<p>It needs <code>OPENAI_API_KEY</code> and copies the completions that were stored (<code>store: true</code>) in the last 30 days. Where the warehouse is somewhere else, set <code>WAREHOUSE</code>.</p>
<p>To look around first: <code>tokenhouse demo</code> makes a warehouse of made-up traffic and says where it is.</p>`,
};
