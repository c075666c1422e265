/** What the coverage of a source comes to: what is read, what is missing, and when the API will have forgotten it. Pure. */
import { type Coverage, countSeconds, holes, intersection, range } from '../sync/coverage.ts';
import { type SecondRange, type UnixSeconds, unixSeconds } from '../sync/ports.ts';

export interface HealthQuestion {
  readonly now: UnixSeconds;
  /** The youngest seconds, which a sync never marks as read. */
  readonly settleSeconds: number;
  /** null: the API keeps rows for ever, or it is not known how long. */
  readonly retentionSeconds: number | null;
  readonly coverage: Coverage;
  /** Open gaps. */
  readonly gaps: readonly SecondRange[];
  /** Older than this the API has no rows; null: not known. */
  readonly oldestServedAt: UnixSeconds | null;
}

/** `gap`: not read in full, and a run has said so. */
export type DayState = 'full' | 'part' | 'none' | 'gap';

export interface Day {
  /** yyyy-mm-dd, UTC. */
  readonly date: string;
  readonly state: DayState;
}

export interface SourceHealth {
  /** From the first covered second to the last; null: nothing is covered. */
  readonly covered: SecondRange | null;
  /** Stretches in between that are not, gaps included. */
  readonly holes: Coverage;
  readonly holeSeconds: number;
  /** Seconds above the last covered one that have settled: for the next sync. */
  readonly unreadSeconds: number;
  /** Oldest second not read that the API may still have; null: none, or the API keeps rows for ever. */
  readonly oldestUnreadAt: UnixSeconds | null;
  /** Until that one expires; 0: it is expiring now. */
  readonly secondsToExpiry: number | null;
  /** Seconds in between that were not read before the API's retention was over. */
  readonly expiredSeconds: number;
  /** The last days, oldest first; today as far as it has settled. */
  readonly days: readonly Day[];
}

const DAY_SECONDS = 86_400;
const DAYS_SHOWN = 30;

export function healthOf(question: HealthQuestion): SourceHealth {
  const { now, coverage, retentionSeconds } = question;
  const settledUntil = now - question.settleSeconds;
  const [first, last] = [coverage.at(0), coverage.at(-1)];
  const covered = first === undefined || last === undefined ? null : range(first.from, last.to);
  const between = covered === null ? [] : holes(coverage, covered);
  const unread = covered === null ? null : range(covered.to + 1, settledUntil);
  const keptFrom = retentionSeconds === null ? null : now - retentionSeconds;
  const oldestUnreadAt = oldestUnread(question, keptFrom, settledUntil);
  return {
    covered,
    holes: between,
    holeSeconds: countSeconds(between),
    unreadSeconds: unread === null ? 0 : countSeconds([unread]),
    oldestUnreadAt,
    secondsToExpiry: oldestUnreadAt === null || keptFrom === null ? null : oldestUnreadAt - keptFrom,
    expiredSeconds: keptFrom === null ? 0 : countSeconds(expired(between, keptFrom)),
    days: daysOf(question, settledUntil),
  };
}

function oldestUnread(
  { coverage, oldestServedAt }: HealthQuestion,
  keptFrom: number | null,
  settledUntil: number,
): UnixSeconds | null {
  if (keptFrom === null) return null;
  const kept = range(Math.max(keptFrom, oldestServedAt ?? keptFrom), settledUntil);
  return kept === null ? null : (holes(coverage, kept)[0]?.from ?? null);
}

function expired(between: Coverage, keptFrom: number): Coverage {
  const past = range(0, keptFrom - 1);
  return past === null ? [] : intersection(between, past);
}

function daysOf({ coverage, gaps }: HealthQuestion, settledUntil: number): readonly Day[] {
  const lastDay = Math.floor(settledUntil / DAY_SECONDS);
  return Array.from({ length: DAYS_SHOWN }, (_, index) => {
    const start = (lastDay - DAYS_SHOWN + 1 + index) * DAY_SECONDS;
    const day = {
      from: unixSeconds(start),
      to: unixSeconds(Math.min(start + DAY_SECONDS - 1, settledUntil)),
    };
    return { date: new Date(start * 1000).toISOString().slice(0, 10), state: stateOf(day, coverage, gaps) };
  });
}

function stateOf(day: SecondRange, coverage: Coverage, gaps: readonly SecondRange[]): DayState {
  const open = holes(coverage, day);
  if (open.length === 0) return 'full';
  if (gaps.some((gap) => intersection(open, gap).length > 0)) return 'gap';
  return countSeconds(open) === day.to - day.from + 1 ? 'none' : 'part';
}
