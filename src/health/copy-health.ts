/** Whether the published copy is as new as it should be, by what its reader can know. Pure. */
import { CronExpressionParser } from 'cron-parser';

export interface CopyQuestion {
  /** When it was made, ISO 8601. */
  readonly publishedAt: string;
  /** The newest run that it lacks, where that is known: on the machine that has the warehouse. */
  readonly unpublished: { readonly runEndedAtMs: number; readonly reason: string | null } | null;
  /** It is on this machine. */
  readonly hasWarehouse: boolean;
  /** SCHEDULE and its time zone; null: off. */
  readonly cron: string | null;
  readonly timeZone: string;
  readonly nowMs: number;
}

export interface CopyHealth {
  readonly publishedAt: string;
  readonly ageSeconds: number;
  /** A run has ended since it was made, and is not in it. */
  readonly isStale: boolean;
  /** When that run ended, ISO 8601; null: there is none, or it was killed before its end. */
  readonly runEndedAt: string | null;
  /** Why that run was not published; null: none, or whoever was at it was killed. */
  readonly reason: string | null;
  /** Older than a copy gets while runs are made by the schedule: all that is known where the warehouse is not at hand. */
  readonly isOld: boolean;
  readonly hasWarehouse: boolean;
}

/** Without a schedule runs are most often made each night. */
const DAY_MS = 86_400_000;
/** A run takes its time. */
const LATE_MS = 2 * 3_600_000;

export function copyHealthOf(question: CopyQuestion): CopyHealth {
  const { publishedAt, unpublished, nowMs } = question;
  const ageMs = Math.max(0, nowMs - Date.parse(publishedAt));
  return {
    publishedAt,
    ageSeconds: Math.floor(ageMs / 1_000),
    isStale: unpublished !== null,
    runEndedAt: unpublished === null ? null : new Date(unpublished.runEndedAtMs).toISOString(),
    reason: unpublished?.reason ?? null,
    isOld: nowMs > dueMs(question) + LATE_MS,
    hasWarehouse: question.hasWarehouse,
  };
}

/** When the next copy is due: a run by the schedule, and no sooner than a whole interval of it, as another scheduler may have the runs. */
function dueMs({ cron, timeZone, publishedAt }: CopyQuestion): number {
  const madeMs = Date.parse(publishedAt);
  if (cron === null) return madeMs + DAY_MS;
  const ticks = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(madeMs) });
  const [next, afterNext] = [ticks.next().getTime(), ticks.next().getTime()];
  return Math.max(next, madeMs + afterNext - next);
}

/** For scripts. */
export const copyObject = (copy: CopyHealth | null): object | null =>
  copy === null
    ? null
    : {
        published_at: copy.publishedAt,
        age_seconds: copy.ageSeconds,
        is_stale: copy.isStale,
        is_old: copy.isOld,
        run_ended_at: copy.runEndedAt,
        reason: copy.reason,
      };
