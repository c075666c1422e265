/** Who may ask what of the web server. Pure, but for the hash. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../config/fields.ts';

export type Access =
  | { readonly kind: 'granted' }
  /** Nothing, or something wrong, was given in place of the token. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Asking {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** @param token null: the server is for this machine only, and whoever is on it may ask. */
export function accessOf({ method, headers }: Asking, token: string | null): Access {
  if (token === null && !isLoopback(hostOf(headers.host)?.hostname ?? '')) {
    // A page on the web may have its own name resolved to 127.0.0.1, and its scripts read what they get from there.
    return refused('without HTTP_TOKEN only the name localhost is answered: ask by it, or set a token');
  }
  if (token !== null && !isToken(givenToken(headers.authorization), token)) return { kind: 'unknown' };
  if (!isSafe(method) && isFromElsewhere(headers)) {
    // A browser sends along the password it knows, whichever page makes it ask.
    return refused('a page of another site may not change anything here');
  }
  return { kind: 'granted' };
}

const refused = (reason: string): Access => ({ kind: 'refused', reason });

/** What a `Host` header names; null: nothing that could be. */
function hostOf(host: string | undefined): URL | null {
  const url = `http://${host ?? ''}`;
  return host !== undefined && !/[/?#@\\]/.test(host) && URL.canParse(url) ? new URL(url) : null;
}

/** What stands behind `Bearer`, or the password of `Basic`; null: neither. */
function givenToken(authorization: string | undefined): string | null {
  const [, scheme, value] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return null;
  if (scheme.toLowerCase() === 'bearer') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? null : pair.slice(colon + 1);
}

/** In the same time whatever is given: by hashes, which are of one length. */
function isToken(given: string | null, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given ?? ''), hash(token)) && given !== null;
}

const isSafe = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method);

/** Only browsers send these headers, and a page cannot change them. */
function isFromElsewhere(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (typeof site === 'string' && site !== 'same-origin' && site !== 'none') return true;
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== hostOf(host)?.host;
}
