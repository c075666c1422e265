/** Why a request got no reply, as far as `fetch` tells: by a code, never by a message, which may hold a piece of the reply. */

export interface ConnectionProblem {
  /** Such as ECONNREFUSED; null: none is told. */
  readonly code: string | null;
  /** The error that has the code, to be kept as a cause; null: it is not to be kept. */
  readonly cause: Error | null;
  /** Status that a proxy answered with in place of a connection; null: no proxy did. */
  readonly proxyStatus: number | null;
}

/** Certificates do not mend themselves within a retry. */
export const isCertificateCode = (code: string | null): code is string =>
  code !== null &&
  /^(?:ERR_TLS_CERT|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY))/.test(code);

/** Signed by itself or by an authority that Node does not know: a company's own, often of a proxy that looks into TLS. */
export const isUnknownAuthority = (code: string | null): boolean =>
  code !== null && /^(?:DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY))/.test(code);

/** What to do about an unknown authority. Node reads the variable when it starts, before there is a .env file. */
export const TRUST_AUTHORITY =
  'if it is a company’s own, set NODE_EXTRA_CA_CERTS to its PEM file, in the environment and not in .env';

/** @param error that `fetch` rejected with: the cause is inside it, behind a proxy one level deeper. */
export function connectionProblem(error: unknown): ConnectionProblem {
  for (const one of causesOf(error)) {
    const code = 'code' in one && typeof one.code === 'string' ? one.code : '';
    if (!/^[A-Z][A-Z0-9_]{1,60}$/.test(code)) continue;
    // undici's own words (ProxyAgent); the proxy's reply is not in them.
    const status = /^Proxy response \((\d{3})\)/.exec(one.message)?.[1];
    // undici's parser errors (HPE_…) carry the reply's bytes.
    const cause = code.startsWith('HPE_') ? null : one;
    return { code, cause, proxyStatus: status === undefined ? null : Number(status) };
  }
  return { code: null, cause: null, proxyStatus: null };
}

const CAUSES_MAX = 3;

function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  let next = error instanceof Error ? error.cause : null;
  while (next instanceof Error && causes.length < CAUSES_MAX) {
    causes.push(next);
    next = next.cause;
  }
  return causes;
}
