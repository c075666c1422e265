/** The numbers of the dashboard, read from an open file: SQL of sql/dashboard in, typed values out. */
import { readSources, type SourceReading } from '../../health/source-status.ts';
import type { SqlParameters, SqlRow } from '../../warehouse/engine/session.ts';
import { statement } from '../../warehouse/engine/statements.ts';
import type { SqlValue } from '../../warehouse/engine/values.ts';
import type { WarehouseFile } from '../../warehouse/warehouse-file.ts';
import type { Filters } from './filters.ts';
import { COLORS } from './palette.ts';
import { type Bounds, type Period, periodOf } from './period.ts';
import { type DataFile, spread } from './reader.ts';
import type { Sums } from './sums.ts';

/** What a row of usage is of; every kind is something else than a name, whatever the data is called. */
export type Group =
  | { readonly kind: 'named'; readonly name: string }
  /** What lacks the metadata key. */
  | { readonly kind: 'untagged' }
  /** All that did not make it among the first. */
  | { readonly kind: 'other'; readonly groups: number };

export interface GroupUsage {
  readonly group: Group;
  readonly sums: Sums;
}

export interface TimedUsage extends GroupUsage {
  /** First UTC day of the day, week or month. */
  readonly startsOn: string;
}

export interface MetadataKey {
  readonly key: string;
  readonly completions: bigint;
  /** An estimate. */
  readonly distinctValues: number;
}

export interface FinishReason {
  readonly reason: string;
  readonly choices: bigint;
  readonly refused: bigint;
}

export interface Truncation {
  readonly model: string;
  readonly completions: bigint;
  readonly truncated: bigint;
  readonly contentFiltered: bigint;
  readonly refused: bigint;
}

export interface TopCompletion {
  readonly id: string;
  readonly source: string;
  readonly createdAt: string;
  readonly model: string;
  readonly serviceTier: string;
  readonly inputTokens: bigint | null;
  readonly outputTokens: bigint | null;
  readonly totalTokens: bigint | null;
  /** Exact decimal text, of the tokens that have a price; null: none has. */
  readonly listCostUsd: string | null;
  /** 0 to 1; null without tokens. */
  readonly pricedTokenShare: number | null;
  readonly finishReason: string | null;
  readonly tags: readonly (readonly [key: string, value: string | null])[];
}

export interface DayCoverage {
  readonly date: string;
  readonly source: string;
  readonly coveredSeconds: number;
  readonly coveredShare: number;
  readonly openGaps: number;
  readonly rowsMissingEstimate: number | null;
  readonly isComplete: boolean;
  readonly isOpen: boolean;
}

/** The month that is open; US dollars. */
export interface Forecast {
  readonly monthFrom: string;
  /** Excluded. */
  readonly monthTo: string;
  readonly completeDays: number;
  readonly remainingDays: number;
  readonly baselineDays: number;
  /** null: there were calls, and none has a price. */
  readonly listCostUsd: number | null;
  readonly openDayListCostUsd: number | null;
  readonly forecastListCostUsd: number | null;
  readonly pricedShare: number | null;
  readonly isMonthPartial: boolean;
}

export interface DashboardData {
  readonly kind: DataFile['kind'];
  /** ISO 8601; null: read from the warehouse itself. */
  readonly publishedAt: string | null;
  readonly prices: DataFile['prices'];
  readonly filters: Filters;
  readonly bounds: Bounds;
  readonly period: Period;
  readonly sources: readonly string[];
  readonly keys: readonly MetadataKey[];
  /** The key that is broken down; null: nothing carries any. */
  readonly key: string | null;
  readonly totals: {
    readonly shown: Sums;
    /** Without the day that is not over. */
    readonly whole: Sums;
    /** null: the days before were not all read. */
    readonly before: Sums | null;
  };
  readonly overTime: readonly TimedUsage[];
  readonly byGroup: readonly GroupUsage[];
  readonly byTag: readonly GroupUsage[];
  /** Names that have a colour of their own: of the groups of the charts, and of the key's values. First seen first. */
  readonly groupNames: readonly string[];
  readonly tagNames: readonly string[];
  readonly finishReasons: readonly FinishReason[];
  readonly truncation: readonly Truncation[];
  readonly topCompletions: readonly TopCompletion[];
  readonly coverage: readonly DayCoverage[];
  /** null: there is nothing to forecast from. */
  readonly forecast: Forecast | null;
  readonly readings: readonly SourceReading[];
}

