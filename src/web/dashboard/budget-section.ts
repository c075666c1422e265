/** The open month: list cost so far, where it will end, and how much of the budget that is. */
import type { Forecast } from './data.ts';
import { changeText, countedText, monthText, shareText, usdText } from './format.ts';
import { type Content, type Html, html } from './html.ts';

export interface Budget {
  readonly forecast: Forecast | null;
  /** US dollars a month; null: none is set. */
  readonly budgetUsd: number | null;
  /** The rest of the page is of a part. */
  readonly isFiltered: boolean;
}

export function budgetSection(budget: Budget): Html {
  return html`<section class="card" id="budget" aria-labelledby="budget-title">
<div class="head"><h2 id="budget-title">${budget.forecast === null ? 'This month' : monthText(budget.forecast.monthFrom)}: list cost and budget</h2></div>
${budget.forecast === null ? html`<p class="hint">There is no whole day of this month to forecast from yet.</p>` : monthPart(budget.forecast, budget)}</section>`;
}

function monthPart(forecast: Forecast, { budgetUsd, isFiltered }: Budget): Html {
  const { listCostUsd, openDayListCostUsd, forecastListCostUsd, completeDays, remainingDays } = forecast;
  const known = (listCostUsd ?? 0) + (openDayListCostUsd ?? 0);
  const isUnknown = known === 0 && (listCostUsd === null || openDayListCostUsd === null);
  const soFar = isUnknown ? null : known;
  const used = budgetUsd === null || soFar === null ? null : soFar / budgetUsd;
  const facts: readonly (readonly [string, Content])[] = [
    ['Forecast for the month', usdText(forecastListCostUsd)],
    ...(budgetUsd === null
      ? []
      : ([
          ['Budget', usdText(budgetUsd)],
          ['Forecast of budget', forecastText(forecastListCostUsd, budgetUsd)],
          ['Left', usdText(soFar === null ? null : budgetUsd - soFar)],
        ] as const)),
    ['Days', `${completeDays} whole, ${remainingDays} to come (the open one included)`],
    ['Priced share', shareText(forecast.pricedShare)],
  ];
  return html`<p class="big">${usdText(soFar)} <small>${used === null ? 'so far' : `so far, ${shareText(used)} of the budget`}</small></p>
${soFar !== null && meter(soFar, forecastListCostUsd, budgetUsd)}
<dl class="facts">${facts.map(([term, words]) => html`<div><dt>${term}</dt><dd>${words}</dd></div>`)}</dl>
<p class="hint">All sources${isFiltered && ', and nothing filtered'}. The forecast is the whole days so far and, for each day left, the mean of its weekday over the last ${countedText(forecast.baselineDays, 'whole day')}.${forecast.isMonthPartial && ' The first days of the month were not read, so the sum lacks them.'}${budgetUsd === null && html` Set <code>BUDGET_MONTHLY</code> to see it against a budget.`}</p>`;
}

function forecastText(forecastUsd: number | null, budgetUsd: number): string {
  if (forecastUsd === null) return '–';
  const over = forecastUsd > budgetUsd ? `, ${changeText(forecastUsd, budgetUsd) ?? ''} over` : '';
  return `${shareText(forecastUsd / budgetUsd)}${over.replace('+', '')}`;
}

/** So far, and where it will end, against the budget (or the forecast, without one). */
function meter(soFarUsd: number, forecastUsd: number | null, budgetUsd: number | null): Content {
  const end = Math.max(soFarUsd, forecastUsd ?? 0, budgetUsd ?? 0);
  if (end === 0) return null;
  const at = (usd: number): string => ((usd / end) * 100).toFixed(2);
  const isOver = budgetUsd !== null && (forecastUsd ?? soFarUsd) > budgetUsd;
  const words = [
    `${usdText(soFarUsd)} so far`,
    ...(forecastUsd === null ? [] : [`${usdText(forecastUsd)} forecast`]),
    ...(budgetUsd === null ? [] : [`budget ${usdText(budgetUsd)}`]),
  ].join(', ');
  return html`<svg class="meter" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-labelledby="meter-title meter-desc"><title id="meter-title">List cost of the month</title><desc id="meter-desc">${words}.</desc>
<rect class="track" width="100" height="14"/><rect class="fill ${isOver ? 'over' : 'ahead'}" opacity="0.45" width="${at(forecastUsd ?? 0)}" height="14"/><rect class="fill plain" width="${at(soFarUsd)}" height="14"/>${budgetUsd !== null && html`<line class="mark" x1="${at(budgetUsd)}" x2="${at(budgetUsd)}" y1="0" y2="14"/>`}</svg>
<ul class="legend"><li><span class="swatch plain"></span>so far</li><li><span class="swatch ${isOver ? 'over' : 'ahead'}"></span>forecast</li>${budgetUsd !== null && html`<li>│ budget</li>`}</ul>`;
}
