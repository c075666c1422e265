/** The numbers of the page as one JSON document. Pure. */
import { type CopyHealth, copyObject } from '../../health/copy-health.ts';
import type { SourceStatus } from '../../health/source-status.ts';
import { entryOf } from './conditions.ts';
import type { DashboardData } from './data.ts';
import { addDays } from './days.ts';
import { cacheHitRate, pricedShare, reasoningShare, type Sums } from './sums.ts';
import { objectsOf } from './table-texts.ts';
import { TABLE_NAMES, tableOf } from './tables.ts';

export interface JsonParts {
  readonly data: DashboardData;
  readonly statuses: readonly SourceStatus[];
  /** null: read from the warehouse itself. */
  readonly copy: CopyHealth | null;
  readonly budgetUsd: number | null;
}

export function jsonOf({ data, statuses, copy, budgetUsd }: JsonParts): object {
  const { bounds, period, filters, forecast, totals } = data;
  return {
    as_of: bounds.asOf,
    published_at: data.publishedAt,
    published_copy: copyObject(copy),
    period: {
      since: period.since,
      // Excluded, as in the reports of the command line.
      until: period.until,
      last: addDays(period.until, -1),
      grain: period.grain,
      open_from: bounds.openFrom,
      complete_from: bounds.completeFrom,
      compared_since: period.beforeSince,
      compared_until: period.beforeSince === null ? null : period.since,
    },
    filters: {
      by: filters.by,
      key: data.key,
      source: filters.source,
      top: filters.top,
      // As `report --where` has them.
      where: filters.where.map((one) => entryOf(one).join('=')),
      compare: filters.isCompared,
    },
    totals: {
      shown: sumsObject(totals.shown),
      whole_days: sumsObject(totals.whole),
      before: totals.before === null ? null : sumsObject(totals.before),
    },
    ...Object.fromEntries(TABLE_NAMES.map((name) => [name, objectsOf(tableOf(name, data))])),
    month:
      forecast === null
        ? null
        : {
            month_from: forecast.monthFrom,
            month_to: forecast.monthTo,
            list_cost_usd: forecast.listCostUsd,
            open_day_list_cost_usd: forecast.openDayListCostUsd,
            forecast_list_cost_usd: forecast.forecastListCostUsd,
            priced_share: forecast.pricedShare,
            budget_usd: budgetUsd,
          },
    sources: statuses.map(({ source, held, health, gaps, lastLandedAt }) => ({
      source,
      last_landed_at: lastLandedAt,
      last_synced_id: held?.lastSyncedId ?? null,
      last_synced_at: held?.lastSyncedAt ?? null,
      rows: held?.rows ?? 0,
      rejected: held?.rejected ?? 0,
      holes: health?.holes.length ?? 0,
      open_gaps: gaps.reduce((sum, gap) => sum + gap.gaps, 0),
      seconds_to_expiry: health?.secondsToExpiry ?? null,
      days: health?.days ?? [],
    })),
  };
}

const sumsObject = (sums: Sums): object => ({
  completions: sums.completions,
  input_tokens: sums.inputTokens,
  output_tokens: sums.outputTokens,
  total_tokens: sums.totalTokens,
  list_cost_usd: sums.listCostUsd,
  assumed_cost_usd: sums.assumedCostUsd,
  cache_hit_rate: cacheHitRate(sums),
  reasoning_share: reasoningShare(sums),
  priced_share: pricedShare(sums),
});

/** A whole number that a double holds exactly stays a number; a larger one is a text of its digits. */
export const jsonText = (value: object): string =>
  `${JSON.stringify(value, (_key, one: unknown) =>
    typeof one !== 'bigint' ? one : Number.isSafeInteger(Number(one)) ? Number(one) : String(one),
  )}\n`;