/** More colours than these cannot be told apart. */
const SERIES_MAX = 8;
const KEYS_MAX = 100;
const TOP_COMPLETIONS = 10;
const RUNS = 1;
/** A key of more values than this, such as a request id, tells little as a group. */
const GOOD_VALUES_MAX = 200;

/** @returns null: no run has been made yet. @throws {TokenhouseError} */
export async function readDashboard(file: DataFile, filters: Filters): Promise<DashboardData | null> {
  const { connections } = file;
  const found = await spread<Choice>(connections, [
    async (one) => ({ bounds: boundsOf((await rowsOf(one, 'bounds'))[0]) }),
    async (one) => ({ sources: (await rowsOf(one, 'sources')).map((row) => text(row, 'source')) }),
    async (one) => ({ keys: (await rowsOf(one, 'metadata_keys', { limit: KEYS_MAX })).map(keyOf) }),
  ]);
  const { bounds = null, sources = [], keys = [] } = Object.assign({}, ...found) as Choice;
  if (bounds === null) return null;
  const period = periodOf(filters, bounds);
  const key =
    filters.key ?? keys.find(({ distinctValues }) => distinctValues <= GOOD_VALUES_MAX)?.key ?? null;

  const { since, until, grain } = period;
  const days = { since, until, source: filters.source };
  const isByTag = filters.by === 'metadata' && key !== null;
  const by = isByTag ? { key } : { by: filters.by };
  const before = { whole_until: period.wholeUntil, before_since: period.beforeSince ?? since };
  // The longest first, so that none is left to run alone at the end.
  const parts = await spread<Part>(connections, [
    async (one) => ({
      topCompletions: (await rowsOf(one, 'top_completions', { ...days, top: TOP_COMPLETIONS })).map(topOf),
    }),
    async (one) => ({ readings: await readSources(one, RUNS) }),
    async (one) => ({
      byTag:
        key === null
          ? []
          : (await rowsOf(one, 'usage_by_tag', { ...days, key, top: filters.top })).map(groupUsageOf),
    }),
    async (one) => {
      const name = isByTag ? 'tag_over_time' : 'usage_over_time';
      const top = Math.min(filters.top, SERIES_MAX);
      return { overTime: (await rowsOf(one, name, { ...days, ...by, grain, top })).map(timedOf) };
    },
    async (one) => ({
      byGroup: isByTag
        ? []
        : (await rowsOf(one, 'usage_by_group', { ...days, ...by, top: filters.top })).map(groupUsageOf),
    }),
    async (one) => {
      const rows = await rowsOf(one, 'totals', { ...days, ...before });
      const of = (name: string): Sums => sumsOf(rows.find((row) => row['period'] === name) ?? {});
      const isComparable = period.beforeSince !== null;
      return {
        totals: { shown: of('shown'), whole: of('whole'), before: isComparable ? of('before') : null },
      };
    },
    async (one) => ({
      groupNames: isByTag
        ? []
        : (await rowsOf(one, 'color_names', { by: filters.by, limit: COLORS })).map(nameOf),
    }),
    async (one) => ({
      tagNames: key === null ? [] : (await rowsOf(one, 'color_values', { key, limit: COLORS })).map(nameOf),
    }),
    async (one) => ({ forecast: (await rowsOf(one, 'forecast')).map(forecastOf)[0] ?? null }),
    async (one) => ({ finishReasons: (await rowsOf(one, 'finish_reasons', days)).map(reasonOf) }),
    async (one) => ({
      truncation: (await rowsOf(one, 'truncation', { ...days, top: filters.top })).map(truncationOf),
    }),
    async (one) => ({ coverage: (await rowsOf(one, 'coverage', days)).map(coverageOf) }),
  ]);
  const { kind, publishedAt, prices } = file;
  const read = Object.assign({}, ...parts) as Read;
  // By the key, the charts are of its values.
  const charted = isByTag ? { byGroup: read.byTag, groupNames: read.tagNames } : {};
  return { kind, publishedAt, prices, filters, bounds, period, sources, keys, key, ...read, ...charted };
}

