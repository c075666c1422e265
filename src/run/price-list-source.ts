/** The text of a price list: a file, or what a URL answers. */
import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { TerminalError, TransientError } from '../errors.ts';
import { packageVersion } from '../package.ts';
import {
  connectionProblem,
  isCertificateCode,
  isUnknownAuthority,
  TRUST_AUTHORITY,
} from '../source/connection-error.ts';
import { FailedAttempt, mayPass, withRetries } from '../source/retry.ts';

/** LiteLLM's file has 3.5 MB. */
const BYTES_MAX = 64 * 1024 * 1024;
const SECONDS_MAX = 60;
const RETRIES_MAX = 2;
const REDIRECTS_MAX = 5;

const isUrl = (text: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(text);

/** How a list is named in errors and logs: a URL without its path, as a token may be in it. */
export const shownName = (from: string): string => {
  if (!isUrl(from)) return from;
  return URL.canParse(from) ? `the list at ${new URL(from).host}` : 'the list';
};

export interface ReadingOptions {
  readonly signal: AbortSignal;
  /** Bytes that it may have; fewer in tests. */
  readonly bytesMax?: number;
  /** Multiplies the waits between two tries; 1 unless a test is in a hurry. */
  readonly delayScale?: number;
}

/** @throws {TerminalError} for what cannot be read; {@link TransientError} when the server did not answer in the end. */
export function readPriceListText(from: string, options: ReadingOptions): Promise<string> {
  return isUrl(from) ? download(from, options) : readText(from, options.bytesMax ?? BYTES_MAX);
}

async function readText(path: string, bytesMax: number): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new TerminalError(`${path} is a folder: name a file`);
    if (found.size > bytesMax) throw tooLarge(path, bytesMax);
    return textOf(path, await readFile(path));
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new TerminalError(`${path} cannot be read (${code})`, { cause: error });
  }
}

async function download(from: string, options: ReadingOptions): Promise<string> {
  const name = shownName(from);
  const whole = AbortSignal.any([options.signal, AbortSignal.timeout(SECONDS_MAX * 1000)]);
  try {
    return await withRetries(() => follow(from, whole, options.bytesMax ?? BYTES_MAX), {
      retriesMax: RETRIES_MAX,
      signal: whole,
      delayScale: options.delayScale ?? 1,
      onRetry: () => {},
    });
  } catch (error) {
    options.signal.throwIfAborted();
    if (whole.aborted) throw new TransientError(`${name} did not come within ${SECONDS_MAX} s`);
    throw error;
  }
}

async function follow(from: string, signal: AbortSignal, bytesMax: number): Promise<string> {
  let url = urlOf(from, null);
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const response = await request(url, signal);
    const { status } = response;
    const location = response.headers.get('location');
    if (status >= 300 && status < 400 && location !== null) {
      await response.body?.cancel();
      if (!URL.canParse(location, url.href)) throw refused(`${shownName(from)} leads to what is no URL`);
      url = urlOf(new URL(location, url).href, url);
      continue;
    }
    if (response.ok) return await bodyOf(shownName(url.href), response, bytesMax);
    await response.body?.cancel();
    const message = `${shownName(url.href)} answered with status ${status}`;
    throw mayPass(status, response.headers)
      ? new FailedAttempt(new TransientError(message), { retry: true, status })
      : refused(`${message}: check the URL`);
  }
  throw refused(`${shownName(from)} leads elsewhere more than ${REDIRECTS_MAX} times`);
}

/** @param former where it was led from; null: it was asked for. */
function urlOf(text: string, former: URL | null): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw refused(
      former === null
        ? 'a URL of a price list must start with https:// or http://'
        : `${shownName(former.href)} leads to what is neither https:// nor http://`,
    );
  }
  if (former?.protocol === 'https:' && url.protocol === 'http:') {
    throw refused(`${shownName(former.href)} leads from https:// to http://, where anybody could change it`);
  }
  if (url.username !== '' || url.password !== '') {
    throw refused('a URL of a price list must not hold a user name or password');
  }
  return url;
}

async function request(url: URL, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { 'user-agent': `tokenhouse/${packageVersion}`, accept: 'application/json, text/csv, */*' },
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const { code, proxyStatus } = connectionProblem(error);
    const name = shownName(url.href);
    if (isCertificateCode(code)) {
      const how = isUnknownAuthority(code) ? TRUST_AUTHORITY : "check the URL and this machine's clock";
      throw refused(`the certificate of ${url.host} is not accepted (${code}): ${how}`);
    }
    const reason =
      proxyStatus === null
        ? (code ?? 'no code')
        : `the proxy does not connect, status ${proxyStatus}: check HTTPS_PROXY`;
    throw new FailedAttempt(new TransientError(`${name} cannot be reached (${reason})`), { retry: true });
  }
}

/** Counted as it comes, unpacked. */
async function bodyOf(name: string, response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) throw tooLarge(name, bytesMax);
      chunks.push(chunk);
    }
    return textOf(name, Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof TerminalError) throw new FailedAttempt(error, { retry: false });
    throw new FailedAttempt(new TransientError(`${name} was lost on its way`), { retry: true });
  }
}

function textOf(name: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  throw new TerminalError(`${name} is no text (UTF-8)`);
}

const tooLarge = (name: string, bytesMax: number): TerminalError =>
  new TerminalError(`${name} is larger than ${Math.floor(bytesMax / 1024 / 1024)} MB: it is no price list`);

const refused = (message: string): FailedAttempt =>
  new FailedAttempt(new TerminalError(message), { retry: false });
