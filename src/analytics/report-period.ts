/** The days a report is about. Pure; days are UTC, as `2026-11-24`. */
import { SettingsError } from '../errors.ts';

const DAY_MS = 86_400_000;
/** Whole days before the open one, when nothing else is asked for. */
const PERIOD_DAYS = 30;

/** Where the data begins and ends; null before the first run. */
export interface Bounds {
  readonly asOf: string | null;
  readonly settledUntil: string | null;
  /** First day that is not over. */
  readonly openFrom: string | null;
  /** First day that was read from its first second. */
  readonly completeFrom: string | null;
  readonly asOfDate: string | null;
}

export interface Period {
  readonly since: string;
  /** Excluded. */
  readonly until: string;
  /** Neither end was asked for. */
  readonly isDefault: boolean;
  /** Days that are over, and days that are not but have begun. */
  readonly wholeDays: number;
  readonly openDays: number;
}

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const addDays = (day: string, days: number): string => dayOf(Date.parse(day) + days * DAY_MS);
/** 0 where it ends before it begins. */
export const daysBetween = (from: string, to: string): number =>
  Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS));
const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (earlier(a, b) === a ? b : a);

/**
 * The last 30 whole days and the open one, as far as not asked for otherwise.
 *
 * @param asked days; `until` is excluded.
 * @param nowMs stands in for the last sync where there was none.
 * @throws {SettingsError} for a period that ends before it begins.
 */
export function periodOf(
  asked: { readonly since: string | null; readonly until: string | null },
  bounds: Bounds,
  nowMs: number,
): Period {
  const today = dayOf(nowMs);
  const openFrom = bounds.openFrom ?? today;
  const asOfDate = bounds.asOfDate ?? today;
  const end = addDays(later(asOfDate, openFrom), 1);
  const until = asked.until ?? (asked.since !== null && asked.since >= end ? addDays(asked.since, 1) : end);
  const since = asked.since ?? addDays(earlier(until, openFrom), -PERIOD_DAYS);
  if (since >= until) throw new SettingsError('--since must be a day before --until (which is excluded)');
  return periodBetween(since, until, { openFrom, end }, asked.since === null && asked.until === null);
}

/** The open month up to now, which forecasts and budgets are about. */
export function openMonth(bounds: Bounds, nowMs: number): Period {
  const openFrom = bounds.openFrom ?? dayOf(nowMs);
  const end = addDays(bounds.asOfDate ?? openFrom, 1);
  return periodBetween(`${openFrom.slice(0, 8)}01`, end, { openFrom, end }, true);
}

/** The last week that is over, from Monday on. */
export function lastWeek(bounds: Bounds, nowMs: number): Period {
  const openFrom = bounds.openFrom ?? dayOf(nowMs);
  const end = addDays(bounds.asOfDate ?? openFrom, 1);
  const monday = addDays(openFrom, -((new Date(openFrom).getUTCDay() + 6) % 7));
  return periodBetween(addDays(monday, -7), monday, { openFrom, end }, true);
}

function periodBetween(
  since: string,
  until: string,
  { openFrom, end }: { readonly openFrom: string; readonly end: string },
  isDefault: boolean,
): Period {
  return {
    since,
    until,
    isDefault,
    wholeDays: daysBetween(since, earlier(until, openFrom)),
    openDays: daysBetween(later(since, openFrom), earlier(until, end)),
  };
}
