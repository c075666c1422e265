/** What the dashboard shows, as read from an open file. Types only. */
import type { SourceReading } from '../../health/source-status.ts';
import type { Filters } from './filters.ts';
import type { Bounds, HeatDays, Period } from './period.ts';
import type { DataFile } from './reader.ts';
import type { Sums } from './sums.ts';

/** What a row of usage is of; every kind is something else than a name, whatever the data is called. */
export type Group =
  | { readonly kind: 'named'; readonly name: string }
  /** What lacks the metadata key. */
  | { readonly kind: 'untagged' }
  /** All that did not make it among the first. */
  | { readonly kind: 'other'; readonly groups: number };

/** Of the whole days shown and of as many before them, which can be held against each other. */
export interface Compared {
  readonly completions: bigint;
  readonly totalTokens: bigint | null;
  /** US dollars, exact decimal text; null: nothing has a price. */
  readonly listCostUsd: string | null;
}

export interface GroupUsage {
  readonly group: Group;
  readonly sums: Sums;
  /** null: it is not asked for, or those days were not all read. */
  readonly compared: { readonly whole: Compared; readonly before: Compared } | null;
}

export interface TimedUsage {
  /** First UTC day of the day, week or month. */
  readonly startsOn: string;
  readonly group: Group;
  readonly sums: Sums;
}

/** All groups of the days before, at the day, week or month of the period that they are held against. */
export interface TimedBefore extends Compared {
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

export interface HourUsage {
  /** 1 is Monday. */
  readonly weekday: number;
  /** 0 to 23, UTC. */
  readonly hour: number;
  readonly completions: bigint;
  readonly totalTokens: bigint | null;
  readonly listCostUsd: string | null;
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
  /** Empty: as {@link GroupUsage.compared}. */
  readonly overTimeBefore: readonly TimedBefore[];
  readonly byGroup: readonly GroupUsage[];
  readonly byTag: readonly GroupUsage[];
  /** Names that have a colour of their own: of the groups of the charts, and of the key's values. First seen first. */
  readonly groupNames: readonly string[];
  readonly tagNames: readonly string[];
  readonly finishReasons: readonly FinishReason[];
  readonly truncation: readonly Truncation[];
  readonly heatDays: HeatDays;
  /** Hours of {@link heatDays} that have any usage. */
  readonly byHour: readonly HourUsage[];
  readonly topCompletions: readonly TopCompletion[];
  readonly coverage: readonly DayCoverage[];
  /** null: there is nothing to forecast from. */
  readonly forecast: Forecast | null;
  readonly readings: readonly SourceReading[];
}
