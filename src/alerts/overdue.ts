/** The alert that no run has landed for too long, whatever keeps it from that. Pure. */
import { z } from 'zod';
import { overdueAtMs, type RunRhythm } from '../health/overdue.ts';
import type { Alert } from './alerts.ts';

/** What is kept of a source from one look to the next, and over restarts. Milliseconds since 1970. */
export const watchedShape = z.object({
  /** First look at it: stands for a landed run where none is known. */
  since_ms: z.number(),
  /** Last landed run that was seen; null: none. */
  landed_ms: z.number().nullable(),
  /** First look that found it overdue; null: it is not. */
  overdue_ms: z.number().nullable(),
  /** When it was last told of; null: not since it became overdue. */
  told_ms: z.number().nullable(),
});
export type Watched = z.infer<typeof watchedShape>;

export interface OverdueQuestion {
  readonly source: string;
  readonly rhythm: RunRhythm;
  /** null: none has landed, or the warehouse could not be read. */
  readonly landedMs: number | null;
  /** null: this is the first look. */
  readonly before: Watched | null;
  /** What is wrong here, in our own words; null: nothing that is known. */
  readonly trouble: string | null;
  /** A run of it is going on. */
  readonly isRunning: boolean;
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;
/** A worker that was off for days runs what is due in its first minutes. */
const GRACE_MS = 600_000;

/** @returns `alert` null: there is nothing to tell, or it was told within a day. */
export function overdueOf(question: OverdueQuestion): {
  readonly watched: Watched;
  readonly alert: Alert | null;
} {
  const { before, rhythm, nowMs } = question;
  const since_ms = before?.since_ms ?? nowMs;
  const landed_ms = question.landedMs ?? before?.landed_ms ?? null;
  if (nowMs <= overdueAtMs(landed_ms ?? since_ms, rhythm)) {
    return { watched: { since_ms, landed_ms, overdue_ms: null, told_ms: null }, alert: null };
  }
  const overdue_ms = before?.overdue_ms ?? nowMs;
  const told_ms = before?.told_ms ?? null;
  const isDue = nowMs - overdue_ms >= GRACE_MS && (told_ms === null || nowMs - told_ms >= DAY_MS);
  return {
    watched: { since_ms, landed_ms, overdue_ms, told_ms: isDue ? nowMs : told_ms },
    alert: isDue ? alertOf(question, landed_ms, since_ms) : null,
  };
}

function alertOf(
  { source, trouble, isRunning, nowMs }: OverdueQuestion,
  landedMs: number | null,
  sinceMs: number,
): Alert {
  const hours = Math.floor((nowMs - (landedMs ?? sinceMs)) / 3_600_000);
  const known =
    landedMs === null ? 'none is known to have landed' : `the last one landed at ${iso(landedMs)}`;
  const cause = trouble === null ? '' : `; ${trouble.replace(/\.$/, '')}`;
  const running = isRunning ? '; a run is under way' : '';
  return {
    text: `Tokenhouse: no run of ${source} has landed for ${hours} h (${known})${running}${cause}: see \`tokenhouse status\` and \`tokenhouse jobs list\``,
    kind: 'run_overdue',
    key: `run_overdue/${source}/${iso(nowMs).slice(0, 10)}`,
    severity: 'critical',
    source,
    at: iso(nowMs),
    fields: {
      hours,
      last_landed_at: landedMs === null ? null : iso(landedMs),
      is_running: isRunning ? 1 : 0,
      trouble,
    },
  };
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');