interface Choice {
  readonly bounds?: Bounds | null;
  readonly sources?: readonly string[];
  readonly keys?: readonly MetadataKey[];
}

type Read = Pick<
  DashboardData,
  | 'totals'
  | 'overTime'
  | 'byGroup'
  | 'byTag'
  | 'groupNames'
  | 'tagNames'
  | 'finishReasons'
  | 'truncation'
  | 'topCompletions'
  | 'coverage'
  | 'forecast'
  | 'readings'
>;
type Part = Partial<Read>;

async function rowsOf(
  connection: WarehouseFile,
  name: string,
  parameters?: SqlParameters,
): Promise<readonly SqlRow[]> {
  const { columns, rows } = await connection.query(statement(`dashboard/${name}`), parameters);
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null])),
  );
}

const isAbsent = (value: SqlValue | undefined): value is null | undefined =>
  value === null || value === undefined;

const text = (row: SqlRow, name: string): string => String(row[name] ?? '');
const textOrNull = (row: SqlRow, name: string): string | null =>
  isAbsent(row[name]) ? null : text(row, name);
const numberOrNull = (row: SqlRow, name: string): number | null =>
  isAbsent(row[name]) ? null : Number(row[name]);
const number = (row: SqlRow, name: string): number => numberOrNull(row, name) ?? 0;
const countOrNull = (row: SqlRow, name: string): bigint | null =>
  isAbsent(row[name]) ? null : BigInt(text(row, name));
const count = (row: SqlRow, name: string): bigint => countOrNull(row, name) ?? 0n;

/** null: there is no run, so nothing is known. */
function boundsOf(row: SqlRow | undefined): Bounds | null {
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

const keyOf = (row: SqlRow): MetadataKey => ({
  key: text(row, 'key'),
  completions: count(row, 'completions'),
  distinctValues: number(row, 'distinct_values'),
});

const sumsOf = (row: SqlRow): Sums => ({
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

const nameOf = (row: SqlRow): string => text(row, 'name');

const groupUsageOf = (row: SqlRow): GroupUsage => ({ group: groupOf(row), sums: sumsOf(row) });

const timedOf = (row: SqlRow): TimedUsage => ({ startsOn: text(row, 'starts_on'), ...groupUsageOf(row) });

const reasonOf = (row: SqlRow): FinishReason => ({
  reason: text(row, 'finish_reason'),
  choices: count(row, 'choices'),
  refused: count(row, 'refused_choices'),
});

const truncationOf = (row: SqlRow): Truncation => ({
  model: text(row, 'model'),
  completions: count(row, 'completions'),
  truncated: count(row, 'truncated_completions'),
  contentFiltered: count(row, 'content_filtered_completions'),
  refused: count(row, 'refused_completions'),
});

const topOf = (row: SqlRow): TopCompletion => ({
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
function tagsOf(value: SqlValue | undefined): TopCompletion['tags'] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair: SqlValue) =>
    Array.isArray(pair) ? [[String(pair[0]), isAbsent(pair[1]) ? null : String(pair[1])] as const] : [],
  );
}

const coverageOf = (row: SqlRow): DayCoverage => ({
  date: text(row, 'created_date'),
  source: text(row, 'source'),
  coveredSeconds: number(row, 'covered_seconds'),
  coveredShare: number(row, 'covered_share'),
  openGaps: number(row, 'open_gaps'),
  rowsMissingEstimate: numberOrNull(row, 'rows_missing_estimate'),
  isComplete: row['is_complete'] === true,
  isOpen: row['is_open'] === true,
});

const forecastOf = (row: SqlRow): Forecast => ({
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
