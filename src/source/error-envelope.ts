/**
 * What a refusal's body says, taken from any of the forms seen: `{"error":{…}}`, `{"error":"text"}`, `{"detail":…}`, the
 * error's fields at top level, HTML, other text, nothing. Pure.
 */
export interface ErrorEnvelope {
  readonly form: 'json' | 'html' | 'text' | 'empty';
  /** Only when it looks like an identifier: see {@link readEnvelope}. */
  readonly code: string | null;
  readonly type: string | null;
  readonly param: string | null;
  /**
   * The server's sentence, cut to a length. To be matched against, never to be shown: it may quote a key ("Incorrect API
   * key provided: sk-…") or a prompt.
   */
  readonly words: string;
}

const WORDS_LENGTH_MAX = 2000;
/** `invalid_request_error`, `DeploymentNotFound`, `404`; no key has this shape without a long run of digits or a dash. */
const IDENTIFIER = /^[A-Za-z0-9]+(?:[_.][A-Za-z0-9]+)*$/;

/**
 * @param secrets texts that must not pass even as a code, the key above all.
 */
export function readEnvelope(text: string, secrets: readonly string[]): ErrorEnvelope {
  const identifier = (value: unknown): string | null => {
    const name = typeof value === 'number' ? String(value) : value;
    if (typeof name !== 'string' || name.length > 64 || !IDENTIFIER.test(name) || /\d{7}/.test(name))
      return null;
    return secrets.some((secret) => secret !== '' && name.includes(secret)) ? null : name;
  };
  const body = parse(text);
  if (body === undefined) {
    const form = text.trim() === '' ? 'empty' : /^\s*</.test(text) ? 'html' : 'text';
    return { form, code: null, type: null, param: null, words: text.slice(0, WORDS_LENGTH_MAX) };
  }
  const top = fields(body);
  const error = fields(top['error'] ?? body);
  // FastAPI: {"detail": "Not Found"} or {"detail": [{"loc": ["query", "limit"], …}]}.
  const words = [error['message'], top['error'], top['detail'], top['message']].find(
    (value) => value !== undefined,
  );
  return {
    form: 'json',
    code: identifier(error['code']),
    type: identifier(error['type']),
    param: paramName(error['param']) ?? locatedParam(top['detail']),
    words: (typeof words === 'string' ? words : (JSON.stringify(words) ?? '')).slice(0, WORDS_LENGTH_MAX),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The parameter's name without what is in its brackets (`metadata[team]` is `metadata`). */
function paramName(value: unknown): string | null {
  const name = typeof value === 'string' ? /^[a-z_-]{1,40}(?=$|[.[])/.exec(value) : null;
  return name === null ? null : name[0];
}

function locatedParam(detail: unknown): string | null {
  const loc = Array.isArray(detail) ? fields(detail[0])['loc'] : undefined;
  return Array.isArray(loc) ? paramName(loc.at(-1)) : null;
}

/**
 * The query parameter that the refusal is about; null when it does not say. OGX writes it into the sentence:
 * `{'errors': [{'loc': ['query', 'order'], …`.
 */
export function refusedParam(envelope: ErrorEnvelope): string | null {
  if (envelope.param !== null) return envelope.param;
  return /'loc': [[(](?:'query', )?'([a-z_]{1,40})'/.exec(envelope.words)?.[1] ?? null;
}

/** "Missing scopes: a.b, c.d" of a restricted or an admin key. @returns the scopes' names; null when it is not that. */
export function missingScopes(envelope: ErrorEnvelope): string | null {
  const found = /missing scopes?: ([a-z]+(?:\.[a-z_]+)+(?:, ?[a-z]+(?:\.[a-z_]+)+)*)/i.exec(envelope.words);
  return found?.[1]?.slice(0, 200) ?? null;
}

/** `404 not_found`: what can be shown of a refusal. */
export function label(status: number, envelope: ErrorEnvelope): string {
  const name = envelope.code ?? envelope.type;
  return name === null || name === String(status) ? String(status) : `${status} ${name}`;
}
