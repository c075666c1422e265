/** Rows of the SQL in sql/dashboard as typed values. Pure. */
import type { SqlRow } from '../../warehouse/engine/session.ts';
import type { SqlValue } from '../../warehouse/engine/values.ts';
import type {
  Compared,
  DayCoverage,
  FinishReason,
  Forecast,
  Group,
  GroupUsage,
  HourUsage,
  MetadataKey,
  TimedBefore,
  TimedUsage,
  TopCompletion,
  Truncation,
} from './data.ts';
import type { Bounds } from './period.ts';
import type { Sums } from './sums.ts';

const isAbsent = (value: SqlValue | undefined): value is null | undefined =>
  value === null || value === undefined;

export const text = (row: SqlRow, name: string): string => String(row[name] ?? '');
export const textOrNull = (row: SqlRow, name: string): string | null =>
  isAbsent(row[name]) ? null : text(row, name);
const numberOrNull = (row: SqlRow, name: string): number | null =>
  isAbsent(row[name]) ? null : Number(row[name]);
export const number = (row: SqlRow, name: string): number => numberOrNull(row, name) ?? 0;
export const countOrNull = (row: SqlRow, name: string): bigint | null =>
  isAbsent(row[name]) ? null : BigInt(text(row, name));
export const count = (row: SqlRow, name: string): bigint => countOrNull(row, name) ?? 0n;

/** null: there is no run, so nothing is known. */
export function boundsOf(row: SqlRow | undefined): Bounds | null {
  const openFrom = row === undefined ? null : textOrNull(row, 'open_from');
  if (row === undefined || openFrom === null) return null;
  return {
    asOf: text(row, 'as_of'),
    asOfDate: text(row, 'as_of_date'),
    openFrom,
    completeFrom: textOrNull(row, 'complete_from') ?? openFrom,
    firstDate: textOrNull(row, 'first_date'),
    lastDate: textOrNull(row, 'last_date'),
  };
}

export const metadataKeyOf = (row: SqlRow): MetadataKey => ({
  key: text(row, 'key'),
  completions: count(row, 'completions'),
  distinctValues: number(row, 'distinct_values'),
});

export const sumsOf = (row: SqlRow): Sums => ({
  completions: count(row, 'completions'),
  inputTokens: countOrNull(row, 'input_tokens'),
  inputCachedTokens: countOrNull(row, 'input_cached_tokens'),
  inputTokensOfKnownCache: countOrNull(row, 'input_tokens_of_known_cache'),
  outputTokens: countOrNull(row, 'output_tokens'),
  outputReasoningTokens: countOrNull(row, 'output_reasoning_tokens'),
  outputTokensOfKnownReasoning: countOrNull(row, 'output_tokens_of_known_reasoning'),
  totalTokens: countOrNull(row, 'total_tokens'),
  pricedTokens: countOrNull(row, 'priced_tokens'),
  listCostUsd: textOrNull(row, 'list_cost_usd'),
  assumedCostUsd: textOrNull(row, 'assumed_cost_usd'),
});

function groupOf(row: SqlRow): Group {
  if (row['is_other'] === true) return { kind: 'other', groups: number(row, 'groups') };
  return row['is_untagged'] === true ? { kind: 'untagged' } : { kind: 'named', name: text(row, 'name') };
}

export const nameOf = (row: SqlRow): string => text(row, 'name');

/** @param prefix of the columns. */
const comparedOf = (row: SqlRow, prefix: string): Compared => ({
  completions: count(row, `${prefix}_completions`),
  totalTokens: countOrNull(row, `${prefix}_total_tokens`),
  listCostUsd: textOrNull(row, `${prefix}_list_cost_usd`),
});

export const groupUsageOf =
  (isCompared: boolean) =>
  (row: SqlRow): GroupUsage => ({
    group: groupOf(row),
    sums: sumsOf(row),
    compared: isCompared ? { whole: comparedOf(row, 'whole'), before: comparedOf(row, 'before') } : null,
  });

export const timedOf = (row: SqlRow): TimedUsage => ({
  startsOn: text(row, 'starts_on'),
  group: groupOf(row),
  sums: sumsOf(row),
});

export const timedBeforeOf = (row: SqlRow): TimedBefore => ({
  startsOn: text(row, 'starts_on'),
  ...comparedOf(row, 'before'),
});

export const reasonOf = (row: SqlRow): FinishReason => ({
  reason: text(row, 'finish_reason'),
  choices: count(row, 'choices'),
  refused: count(row, 'refused_choices'),
});

export const truncationOf = (row: SqlRow): Truncation => ({
  model: text(row, 'model'),
  completions: count(row, 'completions'),
  truncated: count(row, 'truncated_completions'),
  contentFiltered: count(row, 'content_filtered_completions'),
  refused: count(row, 'refused_completions'),
});

export const topOf = (row: SqlRow): TopCompletion => ({
  id: text(row, 'completion_id'),
  source: text(row, 'source'),
  createdAt: text(row, 'created_at'),
  model: text(row, 'model'),
  serviceTier: text(row, 'service_tier'),
  inputTokens: countOrNull(row, 'input_tokens'),
  outputTokens: countOrNull(row, 'output_tokens'),
  totalTokens: countOrNull(row, 'total_tokens'),
  listCostUsd: textOrNull(row, 'list_cost_usd'),
  pricedTokenShare: numberOrNull(row, 'priced_token_share'),
  finishReason: textOrNull(row, 'finish_reason'),
  tags: tagsOf(row['tags']),
});

/** A map of DuckDB comes as pairs. */
export function tagsOf(value: SqlValue | undefined): TopCompletion['tags'] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair: SqlValue) =>
    Array.isArray(pair) ? [[String(pair[0]), isAbsent(pair[1]) ? null : String(pair[1])] as const] : [],
  );
}

export const hourOf = (row: SqlRow): HourUsage => ({
  weekday: number(row, 'weekday'),
  hour: number(row, 'hour'),
  completions: count(row, 'completions'),
  totalTokens: countOrNull(row, 'total_tokens'),
  listCostUsd: textOrNull(row, 'list_cost_usd'),
});

export const coverageOf = (row: SqlRow): DayCoverage => ({
  date: text(row, 'created_date'),
  source: text(row, 'source'),
  coveredSeconds: number(row, 'covered_seconds'),
  coveredShare: number(row, 'covered_share'),
  openGaps: number(row, 'open_gaps'),
  rowsMissingEstimate: numberOrNull(row, 'rows_missing_estimate'),
  isComplete: row['is_complete'] === true,
  isOpen: row['is_open'] === true,
});

export const forecastOf = (row: SqlRow): Forecast => ({
  monthFrom: text(row, 'month_from'),
  monthTo: text(row, 'month_to'),
  completeDays: number(row, 'complete_days'),
  remainingDays: number(row, 'remaining_days'),
  baselineDays: number(row, 'baseline_days'),
  listCostUsd: numberOrNull(row, 'list_cost_usd'),
  openDayListCostUsd: numberOrNull(row, 'open_day_list_cost_usd'),
  forecastListCostUsd: numberOrNull(row, 'forecast_list_cost_usd'),
  pricedShare: numberOrNull(row, 'priced_token_share'),
  isMonthPartial: row['is_month_partial'] === true,
});
