/** The sums at the top of the page, each with its change. */
import type { DashboardData } from './data.ts';
import {
  changeText,
  compactText,
  compactUsdText,
  countedText,
  pointsText,
  shareText,
  usdText,
  wholeText,
} from './format.ts';
import { type Html, html } from './html.ts';
import { cacheHitRate, dollars, pricedShare, reasoningShare, type Sums } from './sums.ts';

export function cards({ filters, totals, period }: DashboardData): Html {
  const { shown, whole, before } = totals;
  const counted = (of: (sums: Sums) => bigint | null) => ({
    value: compactText(of(shown)),
    exact: wholeText(of(shown)),
    change: before === null ? null : changeText(Number(of(whole) ?? 0n), Number(of(before) ?? 0n)),
    was: before === null ? '–' : compactText(of(before)),
  });
  const shared = (of: (sums: Sums) => number | null) => ({
    value: shareText(of(shown)),
    exact: null,
    change: before === null ? null : pointsText(of(whole), of(before)),
    was: before === null ? '–' : shareText(of(before)),
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
      was: before === null ? '–' : compactUsdText(cost(before)),
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
      ? 'Nothing is compared: the same number of whole days before was not read in full.'
      : `Change: ${countedText(days, 'whole day')} against the ${days === 1 ? 'day' : `${days} days`} before.`;
  return html`<section aria-labelledby="totals-title"><h2 id="totals-title" class="hidden">Totals</h2>
<dl class="cards">${all.map(
    ({ title, value, exact, change, was }) =>
      html`<div><dt>${title}</dt><dd class="value"${exact !== null && html` title="${exact}"`}>${value}</dd>${before !== null && html`<dd class="change">${change === null ? '–' : html`<b>${change}</b>`}${filters.isCompared && ` from ${was}`}</dd>`}</div>`,
  )}</dl><p class="hint">${note} List cost is tokens at list (or contract) price, not what was billed.</p></section>`;
}
