/** One alert to the webhook. Its URL is a secret: it is in no error and no log. */
import { TerminalError, TokenhouseError, TransientError } from '../errors.ts';
import type { Log } from '../log.ts';
import { packageVersion } from '../package.ts';
import { FailedAttempt, mayPass, retryAfterMs, withRetries } from '../source/retry.ts';
import type { Alert } from './alerts.ts';

export interface PostOptions {
  /** Ends it; the signal's reason is thrown. */
  readonly signal: AbortSignal;
  /** Times a failed post is sent again; 3 unless given. */
  readonly retriesMax?: number;
  /** Multiplies the waits in between; 1 unless a test is in a hurry. */
  readonly delayScale?: number;
}

const POST_SECONDS_MAX = 10;
/** Whoever asks for a longer wait gets the alert a little early, or not. */
const WAIT_MS_MAX = 10_000;

/**
 * Posts it, and again after a lost connection, 429 or 5xx.
 *
 * @throws {TransientError} when that did not help; {@link TerminalError} for any other answer but 2xx.
 */
export async function postAlert(webhook: string, alert: Alert, options: PostOptions): Promise<void> {
  await withRetries(() => attempt(webhook, alert, options.signal), {
    retriesMax: options.retriesMax ?? 3,
    signal: options.signal,
    delayScale: options.delayScale ?? 1,
    onRetry: () => {},
  });
}

async function attempt(webhook: string, alert: Alert, signal: AbortSignal): Promise<void> {
  const response = await fetch(webhook, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': `tokenhouse/${packageVersion}`,
      // For a receiver that drops what it has had, as a post whose answer was lost is sent again.
      'idempotency-key': alert.key,
    },
    body: JSON.stringify(alert),
    // The alert is for the one it was addressed to.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(POST_SECONDS_MAX * 1000)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new FailedAttempt(new TransientError(`ALERT_WEBHOOK cannot be reached (${codeOf(error)})`), {
      retry: true,
    });
  });
  await response.body?.cancel();
  const { status, headers } = response;
  if (response.ok) return;
  const message = `ALERT_WEBHOOK answered with status ${status}`;
  if (mayPass(status, headers)) {
    const asked = retryAfterMs(headers, Date.now());
    const waitMs = asked === null ? null : Math.min(asked, WAIT_MS_MAX);
    throw new FailedAttempt(new TransientError(message), { retry: true, waitMs, status });
  }
  throw new FailedAttempt(new TerminalError(`${message}: check the URL`), { retry: false, status });
}

/** Not the error itself: its message may name the host. */
function codeOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer in ${POST_SECONDS_MAX} s`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null;
  const code = cause !== null && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'no code';
}

/**
 * Posts all, one after the other, within the time. What fails is a warning: it changes nothing of what the run came to.
 *
 * @param secondsMax for all together.
 */
export async function postAlerts(
  webhook: string,
  alerts: readonly Alert[],
  log: Log,
  secondsMax: number,
): Promise<void> {
  const signal = AbortSignal.timeout(secondsMax * 1000);
  for (const alert of alerts) {
    const { key, kind, source } = alert;
    try {
      await postAlert(webhook, alert, { signal });
      log.info({ key, kind, source }, 'alert posted');
    } catch (error) {
      const isOurs = error instanceof TokenhouseError;
      const reason = isOurs ? error.message : signal.aborted ? `not posted in ${secondsMax} s` : 'unexpected';
      log.warn({ key, kind, source, reason }, 'alert could not be posted');
    }
  }
}
