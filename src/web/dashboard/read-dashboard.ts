/** The numbers of the dashboard, read from an open file: what is asked for, by which SQL, side by side. */
import { readSources } from '../../health/source-status.ts';
import type { DashboardData, MetadataKey } from './data.ts';
import type { Filters } from './filters.ts';
import { COLORS } from './palette.ts';
import { type Bounds, heatDaysOf, type Period, periodOf } from './period.ts';
import { groupedBy, type Question, rowsOf } from './question.ts';
import { type DataFile, spread } from './reader.ts';
import {
  boundsOf,
  coverageOf,
  forecastOf,
  groupUsageOf,
  hourOf,
  metadataKeyOf,
  nameOf,
  reasonOf,
  sumsOf,
  text,
  timedBeforeOf,
  timedOf,
  topOf,
  truncationOf,
} from './rows.ts';
import type { Sums } from './sums.ts';

/** More colours than these cannot be told apart. */
const SERIES_MAX = 8;
const KEYS_MAX = 100;
const TOP_COMPLETIONS = 10;
const RUNS = 1;
/** A key of more values than this, such as a request id, tells little as a group. */
const GOOD_VALUES_MAX = 200;

/** What every page of the dashboard is about. */
export interface Choice {
  readonly bounds: Bounds;
  readonly sources: readonly string[];
  readonly keys: readonly MetadataKey[];
  readonly period: Period;
  /** The key that is broken down; null: nothing carries any. */
  readonly key: string | null;
}

/** @returns null: no run has been made yet. @throws {TokenhouseError} */
export async function readChoice({ connections }: DataFile, filters: Filters): Promise<Choice | null> {
  const found = await spread<Partial<Found>>(connections, [
    async (one) => ({ bounds: boundsOf((await rowsOf(one, 'bounds'))[0]) }),
    async (one) => ({ sources: (await rowsOf(one, 'sources')).map((row) => text(row, 'source')) }),
    async (one) => ({
      keys: (await rowsOf(one, 'metadata_keys', { parameters: { limit: KEYS_MAX } })).map(metadataKeyOf),
    }),
  ]);
  const { bounds = null, sources = [], keys = [] } = Object.assign({}, ...found) as Partial<Found>;
  if (bounds === null) return null;
  // One that is chosen by has one value left, and makes no groups.
  const chosen = new Set(filters.where.flatMap(({ field }) => (field.kind === 'tag' ? [field.key] : [])));
  const good = keys.filter(({ distinctValues }) => distinctValues <= GOOD_VALUES_MAX);
  const key = filters.key ?? (good.find((one) => !chosen.has(one.key)) ?? good[0])?.key ?? null;
  return { bounds, sources, keys, key, period: periodOf(filters, bounds) };
}

interface Found {
  readonly bounds: Bounds | null;
  readonly sources: readonly string[];
  readonly keys: readonly MetadataKey[];
}

/** @returns null: no run has been made yet. @throws {TokenhouseError} */
export async function readDashboard(file: DataFile, filters: Filters): Promise<DashboardData | null> {
  const choice = await readChoice(file, filters);
  if (choice === null) return null;
  const { connections } = file;
  const { key, period } = choice;
  const { since, until, grain, wholeUntil, beforeSince } = period;
  const days = { since, until, from: since, to: until, source: filters.source };
  const { where } = filters;
  const isByTag = filters.by === 'metadata' && key !== null;
  const group = groupedBy(filters.by, key);
  // The days before are read with those shown where they are to stand beside them.
  const before = filters.isCompared ? beforeSince : null;
  const heatDays = heatDaysOf(period, choice.bounds);
  const compared = { ...days, from: before ?? since, whole_until: wholeUntil };
  const top = { top: filters.top };
  const asking = (more: Partial<Question>): Question => ({ where, ...more });
  const usageOf = groupUsageOf(before !== null);
  // The longest first, so that none is left to run alone at the end.
  const parts = await spread<Partial<Read>>(connections, [
    async (one) => ({
      topCompletions: (
        await rowsOf(one, 'top_completions', asking({ parameters: { ...days, top: TOP_COMPLETIONS } }))
      ).map(topOf),
    }),
    async (one) => ({ readings: await readSources(one, RUNS) }),
    async (one) => {
      if (key === null) return { byTag: [] };
      const question = asking({ by: groupedBy('metadata', key), parameters: { ...compared, ...top } });
      return { byTag: (await rowsOf(one, 'usage_by_group', question)).map(usageOf) };
    },
    async (one) => {
      const parameters = { ...days, grain, top: Math.min(filters.top, SERIES_MAX) };
      const rows = await rowsOf(one, 'usage_over_time', asking({ by: group, parameters }));
      return { overTime: rows.map(timedOf) };
    },
    async (one) => {
      // By the key, the charts are of its values.
      if (isByTag) return {};
      const question = asking({ by: group, parameters: { ...compared, ...top } });
      return { byGroup: (await rowsOf(one, 'usage_by_group', question)).map(usageOf) };
    },
    async (one) => {
      const parameters = {
        ...compared,
        from: beforeSince ?? since,
        before_since: beforeSince ?? since,
      };
      const rows = await rowsOf(one, 'totals', asking({ parameters }));
      const of = (name: string): Sums => sumsOf(rows.find((row) => row['period'] === name) ?? {});
      const isComparable = beforeSince !== null;
      return {
        totals: { shown: of('shown'), whole: of('whole'), before: isComparable ? of('before') : null },
      };
    },
    async (one) => {
      if (before === null) return { overTimeBefore: [] };
      const parameters = { ...days, from: before, to: since, before_since: before, grain };
      return {
        overTimeBefore: (await rowsOf(one, 'usage_before', asking({ parameters }))).map(timedBeforeOf),
      };
    },
    async (one) => {
      if (isByTag) return {};
      const question = { parameters: { by: filters.by, limit: COLORS } };
      return { groupNames: (await rowsOf(one, 'color_names', question)).map(nameOf) };
    },
    async (one) => {
      if (key === null) return { tagNames: [] };
      const question = { parameters: { key, limit: COLORS } };
      return { tagNames: (await rowsOf(one, 'color_values', question)).map(nameOf) };
    },
    async (one) => {
      const parameters = { ...days, from: heatDays.from, to: heatDays.to };
      const question = asking({ by: { kind: 'time', name: 'hour' }, parameters });
      return { byHour: (await rowsOf(one, 'usage_by_hour', question)).map(hourOf) };
    },
    async (one) => ({ forecast: (await rowsOf(one, 'forecast')).map(forecastOf)[0] ?? null }),
    async (one) => ({
      finishReasons: (await rowsOf(one, 'finish_reasons', asking({ parameters: days }))).map(reasonOf),
    }),
    async (one) => {
      const name = where.length === 0 ? 'truncation' : 'truncation_rows';
      const rows = await rowsOf(one, name, asking({ parameters: { ...days, ...top } }));
      return { truncation: rows.map(truncationOf) };
    },
    async (one) => ({ coverage: (await rowsOf(one, 'coverage', { parameters: days })).map(coverageOf) }),
  ]);
  const { kind, publishedAt, prices } = file;
  const read = Object.assign({}, ...parts) as Read;
  const charted = isByTag ? { byGroup: read.byTag, groupNames: read.tagNames } : {};
  return { kind, publishedAt, prices, filters, ...choice, heatDays, ...read, ...charted };
}

type Read = Omit<DashboardData, 'kind' | 'publishedAt' | 'prices' | 'filters' | 'heatDays' | keyof Choice>;
