import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TransientError } from '../../src/errors.ts';
import {
  backoffMs,
  FailedAttempt,
  isBillingCode,
  mayPass,
  type RetryEvent,
  retryAfterMs,
  withRetries,
} from '../../src/source/retry.ts';
import { rejection } from './support.ts';

const NOW_MS = Date.parse('2026-11-23T12:00:00Z');

describe('the wait a server asks for', () => {
  test.each([
    [{}, null],
    [{ 'retry-after': '1' }, 1000],
    [{ 'retry-after': '90' }, 90_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '5 apples' }, null],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after-ms': 'x', 'retry-after': '9' }, 9000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT' }, 0],
    // The server's clock is ten minutes behind ours: its own Date is what its date is meant against.
    [{ 'retry-after': 'Mon, 23 Nov 2026 11:50:30 GMT', date: 'Mon, 23 Nov 2026 11:50:00 GMT' }, 30_000],
  ])('%j', (headers, ms) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>), NOW_MS)).toBe(ms);
  });
});

describe('what may pass', () => {
  test.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [408, true],
    [409, true],
    [422, false],
    [429, true],
    [500, true],
    [501, false],
    [502, true],
    [503, true],
    [529, true],
  ])('%i: %s', (status, expected) => {
    expect(mayPass(status, new Headers())).toBe(expected);
    expect(mayPass(status, new Headers({ 'x-should-retry': 'true' }))).toBe(true);
    expect(mayPass(status, new Headers({ 'x-should-retry': 'false' }))).toBe(false);
  });

  test.each([
    ['insufficient_quota', true],
    ['credit_balance_exhausted', true],
    ['project_spend_limit_exceeded', true],
    ['billing_hard_limit_reached', true],
    ['rate_limit_exceeded', false],
    ['slow_down', false],
    [null, false],
  ])('billing code %s: %s', (code, expected) => {
    expect(isBillingCode(code)).toBe(expected);
  });
});

test('the backoff doubles up to half a minute, half of it by chance', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.double({ min: 0, max: 0.999, noNaN: true }), (retries, random) => {
      const full = Math.min(30_000, 500 * 2 ** retries);
      expect(backoffMs(retries, random)).toBeGreaterThanOrEqual(full / 2);
      expect(backoffMs(retries, random)).toBeLessThanOrEqual(full);
    }),
  );
});

describe('withRetries', () => {
  const options = (retriesMax: number, events: RetryEvent[] = []) => ({
    retriesMax,
    signal: new AbortController().signal,
    delayScale: 0.001,
    onRetry: (event: RetryEvent) => void events.push(event),
  });
  const failed = (how: { retry: boolean; waitMs?: number }) =>
    new FailedAttempt(new TransientError('no'), how);

  test('tries once and then as often as allowed, and throws the last failure', async () => {
    const events: RetryEvent[] = [];
    let tries = 0;
    const last = await rejection(
      withRetries(
        async () => {
          tries++;
          throw failed({ retry: true, waitMs: 2000 });
        },
        options(2, events),
      ),
    );
    expect(last).toBeInstanceOf(TransientError);
    expect(tries).toBe(3);
    expect(events).toEqual([
      { attempt: 1, retriesLeft: 2, waitMs: 2000, status: null, reason: 'no' },
      { attempt: 2, retriesLeft: 1, waitMs: 2000, status: null, reason: 'no' },
    ]);
  });

  test.each([
    ['a failure not to be retried', failed({ retry: false })],
    ['an error of another kind', new RangeError('a mistake of ours')],
  ])('%s ends it at once', async (_title, error) => {
    let tries = 0;
    const attempt = async () => {
      tries++;
      throw error;
    };
    const thrown = await rejection(withRetries(attempt, options(5)));
    expect(thrown).toBe(error instanceof FailedAttempt ? error.failure : error);
    expect(tries).toBe(1);
  });

  test('an abort while waiting ends it at once with its own reason', async () => {
    const controller = new AbortController();
    const reason = new Error('shutting down');
    setTimeout(() => controller.abort(reason), 20);
    const attempt = async () => {
      throw failed({ retry: true, waitMs: 60_000 });
    };
    const begun = performance.now();
    const waiting = withRetries(attempt, { ...options(5), delayScale: 1, signal: controller.signal });
    expect(await rejection(waiting)).toBe(reason);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
