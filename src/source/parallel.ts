/**
 * How many requests may be under way at a time: fewer after a 429, while the server answers much later than it did, and when its
 * headers say that few are left; one more again after each quiet while. The state is data and time an argument; only
 * {@link createSlots} waits.
 */
export interface ParallelState {
  readonly max: number;
  /** 1 to `max`. */
  readonly allowed: number;
  /** What a reply to a request started before it tells is old news. All times: milliseconds of one monotonic clock. */
  readonly changedAtMs: number;
  /** What the quickest replies of late have taken; null: none came yet. */
  readonly quickMs: number | null;
  /** What the last few have taken, smoothed; null: none came since it last fell. */
  readonly recentMs: number | null;
  readonly repliesSince: number;
}

/** The part of a reply that it goes by. */
export interface ParallelSignal {
  readonly startedAtMs: number;
  /** The server said "too many". */
  readonly isThrottled: boolean;
  /** Requests left by the server's headers; null: they do not say. */
  readonly requestsLeft: number | null;
  /** Until its headers came: what it is long for does not count. */
  readonly latencyMs: number;
}

/** So long nothing may go wrong for one more request to be let go. */
const QUIET_MS = 5_000;
/** A server is late when it takes so many times what it took, and so much more: a hiccup of a fast one is none. */
const LATE_TIMES = 2;
const LATE_MS = 150;
/** Weight of a reply among the last few. */
const WEIGHT = 0.25;
/** So many replies make a judgement. */
const REPLIES_MIN = 4;
/** A server that stays slower is taken for what it is: twice as slow after some seventy replies. */
const FORGOTTEN = 1.01;

export const newParallelState = (max: number, nowMs: number): ParallelState => ({
  max,
  allowed: max,
  changedAtMs: nowMs,
  quickMs: null,
  recentMs: null,
  repliesSince: 0,
});

/** @param underWay requests, this one included. */
export function learn(
  state: ParallelState,
  signal: ParallelSignal,
  underWay: number,
  nowMs: number,
): ParallelState {
  const isNews = signal.startedAtMs >= state.changedAtMs;
  const met = signal.isThrottled || !isNews ? state : note(state, signal.latencyMs);
  const inUse = Math.min(met.allowed, underWay);
  if (isNews && signal.isThrottled) return fallen(met, inUse / 2, nowMs);
  const { requestsLeft } = signal;
  if (requestsLeft !== null && requestsLeft < inUse) return fallen(met, requestsLeft, nowMs);
  if (isNews && isLate(met)) return fallen(met, (inUse * 3) / 4, nowMs);
  if (met.allowed === met.max || nowMs - met.changedAtMs < QUIET_MS) return met;
  return { ...met, allowed: met.allowed + 1, changedAtMs: nowMs };
}

function note(state: ParallelState, latencyMs: number): ParallelState {
  const { quickMs, recentMs } = state;
  return {
    ...state,
    quickMs: quickMs === null ? latencyMs : Math.min(latencyMs, quickMs * FORGOTTEN),
    recentMs: recentMs === null ? latencyMs : recentMs + WEIGHT * (latencyMs - recentMs),
    repliesSince: state.repliesSince + 1,
  };
}

function isLate({ quickMs, recentMs, repliesSince }: ParallelState): boolean {
  if (quickMs === null || recentMs === null || repliesSince < REPLIES_MIN) return false;
  return recentMs > LATE_TIMES * quickMs && recentMs > quickMs + LATE_MS;
}

/** Replies to what is under way still are of the time before: they are not counted, see `changedAtMs`. */
const fallen = (state: ParallelState, allowed: number, nowMs: number): ParallelState => ({
  ...state,
  allowed: Math.max(1, Math.floor(allowed)),
  changedAtMs: nowMs,
  recentMs: null,
  repliesSince: 0,
});

/** Places for requests under way, given in the order they are asked for. */
export interface Slots {
  /** Places there are now. */
  readonly allowed: number;
  /** Waits for a place. @returns gives it back. Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void>;
  learn(signal: ParallelSignal): void;
}

export function createSlots(max: number, nowMs: () => number = () => performance.now()): Slots {
  let state = newParallelState(max, nowMs());
  let underWay = 0;
  const waiting = new Set<() => void>();
  const admit = (): void => {
    for (const go of waiting) {
      if (underWay >= state.allowed) return;
      waiting.delete(go);
      underWay += 1;
      go();
    }
  };
  const leave = (): void => {
    underWay -= 1;
    admit();
  };
  const turn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.delete(go);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(go);
      admit();
    });
  return {
    get allowed() {
      return state.allowed;
    },
    async enter(signal) {
      signal.throwIfAborted();
      await turn(signal);
      let isLeft = false;
      return () => {
        if (!isLeft) leave();
        isLeft = true;
      };
    },
    learn(signal) {
      state = learn(state, signal, underWay, nowMs());
      admit();
    },
  };
}
