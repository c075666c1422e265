/** The parts of the page that have numbers over time and by group. */
import { cards } from './cards.ts';
import { equal } from './conditions.ts';
import type { DashboardData, Group } from './data.ts';
import { folded, head } from './head.ts';
import { heatSection } from './heat.ts';
import { type Content, type Html, html } from './html.ts';
import { htmlTable, type LinkOf } from './html-table.ts';
import { bucketAddress, chosenAddress, completionAddress, groupAddress } from './links.ts';
import { colorsOf, keyOf, labelOf } from './palette.ts';
import { bucketsOf } from './period.ts';
import { groupedBy } from './question.ts';
import { SHARE_SERIES, sharesChart } from './shares-chart.ts';
import { sharesOf } from './sums-over-time.ts';
import { groupTitle, tableOf } from './tables.ts';
import { usageChart } from './usage-chart.ts';
import { valuesAddress } from './values-page.ts';

export function usageSections(data: DashboardData): Html {
  const { filters, key } = data;
  const groupsOf = (usage: readonly { readonly group: Group }[]) => usage.map(({ group }) => group);
  const colors = colorsOf(groupsOf([...data.overTime, ...data.byGroup]), data.groupNames);
  const tagColors = colorsOf(groupsOf(data.byTag), data.tagNames);
  const isByTag = filters.by === 'metadata' && key !== null;
  const isOne = isByTag || isCompared(data);
  return html`${cards(data)}
${overTime(data, colors)}
<div class="${isOne ? 'one' : 'two'}">${!isByTag && breakdown(data, 'usage_by_group', colors)}${key !== null && breakdown(data, 'usage_by_tag', tagColors)}</div>
${heatSection(data)}
<div class="two">${shares(data)}${endings(data)}</div>
${topCompletions(data)}`;
}

const isCompared = ({ filters, period }: DashboardData): boolean =>
  filters.isCompared && period.beforeSince !== null;

function overTime(data: DashboardData, colors: ReadonlyMap<string, string>): Html {
  const { filters, period, key } = data;
  const title = groupTitle(data);
  const field = groupedBy(filters.by, key);
  const groups = [...new Map(data.overTime.map(({ group }) => [keyOf(group), group])).values()];
  const words = groups.map((group) => (group.kind === 'other' ? 'Other' : labelOf(group)));
  const dashes = isCompared(data) ? ' Dashes: as many whole days before, all groups together.' : '';
  const about = (measure: string) =>
    `Stacked bars, one a ${period.grain}, by ${title}: ${words.join(', ')}. ${measure}${dashes} The numbers are in the table below.`;
  const chart = {
    data,
    buckets: bucketsOf(period, data.bounds.openFrom),
    colors,
    groupLink: (group: Group) => groupAddress(filters, field, group),
    bucketLink: (startsOn: string) => bucketAddress(filters, period, startsOn),
  };
  const legend = groups.map((group, index) => {
    const swatch = html`<span class="swatch ${colors.get(keyOf(group)) ?? 's-other'}"></span>`;
    const address = groupAddress(filters, field, group);
    return address === null
      ? html`<li>${swatch}${words[index]}</li>`
      : html`<li><a href="${address}">${swatch}${words[index]}</a></li>`;
  });
  const before =
    isCompared(data) &&
    html`<li><svg class="swatch line" viewBox="0 0 22 10" aria-hidden="true"><line class="stroke before" x1="0" x2="22" y1="5" y2="5" stroke-width="1.5" stroke-dasharray="3 2"/></svg>the days before, all together</li>`;
  return html`<section class="card" id="over-time" aria-labelledby="over-time-title">
${head('over-time-title', `Over time, by ${title}`, data, 'usage_over_time')}
<ul class="legend">${legend}${before}</ul>
<div class="two"><figure><figcaption>Tokens</figcaption>${usageChart({ ...chart, measure: 'tokens', text: { id: 'tokens', title: `Tokens by ${title} over time`, description: about('Tokens are input and output together.') } })}</figure>
<figure><figcaption>List cost</figcaption>${usageChart({ ...chart, measure: 'usd', text: { id: 'cost', title: `List cost by ${title} over time`, description: about('In US dollars.') } })}</figure></div>
${folded(data, 'usage_over_time', { columns: ['starts_on', 'name', 'completions', 'input_tokens', 'output_tokens', 'total_tokens', 'list_cost_usd', 'priced_share'] })}${isCompared(data) && folded(data, 'usage_before', {}, 'The days before, as a table')}</section>`;
}

