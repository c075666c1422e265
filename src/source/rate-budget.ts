import { sleepUntilAborted } from './sleep.ts';

/**
 * How many requests a minute may be started: a ceiling from the settings, below it a rate that halves with each 429 and
 * comes back slowly, and a pace from the rate-limit headers. The state is data and time an argument; only
 * {@link createRateBudget} waits.
 */
export interface RateState {
  readonly perMinuteMax: number;
  readonly perMinute: number;
  /** When the next request may start. All times: milliseconds of one monotonic clock. */
  readonly nextAtMs: number;
  /** Nothing starts before it, not even what was given an earlier start. */
  readonly pausedUntilMs: number;
  /** Milliseconds between two starts that the server's headers call for, until `paceUntilMs`. */
  readonly paceMs: number;
  readonly paceUntilMs: number;
  /** A 429 for a request started before it says nothing new. */
  readonly shrunkAtMs: number;
  readonly recoveredAtMs: number;
  /** What the next 429 without a word of when to come back stops everything for. */
  readonly silentPauseMs: number;
  readonly silentPauseFirstMs: number;
}

/** The part of a reply that the budget goes by. */
export interface RateSignal {
  readonly startedAtMs: number;
  /** The server said "too many"; then the wait it asked for in milliseconds, 0 for none. */
  readonly throttledMs: number | null;
  /** Requests left and milliseconds until the limit is reset; null when the reply does not say. */
  readonly left: { readonly requests: number; readonly resetMs: number } | null;
}

const MINUTE_MS = 60_000;
/** One request in ten seconds: slow enough for any limit seen, fast enough to notice that it is over. */
const PER_MINUTE_MIN = 6;
/** Half of the ceiling comes back in five quiet minutes, so a limit is not run into every few seconds. */
const RECOVERY_PER_MINUTE = 0.1;
/** A server that says nothing of when to come back is left alone for so long; each further time twice as long, up to 32 times. */
const SILENT_PAUSE_MS = 1_000;
const SILENT_PAUSES_MAX = 32;
/** A header alone never stops us for longer: then one request finds out. A 429 may, up to its own bound. */
const HEADER_PAUSE_MAX_MS = 60_000;

export function newRateState(
  perMinuteMax: number,
  nowMs: number,
  silentPauseMs = SILENT_PAUSE_MS,
): RateState {
  return {
    perMinuteMax,
    perMinute: perMinuteMax,
    nextAtMs: nowMs,
    pausedUntilMs: nowMs,
    paceMs: 0,
    paceUntilMs: nowMs,
    shrunkAtMs: Number.NEGATIVE_INFINITY,
    recoveredAtMs: nowMs,
    silentPauseMs,
    silentPauseFirstMs: silentPauseMs,
  };
}

/** Gives the next start away. @returns when it is, and the state without it. */
export function reserve(
  state: RateState,
  nowMs: number,
): { readonly startAtMs: number; readonly state: RateState } {
  const startAtMs = Math.max(nowMs, state.nextAtMs, state.pausedUntilMs);
  const pace = startAtMs < state.paceUntilMs ? state.paceMs : 0;
  return {
    startAtMs,
    state: { ...state, nextAtMs: startAtMs + Math.max(MINUTE_MS / state.perMinute, pace) },
  };
}

/** Learns from a reply. */
export function learn(state: RateState, signal: RateSignal, nowMs: number): RateState {
  const paced = signal.left === null ? state : pace(state, signal.left, nowMs);
  if (signal.throttledMs === null) return recover(paced, nowMs);
  const isSilent = signal.throttledMs === 0;
  const { silentPauseMs, silentPauseFirstMs } = state;
  const pauseMs = isSilent ? silentPauseMs : signal.throttledMs;
  const pausedUntilMs = Math.max(paced.pausedUntilMs, nowMs + pauseMs);
  // Requests that were under way together are refused together: that is one piece of news.
  if (signal.startedAtMs < state.shrunkAtMs) return isSilent ? paced : { ...paced, pausedUntilMs };
  const perMinute = Math.min(state.perMinute, Math.max(PER_MINUTE_MIN, state.perMinute / 2));
  return {
    ...paced,
    pausedUntilMs,
    perMinute,
    shrunkAtMs: nowMs,
    recoveredAtMs: nowMs,
    silentPauseMs: isSilent
      ? Math.min(2 * silentPauseMs, SILENT_PAUSES_MAX * silentPauseFirstMs)
      : silentPauseFirstMs,
  };
}

