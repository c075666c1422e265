/** What is chosen: the form, and a crumb for each filter that takes it off again. */
import { fieldText } from '../../analytics/report-fields.ts';
import { entryOf, titleOf, valueText } from './conditions.ts';
import type { DashboardData } from './data.ts';
import {
  addressOf,
  COMPARE,
  DEFAULTS,
  type Filters,
  GROUPS,
  queryOf,
  RANGES,
  type Range,
  TOPS,
} from './filters.ts';
import { type Content, type Html, html } from './html.ts';
import { quotedText } from './palette.ts';

export type Chosen = Pick<DashboardData, 'filters' | 'key' | 'keys' | 'sources'>;

export const option = (value: string | number, words: Content, isChosen: boolean): Html =>
  html`<option value="${value}"${isChosen && html` selected`}>${words}</option>`;

export const field = (id: string, label: Content, control: Html): Html =>
  html`<div class="field"><label for="${id}">${label}</label>${control}</div>`;

export function filterForm(data: Chosen): Html {
  const { filters, key, sources } = data;
  const chip = (range: Range) => {
    const address = addressOf({ ...filters, range, since: null, last: null });
    return html`<li><a href="${address}"${filters.range === range && html` aria-current="true"`}>${RANGES[range]}</a></li>`;
  };
  const keys = keysOf(data);
  return html`<form class="filters" method="get" action="." role="search" aria-label="What is shown">
<ul class="ranges" aria-label="Period">${(Object.keys(RANGES) as Range[]).map(chip)}</ul>
${filters.range !== null && html`<input type="hidden" name="range" value="${filters.range}" data-default="${DEFAULTS.range ?? ''}">`}
${field('since', 'First day (UTC)', html`<input type="date" id="since" name="since" min="2000-01-01" max="2099-12-31" value="${filters.since ?? ''}">`)}
${field('last', 'Last day (included)', html`<input type="date" id="last" name="last" min="2000-01-01" max="2099-12-31" value="${filters.last ?? ''}">`)}
${field('by', 'Group by', html`<select id="by" name="by" data-default="${DEFAULTS.by}">${Object.entries(GROUPS).map(([value, words]) => option(value, words, filters.by === value))}</select>`)}
${keys.length > 0 && field('key', 'Metadata key', html`<select id="key" name="key" data-default="">${option('', filters.key === null ? `Most used (${key ?? ''})` : 'Most used', filters.key === null)}${keys.map((one) => option(one, one, filters.key === one))}</select>`)}
${(sources.length > 1 || filters.source !== null) && field('source', 'Source', html`<select id="source" name="source" data-default="">${option('', 'All', filters.source === null)}${sourcesOf(data).map((one) => option(one, one, filters.source === one))}</select>`)}
${field('top', 'Rows', html`<select id="top" name="top" data-default="${DEFAULTS.top}">${TOPS.map((one) => option(one, `Top ${one}`, filters.top === one))}</select>`)}
<div class="check"><input type="checkbox" id="compare" name="${COMPARE.name}" value="${COMPARE.value}"${filters.isCompared && html` checked`}><label for="compare">Compare with the days before</label></div>
${filters.heat !== DEFAULTS.heat && html`<input type="hidden" name="heat" value="${filters.heat}">`}${hiddenWhere(filters)}<button type="submit">Show</button>${queryOf(filters) !== '' && html`<a class="reset" href=".">Reset</a>`}
</form>${crumbs(filters)}`;
}

export const keysOf = ({ keys, key }: Chosen): readonly string[] => {
  const names = keys.map((one) => one.key);
  return key === null || names.includes(key) ? names : [...names, key];
};

const sourcesOf = ({ sources, filters }: Chosen): readonly string[] =>
  filters.source === null || sources.includes(filters.source) ? sources : [...sources, filters.source];

/** Filters that no field of the form shows stay as they are. */
export const hiddenWhere = ({ where }: Pick<Filters, 'where'>): readonly Html[] =>
  where.map((one) => {
    const [name, value] = entryOf(one);
    return html`<input type="hidden" name="${name}" value="${value}">`;
  });

/** @param pathOf another page than the dashboard's first: its address for filters. */
export function crumbs(filters: Filters, pathOf: (filters: Filters) => string = addressOf): Content {
  const { source, where } = filters;
  const all = [
    ...(source === null
      ? []
      : [{ title: 'Source', value: quotedText(source), without: { ...filters, source: null } }]),
    ...where.map((one, place) => ({
      title: titleOf(one.field),
      value: valueText(one),
      without: { ...filters, where: where.filter((_, other) => other !== place) },
    })),
  ];
  if (all.length === 0) return null;
  const isTwice = new Set(where.map(({ field: one }) => fieldText(one))).size < where.length;
  return html`<nav class="crumbs" aria-label="Filters"><span>Only</span><ul>${all.map(
    ({ title, value, without }) =>
      html`<li><a href="${pathOf(without)}"><span>${title}:</span> <b>${value}</b> <span aria-hidden="true">✕</span><span class="hidden">, take this filter off</span></a></li>`,
  )}</ul>${all.length > 1 && html`<a class="reset" href="${pathOf({ ...filters, source: null, where: [] })}">Take all off</a>`}${isTwice && html`<span>(one field twice: either value)</span>`}</nav>`;
}
