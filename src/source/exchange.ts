import { isUtf8 } from 'node:buffer';
import { ReplyTooLargeError, TerminalError, TransientError, UnreadablePageError } from '../errors.ts';
import {
  connectionProblem,
  isCertificateCode,
  isUnknownAuthority,
  TRUST_AUTHORITY,
} from './connection-error.ts';
import { settingName } from './endpoint.ts';
import { FailedAttempt } from './retry.ts';
import type { SourceSettings } from './settings.ts';

/** A reply read to its end, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Milliseconds until the headers came. */
  readonly latencyMs: number;
  /** Valid UTF-8 without a byte order mark. */
  readonly body: Buffer;
}

/**
 * One GET, body included, within the time a request may take.
 *
 * @throws {FailedAttempt} for a lost connection, a reply that is not complete in time or longer than one may be; the signal's
 * own reason when that aborts.
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
    const sentMs = performance.now();
    // A redirect is not followed: the key would go along.
    const response = await fetch(url, { headers, redirect: 'manual', signal: controller.signal });
    const latencyMs = performance.now() - sentMs;
    const body = await readBody(response, settings.responseBytesMax);
    return { status: response.status, headers: response.headers, latencyMs, body: asUtf8(body) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TooLarge) throw overSize(settings, error);
    throw controller.signal.aborted ? timedOut(settings) : lost(settings, error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/**
 * The body, decoded, counted while it comes: a reply without end, or one that unpacks to gigabytes, is given up in time.
 *
 * @throws {TooLarge} with its beginning.
 */
async function readBody(response: Response, bytesMax: number): Promise<Buffer> {
  const whole = spaceFor(response, bytesMax);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of response.body ?? []) {
    if (whole === null) chunks.push(chunk);
    else whole.set(chunk, bytes);
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new TooLarge(Buffer.concat(chunks, BEGINNING_BYTES));
  }
  if (whole !== null) return whole.subarray(0, bytes);
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1)
    return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  return Buffer.concat(chunks, bytes);
}

/** Where a long reply goes as it comes: put together at the end, it would be in memory twice. null: its length is not told. */
function spaceFor(response: Response, bytesMax: number): Buffer | null {
  const length = Number(response.headers.get('content-length') ?? 0);
  const isPacked = response.headers.has('content-encoding');
  return isPacked || !(length > LONG_REPLY_BYTES && length <= bytesMax)
    ? null
    : Buffer.allocUnsafeSlow(length);
}

const LONG_REPLY_BYTES = 1024 * 1024;

/** Enough of a reply to hold the id of its first row. */
const BEGINNING_BYTES = 64 * 1024;

class TooLarge extends Error {
  readonly beginning: Buffer;
  constructor(beginning: Buffer) {
    super('the reply is too large');
    this.beginning = beginning;
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** What is no UTF-8 becomes U+FFFD. */
function asUtf8(body: Buffer): Buffer {
  if (!isUtf8(body)) return Buffer.from(new TextDecoder().decode(body));
  return body.subarray(0, 3).equals(BYTE_ORDER_MARK) ? body.subarray(3) : body;
}

/** Not to be tried again: the same page has the same size. */
function overSize(settings: SourceSettings, { beginning }: TooLarge): FailedAttempt {
  const megabytes = Math.floor(settings.responseBytesMax / 1024 / 1024);
  const id = /"id" ?: ?"([\w.:-]{1,200})"/.exec(beginning.toString('latin1'))?.[1];
  const row = id === undefined ? '' : `, from the row ${id} on`;
  const message = `source ${settings.name}: the reply is larger than ${megabytes} MB (MAX_RESPONSE_MB)${row}: raise it, if the server is to be trusted`;
  return new FailedAttempt(new ReplyTooLargeError(message, id ?? null), { retry: false });
}

function timedOut(settings: SourceSettings): FailedAttempt {
  const message = `source ${settings.name}: no complete reply within ${settings.requestTimeoutSeconds} s (REQUEST_TIMEOUT_SECONDS)`;
  return new FailedAttempt(new UnreadablePageError(message), { retry: true });
}

function lost(settings: SourceSettings, error: unknown): FailedAttempt {
  const { code, cause, proxyStatus } = connectionProblem(error);
  const baseUrl = settingName(settings, 'BASE_URL');
  const options = cause === null ? {} : { cause };
  const said = `source ${settings.name}:`;
  if (proxyStatus !== null) {
    const message = `${said} the proxy does not connect (status ${proxyStatus}): check HTTPS_PROXY, with user and password where it asks for them, or name the host of ${baseUrl} in NO_PROXY`;
    const passes = proxyStatus >= 500 || proxyStatus === 429;
    const ours = passes ? new TransientError(message, options) : new TerminalError(message, options);
    return new FailedAttempt(ours, { retry: passes });
  }
  if (isCertificateCode(code)) {
    const of = `the certificate of ${new URL(settings.baseUrl).host} is not accepted`;
    const message = isUnknownAuthority(code)
      ? `${said} ${of}, as its authority is not known here (${code}): ${TRUST_AUTHORITY}; else check ${baseUrl}`
      : `${said} ${of} (${code}): check ${baseUrl} and this machine's clock`;
    return new FailedAttempt(new TerminalError(message, options), { retry: false });
  }
  const hint = code === 'ENOTFOUND' || code === 'ECONNREFUSED' ? `: if it stays so, check ${baseUrl}` : '';
  const message = `${said} the connection failed or was lost (${code ?? 'no code'})${hint}`;
  return new FailedAttempt(new TransientError(message, options), { retry: true });
}
