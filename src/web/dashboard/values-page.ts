import { crumbs, field, hiddenWhere, keysOf, option } from './controls.ts';
import { addDays } from './days.ts';
import { addressOf, DEFAULTS, type Filters, queryOf, RANGES } from './filters.ts';
import { countedText, dayText, wholeText } from './format.ts';
import { footer, frame, header } from './frame.ts';
import { type Content, type Html, html } from './html.ts';
import { htmlTable, type LinkOf } from './html-table.ts';
import { groupAddress } from './links.ts';
import { labelOf } from './palette.ts';
import { column, type Table } from './tables.ts';
import { type Asking, ROWS_A_PAGE, SORTS, type Values } from './values.ts';

export interface ValuesParts {
  readonly values: Values;
  readonly asking: Asking;
  readonly problems: readonly string[];
}

/** From every page of the dashboard. */
export function valuesAddress({ filters, search, sort, page }: Asking, path = 'values'): string {
  const query = new URLSearchParams(queryOf(filters));
  if (search !== '') query.set('q', search);
  if (sort !== 'cost') query.set('sort', sort);
  if (page > 1) query.set('page', String(page));
  return query.size === 0 ? path : `${path}?${query}`;
}

export function valuesPage({ values, asking, problems }: ValuesParts): string {
  const { key, period } = values;
  const days = `${dayText(period.since)} – ${dayText(addDays(period.until, -1))}`;
  return frame(
    `Tokenhouse: ${key ?? 'metadata'}`,
    html`${header(days, null)}<nav class="back" aria-label="Back"><a href="${addressOf(asking.filters)}">← Dashboard</a></nav>
${searchForm(values, asking)}
${problems.length > 0 && html`<aside aria-label="About these numbers"><ul class="messages">${problems.map((text) => html`<li>${text}</li>`)}</ul></aside>`}
<main id="content"><section class="card" aria-labelledby="values-title">
<div class="head"><h2 id="values-title">${key === null ? 'No completion carries metadata' : html`All values of ${key}`}</h2><a href="${valuesAddress({ ...asking, page: 1 }, 'values.csv')}">CSV<span class="hidden"> of all values found</span></a></div>
<div id="results">${results(values, asking)}</div></section></main>
${footer()}`,
  );
}

function searchForm(data: Values, { filters, search, sort }: Asking): Html {
  const { key, keys, sources } = data;
  const address = (without: Filters): string => valuesAddress({ filters: without, search, sort, page: 1 });
  const chosen = { filters, key, keys, sources };
  return html`<form class="filters live" method="get" action="values" role="search" aria-label="Values of a metadata key">
${field('key', 'Metadata key', html`<select id="key" name="key">${keysOf(chosen).map((one) => option(one, one, one === key))}</select>`)}
${field('q', 'Part of the value', html`<input type="search" id="q" name="q" value="${search}" maxlength="200" autocomplete="off" spellcheck="false">`)}
${field('sort', 'Order by', html`<select id="sort" name="sort" data-default="cost">${Object.entries(SORTS).map(([value, words]) => option(value, words, value === sort))}</select>`)}
${field('range', 'Period', html`<select id="range" name="range" data-default="${DEFAULTS.range ?? ''}">${filters.range === null && option('', 'The days chosen', true)}${Object.entries(RANGES).map(([value, words]) => option(value, words, value === filters.range))}</select>`)}
${filters.range === null && [hidden('since', filters.since), hidden('last', filters.last)]}${hidden('source', filters.source)}${hiddenWhere(filters)}<button type="submit">Search</button></form>${crumbs(filters, address)}`;
}

const hidden = (name: string, value: string | null): Content =>
  value !== null && html`<input type="hidden" name="${name}" value="${value}">`;

function results(values: Values, asking: Asking): Html {
  const { filters } = asking;
  const table = tableOfValues(values);
  const group = (place: number) => values.values[place]?.group;
  const by = { kind: 'tag', key: values.key ?? '' } as const;
  const link: LinkOf = (name, place) => {
    const one = group(place);
    return name === 'name' && one !== undefined ? groupAddress(filters, by, one) : null;
  };
  const hasCost = values.values.some(({ listCostUsd }) => listCostUsd !== null);
  const bar = hasCost ? 'share_of_list_cost' : 'share_of_tokens';
  const columns = [
    'name',
    'completions',
    'total_tokens',
    'list_cost_usd',
    'mean_list_cost_usd',
    'share_of_list_cost',
    'share_of_tokens',
  ];
  return html`<p class="hint" role="status">${foundText(values, asking)}</p>
${values.values.length > 0 && htmlTable(table, { columns, bar, link, isOpen: true })}${pager(values, asking)}
<p class="hint">Shares are of all that is shown in this period, untagged calls among them. A name leads to the dashboard of it alone.</p>`;
}

function foundText({ found, all, values, key }: Values, { search, page }: Asking): string {
  if (key === null) return 'There is nothing to search in.';
  if (values.length === 0) return search === '' ? 'Nothing in this period.' : 'No value has this in it.';
  const first = (page - 1) * ROWS_A_PAGE + 1;
  const shown = `${wholeText(first)} to ${wholeText(first + values.length - 1)} of ${wholeText(found)}`;
  return search === '' ? `${shown}.` : `${shown} found among ${countedText(all ?? 0, 'value')}.`;
}

function pager({ found }: Values, asking: Asking): Content {
  const pages = Math.ceil(found / ROWS_A_PAGE);
  const { page } = asking;
  if (pages <= 1) return null;
  const to = (target: number, words: string): Content =>
    target >= 1 &&
    target <= pages &&
    html`<a href="${valuesAddress({ ...asking, page: target })}">${words}</a>`;
  return html`<nav class="pager" aria-label="Pages">${page > 2 && to(1, '« First')}${to(page - 1, '‹ Previous')}<span>Page ${page} of ${wholeText(pages)}</span>${to(page + 1, 'Next ›')}</nav>`;
}

/** The values as a table of the page and of CSV. */
export function tableOfValues({ key, values }: Values): Table {
  return {
    name: 'values',
    title: `Values of ${key ?? 'a metadata key'}`,
    columns: [
      column('count')('place', 'Place'),
      column('text')('name', key ?? 'Value'),
      column('text')('kind', 'Kind'),
      column('count')('completions', 'Requests'),
      column('count')('input_tokens', 'Input tokens'),
      column('count')('output_tokens', 'Output tokens'),
      column('count')('total_tokens', 'Tokens'),
      column('usd')('list_cost_usd', 'List cost'),
      column('usd')('mean_list_cost_usd', 'Mean of a request'),
      column('share')('share_of_list_cost', 'Share of list cost'),
      column('share')('share_of_tokens', 'Share of tokens'),
      column('share')('priced_share', 'Priced share'),
    ],
    rows: values.map((one) => [
      one.place,
      one.group.kind === 'named' ? one.group.name : labelOf(one.group),
      one.group.kind,
      one.completions,
      one.inputTokens,
      one.outputTokens,
      one.totalTokens,
      one.listCostUsd,
      one.meanListCostUsd,
      one.costShare,
      one.tokenShare,
      one.pricedShare,
    ]),
    groups: values.map(({ group }) => group),
  };
}
