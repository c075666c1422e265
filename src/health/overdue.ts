/** When a landed run is so old that the next one should have landed. Pure. */
import { CronExpressionParser } from 'cron-parser';

export interface RunRhythm {
  /** ALERT_AFTER_HOURS */
  readonly afterHours: number;
  /** The schedule; null: none, or it is not this program that keeps it. */
  readonly cron: string | null;
  readonly timeZone: string;
}

const HOUR_MS = 3_600_000;

/**
 * So many hours after the last landed run; where the schedule runs less often than that, a third of them after the run that was due.
 *
 * @param landedAtMs milliseconds since 1970, as is what it returns.
 */
export function overdueAtMs(landedAtMs: number, { afterHours, cron, timeZone }: RunRhythm): number {
  const afterMs = afterHours * HOUR_MS;
  if (cron === null) return landedAtMs + afterMs;
  const due = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(landedAtMs) }).next();
  return Math.max(landedAtMs + afterMs, due.getTime() + afterMs / 3);
}
