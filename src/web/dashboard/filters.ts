/** What the dashboard is asked to show: the query of its URL, read and written. Pure. */
import { METADATA } from '../../analytics/report-fields.ts';
import type { Condition } from '../../analytics/report-where.ts';
import { conditionOf, entryOf, fieldOfName } from './conditions.ts';
import { addDays } from './days.ts';

export const RANGES = {
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  month: 'This month',
  'last-month': 'Last month',
  year: '12 months',
  all: 'All',
} as const;
export type Range = keyof typeof RANGES;

export const GROUPS = {
  model: 'Model',
  model_family: 'Model family',
  service_tier: 'Service tier',
  source: 'Source',
  metadata: 'Metadata key',
} as const;
export type GroupBy = keyof typeof GROUPS;

/** What the hours are shaded by. */
export const HEATS = { cost: 'List cost', tokens: 'Tokens', requests: 'Requests' } as const;
export type Heat = keyof typeof HEATS;

export const TOPS = [5, 8, 12, 20, 50] as const;
export type Top = (typeof TOPS)[number];

/** Days are UTC, as yyyy-mm-dd. */
export interface Filters {
  /** null: the days below. */
  readonly range: Range | null;
  /** First and last day: both are shown, as whoever fills in two days of a form expects. */
  readonly since: string | null;
  readonly last: string | null;
  readonly by: GroupBy;
  /** Metadata key that is broken down; null: the one that most of the usage carries. */
  readonly key: string | null;
  /** null: all. */
  readonly source: string | null;
  /** Rows of each breakdown. */
  readonly top: Top;
  /** Completions that are shown; one field twice: either value. */
  readonly where: readonly Condition[];
  /** Whether the same number of whole days before stands beside it. */
  readonly isCompared: boolean;
  readonly heat: Heat;
}

export interface Asked {
  readonly filters: Filters;
  /** What could not be read, in sentences without the values. */
  readonly problems: readonly string[];
}

export const DEFAULTS: Filters = {
  range: '30d',
  since: null,
  last: null,
  by: 'model',
  key: null,
  source: null,
  top: 8,
  where: [],
  isCompared: false,
  heat: 'cost',
};

/** More than any name of a source, key or group has. */
const LENGTH_MAX = 512;
/** More than a person tells apart. */
const CONDITIONS_MAX = 12;
/** Of the query: the days before, beside those shown. */
export const COMPARE = { name: 'compare', value: 'before' } as const;

/** Whatever the URL holds; what cannot be read is as if it were not there, and told. */
export function filtersOf(query: URLSearchParams): Asked {
  const problems: string[] = [];
  const given = (name: string): string | null => {
    const value = query.get(name) ?? '';
    if (value.length <= LENGTH_MAX) return value === '' ? null : value;
    problems.push(`“${name}” is too long and was left out.`);
    return null;
  };
  const day = (name: string): string | null => {
    const value = given(name);
    if (value === null || isDay(value)) return value;
    problems.push(`“${name}” is no day such as 2026-11-24 and was left out.`);
    return null;
  };
  const oneOf = <T extends string>(name: string, words: Readonly<Record<T, string>>): T | null => {
    const value = given(name);
    if (value === null) return null;
    if (Object.hasOwn(words, value)) return value as T;
    problems.push(`“${name}” is none of ${Object.keys(words).join(', ')} and was left out.`);
    return null;
  };

  const since = day('since');
  const last = day('last') ?? lastBefore(day('until'), since, problems);
  const isTurned = since !== null && last !== null && since > last;
  if (isTurned) problems.push('“last” is before “since”: they were turned round.');
  const hasDays = since !== null || last !== null;
  const range = oneOf('range', RANGES);
  const tag = tagOf(query.get('by'));
  const by = tag === null ? oneOf('by', GROUPS) : 'metadata';
  const top = given('top');
  const known = TOPS.find((one) => String(one) === top);
  if (top !== null && known === undefined) {
    problems.push(`“top” is none of ${TOPS.join(', ')} and was left out.`);
  }
  return {
    filters: {
      range: hasDays ? null : (range ?? DEFAULTS.range),
      since: isTurned ? last : since,
      last: isTurned ? since : last,
      by: by ?? DEFAULTS.by,
      key: given('key') ?? tag,
      source: given('source'),
      top: known ?? DEFAULTS.top,
      where: whereOf(query, problems),
      isCompared: query.get(COMPARE.name) === COMPARE.value,
      heat: oneOf('heat', HEATS) ?? DEFAULTS.heat,
    },
    problems,
  };
}

function whereOf(query: URLSearchParams, problems: string[]): readonly Condition[] {
  const found: Condition[] = [];
  for (const [name, value] of query) {
    const field = fieldOfName(name);
    if (field === null || value === '') continue;
    // Quotes around a value are not part of it.
    if (name.length > LENGTH_MAX || value.length > LENGTH_MAX + 2) {
      problems.push('A filter is too long and was left out.');
    } else if (found.length === CONDITIONS_MAX) {
      problems.push(`There are more than ${CONDITIONS_MAX} filters: the others were left out.`);
      break;
    } else {
      found.push(conditionOf(field, value));
    }
  }
  return found;
}

/** `until` as the command line has it: the day after the last. */
function lastBefore(until: string | null, since: string | null, problems: string[]): string | null {
  if (until === null) return null;
  if (since === null || since < until) return addDays(until, -1);
  problems.push('“until” is the day after the last and not after “since”: it was left out.');
  return null;
}

/** `metadata.team`, as the reports of the command line have it; null: something else. */
function tagOf(by: string | null): string | null {
  if (by === null || by.length > LENGTH_MAX || !by.startsWith(`${METADATA}.`)) return null;
  return by.slice(METADATA.length + 1) || null;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // 31 June would be 1 July.
  return (
    !Number.isNaN(date.getTime()) &&
    date.toISOString().startsWith(text) &&
    text >= '2000-01-01' &&
    text < '2100-01-01'
  );
}

/** The query that asks for these, empty for the defaults; the same filters always give the same text. */
export function queryOf(filters: Filters): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string | number | null, fallback: string | number | null): void => {
    if (value !== null && value !== fallback) query.set(name, String(value));
  };
  put('range', filters.range, DEFAULTS.range);
  put('since', filters.since, null);
  put('last', filters.last, null);
  put('by', filters.by, DEFAULTS.by);
  put('key', filters.key, null);
  put('source', filters.source, null);
  put('top', filters.top, DEFAULTS.top);
  put(COMPARE.name, filters.isCompared ? COMPARE.value : null, null);
  put('heat', filters.heat, DEFAULTS.heat);
  for (const condition of filters.where) query.append(...entryOf(condition));
  return query.toString();
}

/** `?by=model`, or `.` for none: an empty address would keep the query that the page has. From every page of the dashboard. */
export function addressOf(filters: Filters): string {
  const query = queryOf(filters);
  return query === '' ? '.' : `.?${query}`;
}
