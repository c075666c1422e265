/** How complete the period that is shown is, in sentences. Pure. */
import { priceNote } from '../../analytics/prices-now.ts';
import type { DashboardData, DayCoverage } from './data.ts';
import { addDays } from './days.ts';
import { compactText, countedText, dayText, shareText, usdText } from './format.ts';
import { dollars, pricedShare } from './sums.ts';

export interface Remark {
  readonly isWarning: boolean;
  readonly text: string;
}

/** Days named one by one at the most. */
const NAMED_MAX = 3;

export function remarksOf(data: DashboardData): readonly Remark[] {
  return [...dayRemarks(data), ...priceRemark(data)];
}

function dayRemarks({ coverage, period, bounds }: DashboardData): readonly Remark[] {
  const closed = coverage.filter(({ isOpen }) => !isOpen);
  const days = [...new Set(closed.map(({ date }) => date))];
  const [first] = [...new Set(coverage.map(({ date }) => date))];
  const cut = days.filter((day) => closed.some((one) => one.date === day && !one.isComplete));
  const remarks: Remark[] = [];
  if (first === undefined) return [{ isWarning: true, text: 'Nothing of this period is known to be read.' }];
  if (cut.length > 0) {
    const named = cut.slice(0, NAMED_MAX).map((day) => dayRemark(day, closed));
    const rest = cut.length > NAMED_MAX ? ` and ${countedText(cut.length - NAMED_MAX, 'other')}` : '';
    const text = `${cut.length} of ${countedText(days.length, 'whole day')} ${cut.length === 1 ? 'is' : 'are'} not known to be read in full: ${named.join(', ')}${rest}.`;
    remarks.push({ isWarning: true, text });
  } else if (days.length > 0) {
    const all = days.length === 1 ? 'The one whole day is' : `All ${days.length} whole days are`;
    remarks.push({ isWarning: false, text: `${all} known to be read in full.` });
  }
  if (first > period.since) {
    remarks.push({
      isWarning: false,
      text: `Data begin on ${dayText(first)}: nothing is held of the days before.`,
    });
  }
  if (period.until > bounds.openFrom) {
    const last = addDays(period.until, -1);
    const open =
      last === bounds.openFrom ? dayText(last) : `${dayText(bounds.openFrom, false)} to ${dayText(last)}`;
    remarks.push({
      isWarning: false,
      text: `${open} was not over at the last sync: it is hatched, and left out of comparisons.`,
    });
  }
  return remarks;
}

function dayRemark(day: string, closed: readonly DayCoverage[]): string {
  const parts = closed.filter(({ date, isComplete }) => date === day && !isComplete);
  const read = Math.min(...parts.map(({ coveredShare }) => coveredShare));
  const missing = parts.reduce((sum, one) => sum + (one.rowsMissingEstimate ?? 0), 0);
  const gap = parts.some(({ openGaps }) => openGaps > 0) ? ', with a gap' : '';
  const estimate = missing >= 0.5 ? `, some ${compactText(Math.round(missing))} missing` : '';
  return `${dayText(day, false)} (${shareText(read)}${gap}${estimate})`;
}

function priceRemark({ totals, prices, kind }: DashboardData): readonly Remark[] {
  const note = priceNote(prices, kind === 'copy');
  const remarks =
    note === null ? [] : [{ isWarning: true, text: `${note.charAt(0).toUpperCase()}${note.slice(1)}.` }];
  const assumed = dollars(totals.shown.assumedCostUsd) ?? 0;
  if (assumed > 0) {
    remarks.push({
      isWarning: false,
      text: `${usdText(assumed)} of the list cost is caching that the price lists name no price for: it is assumed to cost what input does (is_assumed in marts.usage_costs_daily, PRICES_FILE names the price).`,
    });
  }
  const share = pricedShare(totals.shown);
  if (share === null || share === 1) return remarks;
  return [
    ...remarks,
    {
      isWarning: share < 0.99,
      text: `List cost stands for ${shareText(share)} of the tokens; the rest has no price (marts.unpriced_usage lists it, PRICES_FILE gives it one).`,
    },
  ];
}
