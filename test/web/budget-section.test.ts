import { expect, test } from 'vitest';
import { budgetSection } from '../../src/web/dashboard/budget-section.ts';
import type { Forecast } from '../../src/web/dashboard/data.ts';

const month = (fields: Partial<Forecast>): string =>
  budgetSection({
    budgetUsd: 25,
    isFiltered: false,
    forecast: {
      monthFrom: '2026-11-01',
      monthTo: '2026-12-01',
      completeDays: 19,
      remainingDays: 11,
      baselineDays: 28,
      listCostUsd: 5,
      openDayListCostUsd: 0,
      forecastListCostUsd: 8,
      pricedShare: 1,
      isMonthPartial: false,
      ...fields,
    },
  }).text.replace(/<[^>]*>/g, ' ');

test.each([
  [
    'a month of calls without any price',
    { listCostUsd: null, forecastListCostUsd: null, pricedShare: 0 },
    '–',
    '–',
  ],
  [
    'the same, with a call today that has one',
    { listCostUsd: null, openDayListCostUsd: 2 },
    '$2.00',
    '$23.00',
  ],
  ['a day of calls without any, after others', { openDayListCostUsd: null }, '$5.00', '$20.00'],
  ['a month without calls', { listCostUsd: 0 }, '$0.00', '$25.00'],
  [
    'a month without calls but some today, which have no price',
    { listCostUsd: 0, openDayListCostUsd: null },
    '–',
    '–',
  ],
] as const)('%s', (_, fields, soFar, left) => {
  const text = month(fields);
  expect(text).toMatch(new RegExp(`^.*${soFar.replace('$', '\\$')}\\s+so far`, 's'));
  expect(text).toMatch(new RegExp(`Left\\s+${left.replace('$', '\\$')}\\s`));
});
