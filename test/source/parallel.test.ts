import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createSlots,
  learn,
  newParallelState,
  type ParallelSignal,
  type ParallelState,
} from '../../src/source/parallel.ts';

const reply = (startedAtMs: number, more: Partial<ParallelSignal> = {}): ParallelSignal => ({
  startedAtMs,
  isThrottled: false,
  requestsLeft: null,
  latencyMs: 100,
  ...more,
});

/** So many replies, each to a request of its own time. */
function answered(state: ParallelState, latencyMs: number, count: number, fromMs: number): ParallelState {
  return Array.from({ length: count }).reduce<ParallelState>(
    (now, _, index) => learn(now, reply(fromMs + index, { latencyMs }), now.allowed, fromMs + index),
    state,
  );
}

describe('how many requests may be under way', () => {
  const signal = fc.record({
    passMs: fc.nat(8_000),
    ageMs: fc.nat(3_000),
    isThrottled: fc.boolean(),
    requestsLeft: fc.option(fc.nat(30)),
    latencyMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
  });

  test('one at least, the setting at most, and never two more at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.array(signal, { maxLength: 200 }), (max, signals) => {
        let state = newParallelState(max, 0);
        let now = 0;
        for (const { passMs, ageMs, ...rest } of signals) {
          now += passMs;
          const before = state.allowed;
          state = learn(state, { startedAtMs: now - ageMs, ...rest }, before, now);
          expect(state.allowed).toBeGreaterThanOrEqual(1);
          expect(state.allowed).toBeLessThanOrEqual(Math.min(max, before + 1));
        }
      }),
    );
  });

  test('a 429 halves it, those refused together do so once, and it comes back one by one', () => {
    let state = learn(newParallelState(8, 0), reply(1_000, { isThrottled: true }), 8, 1_100);
    expect(state.allowed).toBe(4);
    state = learn(state, reply(1_050, { isThrottled: true }), 7, 1_150);
    expect(state.allowed).toBe(4);
    state = learn(state, reply(2_000), 4, 2_100);
    expect(state.allowed).toBe(4);
    state = learn(state, reply(6_100), 4, 6_200);
    expect(state.allowed).toBe(5);
    state = learn(state, reply(6_200), 5, 6_300);
    expect(state.allowed).toBe(5);
  });

  test('fewer requests left than are under way: no more than that', () => {
    expect(learn(newParallelState(8, 0), reply(1_000, { requestsLeft: 3 }), 8, 1_100).allowed).toBe(3);
    expect(learn(newParallelState(8, 0), reply(1_000, { requestsLeft: 0 }), 8, 1_100).allowed).toBe(1);
    expect(learn(newParallelState(8, 0), reply(1_000, { requestsLeft: 300 }), 8, 1_100).allowed).toBe(8);
  });

  test('replies that come much later than they did: fewer, and more again when they are quick', () => {
    let state = answered(newParallelState(8, 0), 100, 20, 1_000);
    expect(state.allowed).toBe(8);
    state = answered(state, 900, 4, 2_000);
    expect(state.allowed).toBe(6);
    state = answered(state, 900, 12, 3_000);
    expect(state.allowed).toBeLessThan(5);
    const low = state.allowed;
    for (let second = 10; second <= 60; second += 1) state = answered(state, 100, 4, second * 1_000);
    expect(state.allowed).toBeGreaterThan(low);
    expect(state.allowed).toBe(8);
  });

  test('a hiccup of a fast server, and a server that is slow from the beginning, are nothing', () => {
    expect(answered(answered(newParallelState(8, 0), 5, 20, 1_000), 80, 50, 2_000).allowed).toBe(8);
    expect(answered(newParallelState(8, 0), 5_000, 100, 1_000).allowed).toBe(8);
  });
});

describe('places', () => {
  test('as many as are allowed, in the order asked for; an abort leaves the queue', async () => {
    const slots = createSlots(2, () => 0);
    const { signal } = new AbortController();
    const leaveFirst = await slots.enter(signal);
    await slots.enter(signal);
    const entered: string[] = [];
    const gone = new AbortController();
    const third = slots.enter(gone.signal).then(() => entered.push('third'));
    const fourth = slots.enter(signal).then(() => entered.push('fourth'));
    await new Promise(setImmediate);
    expect(entered).toEqual([]);
    gone.abort(new Error('gone'));
    await expect(third).rejects.toThrow('gone');
    leaveFirst();
    leaveFirst();
    await fourth;
    expect(entered).toEqual(['fourth']);
    let isIn = false;
    void slots.enter(signal).then(() => {
      isIn = true;
    });
    await new Promise(setImmediate);
    expect(isIn).toBe(false);
  });

  test('after a 429 who comes waits until fewer are under way', async () => {
    let now = 0;
    const slots = createSlots(4, () => now);
    const { signal } = new AbortController();
    const leaves = [];
    for (let n = 0; n < 4; n += 1) leaves.push(await slots.enter(signal));
    now = 10;
    slots.learn(reply(5, { isThrottled: true }));
    expect(slots.allowed).toBe(2);
    let isIn = false;
    const next = slots.enter(signal).then(() => {
      isIn = true;
    });
    leaves[0]?.();
    leaves[1]?.();
    await new Promise(setImmediate);
    expect(isIn).toBe(false);
    leaves[2]?.();
    await next;
    expect(isIn).toBe(true);
  });
});
