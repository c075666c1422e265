/** Usage by weekday and hour of the day: a table whose cells are shaded, so that it is read as well as seen. */
import type { DashboardData, HourUsage } from './data.ts';
import { addDays } from './days.ts';
import { addressOf, HEATS, type Heat } from './filters.ts';
import { compactText, compactUsdText, countedText, dayText, usdText, wholeText } from './format.ts';
import { folded, head } from './head.ts';
import { type Content, type Html, html } from './html.ts';
import { scrolling } from './html-table.ts';
import { WEEKDAYS } from './period.ts';
import { dollars } from './sums.ts';

/** Shades of the style sheet, `h1` to `h6`; `h0` is nothing. */
const HEAT_LEVELS = 6;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const twoDigits = (hour: number): string => String(hour).padStart(2, '0');

const measured = (one: HourUsage, heat: Heat): number => {
  if (heat === 'requests') return Number(one.completions);
  return heat === 'tokens' ? Number(one.totalTokens ?? 0n) : (dollars(one.listCostUsd) ?? 0);
};

const shortText = (heat: Heat, value: number): string => {
  if (heat === 'cost') return value < 1 ? centsText(value * 100) : compactUsdText(value);
  return value > 0 && value < 10 ? value.toFixed(1) : compactText(value);
};

/** Of less than a dollar: it has to be read in the width of four signs. */
const centsText = (cents: number): string =>
  cents < 0.05 ? '<.1¢' : `${cents < 9.95 ? cents.toFixed(1) : Math.round(cents)}¢`;

const exactText = (heat: Heat, value: number): string => {
  if (heat === 'cost') return usdText(value);
  return heat === 'tokens' ? `${wholeText(value)} tokens` : `${value.toFixed(1)} requests`;
};

export function heatSection(data: DashboardData): Html {
  const { heatDays } = data;
  const heat = heatOf(data);
  const means = new Map(
    data.byHour.map((one) => {
      const days = heatDays.weekdays[one.weekday - 1] ?? 0;
      return [`${one.weekday} ${one.hour}`, days === 0 ? 0 : measured(one, heat) / days];
    }),
  );
  const highest = Math.max(0, ...means.values());
  const cell = (weekday: number, name: string, hour: number): Html => {
    const mean = means.get(`${weekday} ${hour}`) ?? 0;
    const level = highest === 0 || mean <= 0 ? 0 : Math.ceil((mean / highest) * HEAT_LEVELS);
    const next = twoDigits((hour + 1) % 24);
    const title = `${name} ${twoDigits(hour)}:00–${next}:00 UTC: ${exactText(heat, mean)} in a mean hour`;
    return html`<td class="heat h${level}" title="${title}">${level === 0 ? html`<span aria-hidden="true">·</span><span class="hidden">0</span>` : shortText(heat, mean)}</td>`;
  };
  const rows = WEEKDAYS.map(
    (name, index) =>
      html`<tr><th scope="row"><abbr title="${name}">${name.slice(0, 3)}</abbr></th>${HOURS.map((hour) => cell(index + 1, name, hour))}</tr>`,
  );
  const table = html`<table class="hours"><caption class="hidden">${HEATS[heat]} of a mean hour, by weekday and hour of the day (UTC)</caption><thead><tr><th scope="col">UTC</th>${HOURS.map((hour) => html`<th scope="col">${twoDigits(hour)}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
  return html`<section class="card" id="hours" aria-labelledby="hours-title">
${head('hours-title', 'By weekday and hour (UTC)', data, 'usage_by_hour')}
<ul class="ranges measures" aria-label="What is shaded">${(Object.keys(HEATS) as Heat[]).map((one) => choice(data, one))}</ul>
${scrolling('By weekday and hour, table', table)}
<p class="hint">${noteOf(data)}</p>
${folded(data, 'usage_by_hour', {})}</section>`;
}

/** Where nothing has a price, tokens are what there is to shade by. */
const heatOf = ({ filters, byHour }: DashboardData): Heat =>
  filters.heat === 'cost' && byHour.every(({ listCostUsd }) => listCostUsd === null)
    ? 'tokens'
    : filters.heat;

function choice(data: DashboardData, heat: Heat): Html {
  const { filters } = data;
  const address = `${addressOf({ ...filters, heat })}#hours`;
  return html`<li><a href="${address}"${heatOf(data) === heat && html` aria-current="true"`}>${HEATS[heat]}</a></li>`;
}

function noteOf(data: DashboardData): Content {
  const { heatDays, bounds } = data;
  const { from, to } = heatDays;
  const days = `${dayText(from)} to ${dayText(addDays(to, -1))}`;
  const count = countedText(
    heatDays.weekdays.reduce((sum, one) => sum + one, 0),
    'day',
  );
  const open = to > bounds.openFrom ? ', one that is not over among them' : '';
  return html`${HEATS[heatOf(data)]} of a mean hour: the sum over ${count}${open} (${days}), divided by how many of each weekday there are. Hours are UTC.`;
}
