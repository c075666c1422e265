/** Whether the price list that PRICES_URL names was imported when it last was to be. Sends no request. */
import { CronExpressionParser } from 'cron-parser';
import type { LocalConfig } from '../../config.ts';
import { type Probe, probe } from '../../health/probe.ts';
import { readFailedImport } from '../../run/failed-import.ts';
import { shownName } from '../../run/price-list-source.ts';
import { timeText } from '../status-text.ts';

/** @returns nothing where no list is set. */
export function probePrices({ prices, jobs, warehouse }: LocalConfig): readonly Probe[] {
  if (prices.url === null) return [];
  const failed = readFailedImport(warehouse.path);
  if (failed !== null) {
    const at = timeText(new Date(failed.triedAtMs).toISOString());
    return [
      probe(
        'prices',
        'warn',
        `the import of ${at} failed: ${failed.reason}`,
        'mend PRICES_URL, then run `tokenhouse prices import`',
      ),
    ];
  }
  const name = `${shownName(prices.url)} (PRICES_URL)`;
  if (jobs.pricesCron === null) {
    return [
      probe(
        'prices',
        'ok',
        `${name} is imported by \`tokenhouse prices import\` alone: PRICES_SCHEDULE is off`,
      ),
    ];
  }
  const next = CronExpressionParser.parse(jobs.pricesCron, { tz: jobs.timeZone }).next().toDate();
  return [
    probe('prices', 'ok', `${name} is imported by the worker, next at ${timeText(next.toISOString())}`),
  ];
}
