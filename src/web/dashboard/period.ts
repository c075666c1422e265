/** The days a page is about. Pure; days are UTC, as yyyy-mm-dd. */
import { addDays, daysBetween } from './days.ts';
import type { Filters } from './filters.ts';

/** Where the data begins and ends, by the records of the sync. */
export interface Bounds {
  /** When the last run began, ISO 8601. */
  readonly asOf: string;
  readonly asOfDate: string;
  /** First day that is not over. */
  readonly openFrom: string;
  /** First day that was read from its first second. */
  readonly completeFrom: string;
  /** First and last day with a completion; null: none is held. */
  readonly firstDate: string | null;
  readonly lastDate: string | null;
}

export type Grain = 'day' | 'week' | 'month';

export interface Period {
  readonly since: string;
  /** Excluded. */
  readonly until: string;
  readonly days: number;
  readonly grain: Grain;
  /** First day that is not over, where the period reaches it; excluded from the comparison. */
  readonly wholeUntil: string;
  /** As many whole days before `since`; null: they were not all read. */
  readonly beforeSince: string | null;
}

const monthOf = (day: string): string => `${day.slice(0, 7)}-01`;

/** More bars than this are no longer told from each other. */
const DAYS_MAX = 100;
const WEEKS_DAYS_MAX = 740;

const PERIOD_DAYS = 30;

/** `30 days` are 30 whole ones and the one that is not over. */
export function periodOf(filters: Filters, bounds: Bounds): Period {
  const [since, last] = daysOf(filters, bounds);
  const until = addDays(last, 1);
  const days = daysBetween(since, until);
  const wholeUntil = [until, bounds.openFrom].sort()[0] ?? until;
  const wholeDays = Math.max(0, daysBetween(since, wholeUntil));
  const beforeSince = addDays(since, -wholeDays);
  const isComparable = wholeDays > 0 && beforeSince >= bounds.completeFrom;
  return {
    since,
    until,
    days,
    grain: days <= DAYS_MAX ? 'day' : days <= WEEKS_DAYS_MAX ? 'week' : 'month',
    wholeUntil: wholeDays > 0 ? wholeUntil : since,
    beforeSince: isComparable ? beforeSince : null,
  };
}

/** First and last day. */
function daysOf(filters: Filters, bounds: Bounds): readonly [string, string] {
  const { asOfDate, openFrom } = bounds;
  const first = bounds.firstDate ?? openFrom;
  const newest = [asOfDate, bounds.lastDate ?? asOfDate].sort()[1] ?? asOfDate;
  const { range } = filters;
  if (range === null) {
    const last = filters.last ?? [newest, filters.since ?? newest].sort()[1] ?? newest;
    // As `report --until` alone: 30 whole days, and those that are not over.
    const end = [addDays(last, 1), openFrom].sort()[0] ?? openFrom;
    return [filters.since ?? addDays(end, -PERIOD_DAYS), last];
  }
  switch (range) {
    case '7d':
      return [addDays(openFrom, -7), newest];
    case '30d':
      return [addDays(openFrom, -30), newest];
    case '90d':
      return [addDays(openFrom, -90), newest];
    case 'month':
      return [monthOf(openFrom), newest];
    case 'last-month': {
      const last = addDays(monthOf(openFrom), -1);
      return [monthOf(last), last];
    }
    case 'year':
      return [addDays(openFrom, -365), newest];
    case 'all':
      return [[first, newest].sort()[0] ?? newest, newest];
  }
}

/** First days of the bars of a period, and whether their time is over. */
export function bucketsOf(
  { since, until, grain }: Period,
  openFrom: string,
): readonly { readonly startsOn: string; readonly isOpen: boolean }[] {
  const buckets: { startsOn: string; isOpen: boolean }[] = [];
  for (let start = bucketOf(since, grain); start < until; start = nextBucket(start, grain)) {
    buckets.push({ startsOn: start, isOpen: nextBucket(start, grain) > openFrom });
  }
  return buckets;
}

function bucketOf(day: string, grain: Grain): string {
  if (grain === 'day') return day;
  if (grain === 'month') return monthOf(day);
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return addDays(day, -((weekday + 6) % 7));
}

export function nextBucket(start: string, grain: Grain): string {
  if (grain === 'day') return addDays(start, 1);
  if (grain === 'week') return addDays(start, 7);
  return monthOf(addDays(start, 31));
}

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

/** The days that hours of the day are told of. */
export interface HeatDays {
  readonly from: string;
  /** Excluded. */
  readonly to: string;
  /** How many of each weekday there are, Monday first. */
  readonly weekdays: readonly number[];
}

/** Days that are over and were read from their first second; where there is none, those there are. */
export function heatDaysOf({ since, until, wholeUntil }: Period, { completeFrom }: Bounds): HeatDays {
  const begin = [since, completeFrom].sort()[1] ?? since;
  const [from, to] = begin < wholeUntil ? [begin, wholeUntil] : [since, until];
  const weekdays = WEEKDAYS.map(() => 0);
  for (let day = from; day < to; day = addDays(day, 1)) {
    const place = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
    weekdays[place] = (weekdays[place] ?? 0) + 1;
  }
  return { from, to, weekdays };
}