function recover(state: RateState, nowMs: number): RateState {
  const minutes = Math.min(1, Math.max(0, nowMs - state.recoveredAtMs) / MINUTE_MS);
  const perMinute = Math.min(
    state.perMinuteMax,
    state.perMinute + state.perMinuteMax * RECOVERY_PER_MINUTE * minutes,
  );
  return { ...state, perMinute, recoveredAtMs: nowMs, silentPauseMs: state.silentPauseFirstMs };
}

/** Spreads what is left over the time until the reset, which suits a fixed window and a bucket that fills steadily. */
function pace(state: RateState, left: { requests: number; resetMs: number }, nowMs: number): RateState {
  const resetMs = Math.min(left.resetMs, HEADER_PAUSE_MAX_MS);
  const paceMs = resetMs / (left.requests + 1);
  const pausedUntilMs =
    left.requests === 0 ? Math.max(state.pausedUntilMs, nowMs + resetMs) : state.pausedUntilMs;
  return { ...state, paceMs, paceUntilMs: nowMs + resetMs, pausedUntilMs };
}

const DURATION_PART = /(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/gy;
const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001,
};

/**
 * A Go duration, as OpenAI writes `x-ratelimit-reset-requests`: "12ms", "1s", "6m0s". A bare number is taken as seconds
 * up to an hour; more of it is some server's timestamp.
 *
 * @returns milliseconds; null for anything else.
 */
export function durationMs(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed) <= 3600 ? Number(trimmed) * 1000 : null;
  let total = 0;
  let end = 0;
  for (const part of trimmed.matchAll(DURATION_PART)) {
    total += Number(part[1]) * (UNIT_MS[part[2] ?? ''] ?? Number.NaN);
    end = part.index + part[0].length;
  }
  return end > 0 && end === trimmed.length && Number.isFinite(total) ? total : null;
}

/**
 * What the headers say of the limit on requests. Azure sends -1, or 0 with no time of reset, when it does not know:
 * such a pair says nothing.
 */
export function readLimitHeaders(headers: Headers): RateSignal['left'] {
  const remaining = headers.get('x-ratelimit-remaining-requests')?.trim() ?? '';
  const reset = headers.get('x-ratelimit-reset-requests');
  if (!/^\d{1,9}$/.test(remaining) || reset === null) return null;
  const resetMs = durationMs(reset);
  return resetMs === null || resetMs === 0 ? null : { requests: Number(remaining), resetMs };
}

export interface RateBudget {
  /** Waits for a start. @returns when it was, for {@link RateSignal}. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<number>;
  learn(signal: RateSignal): void;
}

/**
 * @param nowMs a monotonic clock: a wall clock that is set back would stop the walk for as long.
 * @param delayScale multiplies the pauses that a silent 429 makes; 1 unless a test is in a hurry.
 */
export function createRateBudget(
  perMinuteMax: number,
  nowMs: () => number = () => performance.now(),
  delayScale = 1,
): RateBudget {
  let state = newRateState(perMinuteMax, nowMs(), SILENT_PAUSE_MS * delayScale);
  return {
    async take(signal) {
      signal.throwIfAborted();
      for (;;) {
        const reserved = reserve(state, nowMs());
        state = reserved.state;
        // A timer may fire a little early and cannot wait for less than a millisecond; the debt stays in the state, so
        // the rate holds on average.
        let now = nowMs();
        while (reserved.startAtMs - now >= 1) {
          await sleepUntilAborted(reserved.startAtMs - now, signal);
          now = nowMs();
        }
        // Paused meanwhile: queue again, or all who waited would start together when the pause ends.
        if (state.pausedUntilMs - now < 1) return now;
      }
    },
    learn(signal) {
      state = learn(state, signal, nowMs());
    },
  };
}
