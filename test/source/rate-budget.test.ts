import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createRateBudget,
  durationMs,
  learn,
  newRateState,
  type RateState,
  readLimitHeaders,
  reserve,
} from '../../src/source/rate-budget.ts';
import { rejection } from './support.ts';

const MINUTE_MS = 60_000;

describe('the budget', () => {
  const event = fc.record({
    passMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
    throttledMs: fc.option(fc.nat(90_000), { freq: 3 }),
    left: fc.option(fc.record({ requests: fc.nat(50), resetMs: fc.nat(400_000) }), { freq: 2 }),
  });

  test('no minute holds more starts than the setting, no start lies in a pause, and the rate stays within its bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.array(event, { maxLength: 200 }), (max, events) => {
        let state = newRateState(max, 0);
        let now = 0;
        const starts: number[] = [];
        for (const { passMs, throttledMs, left } of events) {
          now += passMs;
          const pausedUntilMs = state.pausedUntilMs;
          const reserved = reserve(state, now);
          expect(reserved.startAtMs).toBeGreaterThanOrEqual(Math.max(now, pausedUntilMs));
          starts.push(reserved.startAtMs);
          now = reserved.startAtMs;
          state = learn(reserved.state, { startedAtMs: now, throttledMs, left }, now);
          expect(state.perMinute).toBeLessThanOrEqual(max);
          expect(state.perMinute).toBeGreaterThanOrEqual(Math.min(max, 6));
        }
        for (const [i, from] of starts.entries()) {
          // Half a millisecond for rounding of the sums.
          const inMinute = starts.slice(i).filter((at) => at < from + MINUTE_MS - 0.5);
          expect(inMinute.length).toBeLessThanOrEqual(max);
        }
      }),
    );
  });

  const quiet = { throttledMs: null, left: null };
  const after = (state: RateState, ms: number, throttledMs: number | null, startedAtMs = ms): RateState =>
    learn(state, { startedAtMs, throttledMs, left: null }, ms);

  test('a 429 halves it and holds everything back for the time asked for', () => {
    const state = after(newRateState(600, 0), 1000, 5000);
    expect(state.perMinute).toBe(300);
    expect(reserve(state, 1000).startAtMs).toBe(6000);
  });

  test('requests refused together halve it once', () => {
    const once = after(newRateState(600, 0), 1000, 0, 500);
    expect(after(once, 1001, 0, 501).perMinute).toBe(300);
    expect(after(once, 1600, 0, 1500).perMinute).toBe(150);
  });

  test('half of it comes back in five minutes, not sooner', () => {
    let state = after(newRateState(600, 0), 0, 0);
    for (let s = 1; s <= 240; s++) state = learn(state, { startedAtMs: s * 1000, ...quiet }, s * 1000);
    expect(state.perMinute).toBeCloseTo(540, 0);
    for (let s = 241; s <= 400; s++) state = learn(state, { startedAtMs: s * 1000, ...quiet }, s * 1000);
    expect(state.perMinute).toBe(600);
  });

  test('what is left is spread over the time until the reset', () => {
    const left = { requests: 9, resetMs: 10_000 };
    const state = learn(newRateState(6000, 0), { startedAtMs: 0, throttledMs: null, left }, 0);
    const first = reserve(state, 0);
    expect(reserve(first.state, 0).startAtMs).toBe(1000);
    const none = learn(state, { startedAtMs: 0, throttledMs: null, left: { requests: 0, resetMs: 4000 } }, 0);
    expect(reserve(none, 0).startAtMs).toBe(4000);
  });

  test('a header alone holds it back for a minute at the most', () => {
    const left = { requests: 0, resetMs: 86_400_000 };
    const state = learn(newRateState(6000, 0), { startedAtMs: 0, throttledMs: null, left }, 0);
    expect(reserve(state, 0).startAtMs).toBe(MINUTE_MS);
  });

  test('waits for its turn, and an abort ends the wait with its own reason', async () => {
    const budget = createRateBudget(1200);
    const controller = new AbortController();
    const begun = performance.now();
    for (let i = 0; i < 4; i++) await budget.take(controller.signal);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(148);
    budget.learn({ startedAtMs: performance.now(), throttledMs: 60_000, left: null });
    const reason = new Error('shutting down');
    setTimeout(() => controller.abort(reason), 20);
    expect(await rejection(budget.take(controller.signal))).toBe(reason);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('those who wait when a pause comes do not start together when it ends', async () => {
    const budget = createRateBudget(3000);
    const { signal } = new AbortController();
    await budget.take(signal);
    const waiting = [1, 2, 3].map(() => budget.take(signal));
    budget.learn({ startedAtMs: performance.now(), throttledMs: 100, left: null });
    const starts = (await Promise.all(waiting)).toSorted((a, b) => a - b);
    const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThan(20);
  });
});

describe('durations of the headers', () => {
  test.each([
    ['12ms', 12],
    ['1s', 1000],
    ['6m0s', 360_000],
    ['1h2m3.5s', 3_723_500],
    ['500µs', 0.5],
    ['59.7s', 59_700],
    ['30', 30_000],
    ['0', 0],
    ['1758039093', null],
    ['', null],
    ['-1', null],
    ['-1s', null],
    ['soon', null],
    ['1s later', null],
    ['s', null],
  ])('%j is %s ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test('any text gives milliseconds or null', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = durationMs(text);
        expect(ms === null || (Number.isFinite(ms) && ms >= 0)).toBe(true);
      }),
    );
  });

  test.each([
    ['499', '120ms', { requests: 499, resetMs: 120 }],
    ['0', '6m0s', { requests: 0, resetMs: 360_000 }],
    ['-1', '1s', null],
    ['0', '0', null],
    ['0', null, null],
    ['many', '1s', null],
    [null, '1s', null],
  ])('remaining %j and reset %j', (remaining, reset, expected) => {
    const headers = new Headers();
    if (remaining !== null) headers.set('x-ratelimit-remaining-requests', remaining);
    if (reset !== null) headers.set('x-ratelimit-reset-requests', reset);
    expect(readLimitHeaders(headers)).toEqual(expected);
  });
});
