import { TerminalError, TransientError, UnreadablePageError } from '../errors.ts';
import { settingName } from './endpoint.ts';
import { FailedAttempt } from './retry.ts';
import type { SourceSettings } from './settings.ts';

/** A reply read to its end, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Certificates do not mend themselves within a retry. */
const CERTIFICATE_CODE = /^(?:ERR_TLS_CERT|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY))/;

/**
 * One GET, body included, within the time a request may take.
 *
 * @throws {FailedAttempt} for a lost connection or a reply that is not complete in time; the signal's own reason when
 * that aborts.
 */
export async function exchange(
  settings: SourceSettings,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Reply> {
  signal.throwIfAborted();
  // Our own controller in place of AbortSignal.any(signal, AbortSignal.timeout()): the timer ends with the request, and
  // a worker's signal, which lives for months, keeps nothing of it.
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, settings.requestTimeoutSeconds * 1000);
  signal.addEventListener('abort', abort, { once: true });
  try {
    // A redirect is not followed: the key would go along.
    const response = await fetch(url, { headers, redirect: 'manual', signal: controller.signal });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    signal.throwIfAborted();
    throw controller.signal.aborted ? timedOut(settings) : lost(settings, error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function timedOut(settings: SourceSettings): FailedAttempt {
  const message = `source ${settings.name}: no complete reply within ${settings.requestTimeoutSeconds} s (REQUEST_TIMEOUT_SECONDS)`;
  return new FailedAttempt(new UnreadablePageError(message), { retry: true });
}

function lost(settings: SourceSettings, error: unknown): FailedAttempt {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null;
  const given = cause !== null && 'code' in cause ? cause.code : null;
  const code = typeof given === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(given) ? given : 'no code';
  const baseUrl = settingName(settings, 'BASE_URL');
  // undici's parser errors (HPE_…) carry the reply's bytes, so they do not become the cause.
  const options = code === 'no code' || code.startsWith('HPE_') ? {} : { cause };
  if (CERTIFICATE_CODE.test(code)) {
    const message = `source ${settings.name}: the server's certificate is not accepted (${code}): check ${baseUrl}, or NODE_EXTRA_CA_CERTS for a private authority`;
    return new FailedAttempt(new TerminalError(message, options), { retry: false });
  }
  const hint = code === 'ENOTFOUND' || code === 'ECONNREFUSED' ? `: if it stays so, check ${baseUrl}` : '';
  const message = `source ${settings.name}: the connection failed or was lost (${code})${hint}`;
  return new FailedAttempt(new TransientError(message, options), { retry: true });
}
