/** The budget of requests and the places for them, together against a server with a limit, in a time of their own. */
import { expect, test } from 'vitest';
import { learn as learnPlaces, newParallelState, type ParallelState } from '../../src/source/parallel.ts';
import { learn as learnRate, newRateState, type RateState, reserve } from '../../src/source/rate-budget.ts';

const MINUTE_MS = 60_000;
const LATENCY_MS = 50;

interface Limit {
  readonly perMinute: number;
  /** What a 429 says of when to come back. */
  readonly retryAfter: 'till the next minute' | 'nothing';
  readonly hasHeaders: boolean;
}

interface Outcome {
  readonly answers: number;
  readonly refused: number;
}

/** So many walkers that never rest, for so long. A refused request waits half a second and then as the server said. */
function askFor(minutes: number, walkers: number, requestsPerMinute: number, limit: Limit): Outcome {
  let rate: RateState = newRateState(requestsPerMinute, 0);
  let places: ParallelState = newParallelState(walkers, 0);
  let underWay = 0;
  let [answers, refused] = [0, 0];
  const inMinute = new Map<number, number>();
  const events: { readonly atMs: number; readonly happen: (nowMs: number) => void }[] = [];
  const at = (atMs: number, happen: (nowMs: number) => void): void => {
    const place = events.findLastIndex((event) => event.atMs <= atMs);
    events.splice(place + 1, 0, { atMs, happen });
  };
  const waiting: ((nowMs: number) => void)[] = [];
  const admit = (nowMs: number): void => {
    while (waiting.length > 0 && underWay < places.allowed) {
      underWay += 1;
      waiting.shift()?.(nowMs);
    }
  };
  const take = (nowMs: number): void => {
    const reserved = reserve(rate, nowMs);
    rate = reserved.state;
    at(reserved.startAtMs, (startMs) => (rate.pausedUntilMs - startMs < 1 ? send(startMs) : take(startMs)));
  };
  const send = (startedAtMs: number): void => {
    const minute = Math.floor(startedAtMs / MINUTE_MS);
    const count = (inMinute.get(minute) ?? 0) + 1;
    const isRefused = count > limit.perMinute;
    if (!isRefused) inMinute.set(minute, count);
    const tillNextMs = (minute + 1) * MINUTE_MS - startedAtMs;
    const requestsLeft = limit.hasHeaders ? Math.max(0, limit.perMinute - count) : null;
    at(startedAtMs + LATENCY_MS, (nowMs) => {
      answers += 1;
      if (isRefused) refused += 1;
      const waitMs = limit.retryAfter === 'nothing' ? 0 : tillNextMs;
      const left = requestsLeft === null ? null : { requests: requestsLeft, resetMs: tillNextMs };
      rate = learnRate(rate, { startedAtMs, throttledMs: isRefused ? waitMs : null, left }, nowMs);
      const signal = { startedAtMs, isThrottled: isRefused, requestsLeft, latencyMs: LATENCY_MS };
      places = learnPlaces(places, signal, underWay, nowMs);
      underWay -= 1;
      admit(nowMs);
      at(nowMs + (isRefused ? 500 + waitMs : 0), ask);
    });
  };
  const ask = (nowMs: number): void => {
    waiting.push(take);
    admit(nowMs);
  };
  for (let walker = 0; walker < walkers; walker += 1) at(walker, ask);
  for (let event = events.shift(); event !== undefined; event = events.shift()) {
    if (event.atMs > minutes * MINUTE_MS) break;
    event.happen(event.atMs);
  }
  return { answers, refused };
}

test.each([
  ['with rate-limit headers', { retryAfter: 'till the next minute', hasHeaders: true }],
  ['with Retry-After', { retryAfter: 'till the next minute', hasHeaders: false }],
  ['that says nothing', { retryAfter: 'nothing', hasHeaders: false }],
] as const)(
  'a server %s that allows 300 a minute refuses no more than 2 % of what eight walkers ask, and is made use of',
  (_, how) => {
    for (const requestsPerMinute of [500, 3_000]) {
      const { answers, refused } = askFor(30, 8, requestsPerMinute, { perMinute: 300, ...how });
      expect(refused).toBeLessThanOrEqual(0.02 * answers);
      expect(answers - refused).toBeGreaterThan(0.5 * 30 * 300);
    }
  },
);