function breakdown(
  data: DashboardData,
  name: 'usage_by_group' | 'usage_by_tag',
  colors: ReadonlyMap<string, string>,
): Html {
  const { filters, key } = data;
  const isTag = name === 'usage_by_tag';
  const title: Content = isTag ? html`By metadata: ${key}` : `By ${groupTitle(data).toLowerCase()}`;
  const table = tableOf(name, data);
  const field = groupedBy(isTag ? 'metadata' : filters.by, key);
  const bar = data.totals.shown.listCostUsd === null ? 'share_of_tokens' : 'share_of_list_cost';
  const link: LinkOf = (column, place) => {
    const group = table.groups?.[place];
    return column === 'name' && group !== undefined ? groupAddress(filters, field, group) : null;
  };
  const compared = isCompared(data) ? ['before_list_cost_usd', 'list_cost_change', 'tokens_change'] : [];
  const view = {
    columns: ['name', 'completions', 'total_tokens', 'list_cost_usd', bar, ...compared],
    bar,
    colors,
    link,
    isOpen: true,
  };
  return html`<section class="card" id="${name}" aria-labelledby="${name}-title">
${head(`${name}-title`, title, data, name)}
${htmlTable(table, view)}${isTag && html`<p class="more"><a href="${valuesAddress({ filters: { ...filters, key }, search: '', sort: 'cost', page: 1 })}">All values of ${key}, with a search</a></p>`}
${folded(data, name, { columns: ['name', 'input_tokens', 'output_tokens', 'cache_hit_rate', 'reasoning_share', 'priced_share', 'share_of_tokens'] }, 'More columns')}</section>`;
}

function shares(data: DashboardData): Html {
  const { filters, period } = data;
  const text = {
    id: 'shares',
    title: 'Cache hit rate and reasoning share over time',
    description: `Two lines, a point a ${period.grain}: the share of input tokens read from the cache, and the share of output tokens spent on reasoning. The numbers are in the table below.`,
  };
  const chart = sharesChart(
    sharesOf(data),
    period.grain,
    bucketsOf(period, data.bounds.openFrom),
    (startsOn) => bucketAddress(filters, period, startsOn),
    text,
  );
  return html`<section class="card" id="shares" aria-labelledby="shares-heading">
${head('shares-heading', 'Cache and reasoning', data, 'shares_over_time')}
<ul class="legend">${SHARE_SERIES.map(
    ({ label, color, dash }) =>
      html`<li><svg class="swatch line" viewBox="0 0 22 10" aria-hidden="true"><line class="stroke ${color}" x1="0" x2="22" y1="5" y2="5" stroke-width="2.5"${dash !== null && html` stroke-dasharray="${dash}"`}/></svg>${label}</li>`,
  )}</ul>
<figure>${chart}</figure>
${folded(data, 'shares_over_time', {})}
<p class="hint">Sums over sums, of the completions that tell their details.</p></section>`;
}

function endings(data: DashboardData): Html {
  const { filters, finishReasons, truncation } = data;
  const reasonLink: LinkOf = (column, place) => {
    const reason = finishReasons[place]?.reason;
    if (column !== 'finish_reason' || reason === undefined) return null;
    const field = { kind: 'column', name: 'finish_reason' } as const;
    return chosenAddress(filters, equal(field, reason === '(none)' ? null : reason));
  };
  const modelLink: LinkOf = (column, place) => {
    const model = truncation[place]?.model;
    return column === 'model' && model !== undefined ? modelAddress(data, model) : null;
  };
  return html`<section class="card" id="finish-reasons" aria-labelledby="finish-reasons-title">
${head('finish-reasons-title', 'How answers ended', data, 'finish_reasons')}
${finishReasons.length === 0 ? html`<p class="nothing">No answers in this period.</p>` : htmlTable(tableOf('finish_reasons', data), { columns: ['finish_reason', 'choices', 'share'], bar: 'share', link: reasonLink, isOpen: true })}
<p class="hint"><code>length</code>: cut off at the token limit.</p>
${folded(data, 'truncation', { link: modelLink }, 'Truncated, filtered and refused, by model')}</section>`;
}

const modelAddress = ({ filters }: DashboardData, model: string): string =>
  chosenAddress(filters, equal({ kind: 'column', name: 'model' }, model));

function topCompletions(data: DashboardData): Html {
  const { filters } = data;
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
  const link: LinkOf = (column, place) => {
    const one = data.topCompletions[place];
    if (one === undefined) return null;
    if (column === 'completion_id') return completionAddress(one.id, one.source);
    return column === 'model' ? modelAddress(data, one.model) : null;
  };
  const tagLink = (key: string, value: string | null) =>
    chosenAddress(filters, equal({ kind: 'tag', key }, value));
  return html`<section class="card" id="top-completions" aria-labelledby="top-completions-title">
${head('top-completions-title', 'Top completions by list cost', data, 'top_completions')}
${htmlTable(tableOf('top_completions', data), { columns, link, tagLink, isOpen: true })}</section>`;
}
