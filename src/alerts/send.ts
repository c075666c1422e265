/** One request to whoever is to be told. Its URL is a secret: it is in no error and no log. */
import { TerminalError, TransientError } from '../errors.ts';
import { packageVersion } from '../package.ts';
import {
  connectionProblem,
  isCertificateCode,
  isUnknownAuthority,
  TRUST_AUTHORITY,
} from '../source/connection-error.ts';
import { FailedAttempt, mayPass, retryAfterMs, withRetries } from '../source/retry.ts';

export interface SendOptions {
  /** Ends it; the signal's reason is thrown. */
  readonly signal: AbortSignal;
  /** Times a failed request is sent again; 3 unless given. */
  readonly retriesMax?: number;
  /** Of one request, until its answer begins; 10 unless given. */
  readonly secondsMax?: number;
  /** Multiplies the waits in between; 1 unless a test is in a hurry. */
  readonly delayScale?: number;
}

export interface Letter {
  /** The setting that holds the URL: what an error names instead of it. */
  readonly setting: 'ALERT_WEBHOOK' | 'HEARTBEAT_URL';
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const SECONDS_MAX = 10;
/** Whoever asks for a longer wait gets it a little early, or not. */
const WAIT_MS_MAX = 10_000;

/**
 * Sends it, and again after a lost connection, 429 or 5xx.
 *
 * @throws {TransientError} when that did not help; {@link TerminalError} for any other answer but 2xx.
 */
export async function send(letter: Letter, options: SendOptions): Promise<void> {
  await withRetries(() => attempt(letter, options), {
    retriesMax: options.retriesMax ?? 3,
    signal: options.signal,
    delayScale: options.delayScale ?? 1,
    onRetry: () => {},
  });
}

async function attempt(
  { setting, url, method, headers, body }: Letter,
  { signal, secondsMax = SECONDS_MAX }: SendOptions,
): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { 'user-agent': `tokenhouse/${packageVersion}`, ...headers },
    ...(body === undefined ? {} : { body }),
    // It is for the one it was addressed to.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(secondsMax * 1000)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw unreachable(setting, error, secondsMax);
  });
  await response.body?.cancel();
  const { status } = response;
  if (response.ok) return;
  const message = `${setting} answered with status ${status}`;
  if (mayPass(status, response.headers)) {
    const asked = retryAfterMs(response.headers, Date.now());
    const waitMs = asked === null ? null : Math.min(asked, WAIT_MS_MAX);
    throw new FailedAttempt(new TransientError(message), { retry: true, waitMs, status });
  }
  throw new FailedAttempt(new TerminalError(`${message}: check the URL`), { retry: false, status });
}

/** Not the error itself: its message may name the host. */
function unreachable(setting: string, error: unknown, secondsMax: number): FailedAttempt {
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  const { code, proxyStatus } = connectionProblem(error);
  if (isCertificateCode(code)) {
    const how = isUnknownAuthority(code) ? TRUST_AUTHORITY : 'check the URL';
    const message = `the certificate of ${setting}’s host is not accepted (${code}): ${how}`;
    return new FailedAttempt(new TerminalError(message), { retry: false });
  }
  const byProxy = `the proxy does not connect, status ${proxyStatus}: check HTTPS_PROXY`;
  const reason = proxyStatus === null ? (code ?? 'no code') : byProxy;
  const said = isLate ? `no answer in ${secondsMax} s` : reason;
  return new FailedAttempt(new TransientError(`${setting} cannot be reached (${said})`), { retry: true });
}
