import pRetry from 'p-retry';
import type { TerminalError, TransientError } from '../errors.ts';
import { sleepUntilAborted } from './sleep.ts';

/** A server that asks for a longer wait ends the run; the queue's own retry or the next night tries again. */
export const WAIT_MAX_MS = 15 * 60_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;

/** One try that failed: what the caller gets when it was the last one, and whether it need be. */
export class FailedAttempt extends Error {
  readonly failure: TransientError | TerminalError;
  readonly retry: boolean;
  /** Milliseconds the server asked to wait; null when it did not say. */
  readonly waitMs: number | null;
  /** HTTP status; null when there was no reply. */
  readonly status: number | null;

  constructor(
    failure: TransientError | TerminalError,
    how: { readonly retry: boolean; readonly waitMs?: number | null; readonly status?: number | null },
  ) {
    super(failure.message);
    this.failure = failure;
    this.retry = how.retry;
    this.waitMs = how.waitMs ?? null;
    this.status = how.status ?? null;
  }
}

/** What a retry is announced with. Holds no key, no URL and no text of a reply. */
export interface RetryEvent {
  /** The try that failed, from 1. */
  readonly attempt: number;
  readonly retriesLeft: number;
  /** Milliseconds until the next try. */
  readonly waitMs: number;
  readonly status: number | null;
  readonly reason: string;
}

/**
 * Codes of a 429 that only a person can end: the account has no credit or has met a limit its owner set.
 * @see api-facts 3.4 (digest of OpenAI's error list); openai-node 7.57.0 retries them in vain.
 */
export function isBillingCode(code: string | null): boolean {
  return (
    code !== null &&
    /^(?:insufficient_quota|credit_balance_exhausted|billing_hard_limit_reached|billing_not_active|\w*_spend_limit_exceeded)$/.test(
      code,
    )
  );
}

/** 408, 409, 429 and 5xx, unless `x-should-retry` says otherwise. 501 is no passing state: the server cannot do it. */
export function mayPass(status: number, headers: Headers): boolean {
  const told = headers.get('x-should-retry')?.trim().toLowerCase();
  if (told === 'true') return true;
  if (told === 'false') return false;
  return status === 408 || status === 409 || status === 429 || (status >= 500 && status !== 501);
}

/**
 * The wait a reply asks for: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date, which is read against
 * the reply's own Date so that a wrong clock here does no harm.
 *
 * @param nowMs milliseconds since 1970, used when the reply has no Date.
 * @returns milliseconds; null when it asks for none or cannot be read.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | null {
  const exact = readNumber(headers.get('retry-after-ms'));
  if (exact !== null) return exact;
  const text = headers.get('retry-after')?.trim() ?? '';
  const seconds = readNumber(text);
  if (seconds !== null) return seconds * 1000;
  const until = readDateMs(text);
  return until === null ? null : Math.max(0, until - (readDateMs(headers.get('date')) ?? nowMs));
}

function readNumber(text: string | null): number | null {
  return text !== null && /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : null;
}

/** @returns milliseconds since 1970 of an HTTP date ("Tue, 16 Sep 2025 16:12:17 GMT"); null for anything else. */
export function readDateMs(text: string | null): number | null {
  // Date.parse takes nearly anything, so the form is checked first.
  if (text === null || !/^[A-Z][a-z]{2,8},? .*\d/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** @param retries taken so far. @param random in [0, 1). @returns milliseconds: exponential, half of it by chance. */
export function backoffMs(retries: number, random: number): number {
  return Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** retries) * (0.5 + random / 2);
}

export interface RetryOptions {
  readonly retriesMax: number;
  readonly signal: AbortSignal;
  /** Multiplies every wait; below 1 in tests only. */
  readonly delayScale: number;
  /** Called before each wait. */
  onRetry(event: RetryEvent): void;
}

/**
 * The one layer that repeats requests.
 *
 * @param attempt throws {@link FailedAttempt} for what this policy is to judge; all else ends it at once.
 * @throws the last attempt's `failure`, or the signal's reason as soon as it aborts.
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal } = options;
  try {
    return await pRetry(attempt, {
      retries: options.retriesMax,
      // p-retry's own delay is off: it cannot wait for as long as a server asks.
      minTimeout: 0,
      signal,
      async shouldRetry({ error, attemptNumber, retriesLeft, retriesConsumed }) {
        if (!(error instanceof FailedAttempt) || !error.retry) return false;
        const waitMs = Math.round(error.waitMs ?? backoffMs(retriesConsumed, Math.random()));
        const reason = error.failure.message;
        options.onRetry({ attempt: attemptNumber, retriesLeft, waitMs, status: error.status, reason });
        await sleepUntilAborted(waitMs * options.delayScale, signal);
        return true;
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof FailedAttempt ? error.failure : error;
  }
}
