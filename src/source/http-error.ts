import { CursorGoneError, TerminalError, TransientError, UnreadablePageError } from '../errors.ts';
import type { CompletionId } from '../sync/ports.ts';
import { settingName } from './endpoint.ts';
import { type ErrorEnvelope, label, missingScopes, refusedParam } from './error-envelope.ts';
import { FailedAttempt, isBillingCode, mayPass, retryAfterMs, WAIT_MAX_MS } from './retry.ts';
import type { SourceSettings } from './settings.ts';

/** What was asked: the same status means different things for each. */
export type Asked =
  | { readonly what: 'list'; readonly after: CompletionId | null; readonly pageSize: number }
  | { readonly what: 'completion' }
  | { readonly what: 'messages'; readonly after: string | null };

export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly envelope: ErrorEnvelope;
}

const ASKED_TEXT: Readonly<Record<Asked['what'], string>> = {
  list: 'listing stored completions',
  completion: 'retrieving a stored completion',
  messages: 'listing the messages of a completion',
};

/** Parameters of ours that a 400 may be about other than the cursor. */
const OTHER_PARAMS = new Set(['limit', 'order', 'model', 'metadata', 'api-version', 'api_version']);

/**
 * Turns a reply that is no success into one of our errors. Every message is our own sentence with the status, the error's
 * code and names of settings; the server's sentence stays out, as it may quote a key or a prompt.
 *
 * @param nowMs milliseconds since 1970, to read a Retry-After date.
 */
export function judge(
  settings: SourceSettings,
  asked: Asked,
  refusal: Refusal,
  nowMs: number,
): FailedAttempt {
  const { status, headers, envelope } = refusal;
  const what = `source ${settings.name}: ${ASKED_TEXT[asked.what]}`;
  const said = `${label(status, envelope)}${requestIdText(headers)}`;
  const never = (error: TerminalError): FailedAttempt => new FailedAttempt(error, { retry: false, status });

  if (status === 429 && (isBillingCode(envelope.code) || isBillingCode(envelope.type))) {
    return never(
      new TerminalError(
        `${what} is refused for want of credit or by a spend limit (${said}): add credit or raise the limit of the account behind ${settingName(settings, 'API_KEY')}; what the API holds expires meanwhile`,
      ),
    );
  }
  const waitMs = retryAfterMs(headers, nowMs);
  if (mayPass(status, headers) && waitMs !== null && waitMs > WAIT_MAX_MS) {
    const minutes = Math.ceil(waitMs / 60_000);
    return new FailedAttempt(
      new TransientError(
        `${what} failed (${said}); the server asks to wait ${minutes} min, which is left to a later run`,
      ),
      { retry: false, waitMs, status },
    );
  }
  const lasting = lastingError(settings, asked, refusal, what, said);
  const message = `${what} failed (${said})`;
  // 503 and 529 are about the server, the other 5xx may be about what was asked.
  const isOfPage = status >= 500 && status !== 503 && status !== 529;
  const failure = lasting ?? (isOfPage ? new UnreadablePageError(message) : new TransientError(message));
  return new FailedAttempt(failure, { retry: mayPass(status, headers), waitMs, status });
}

/** null: a state of the server that may pass. */
function lastingError(
  settings: SourceSettings,
  asked: Asked,
  { status, headers, envelope }: Refusal,
  what: string,
  said: string,
): TerminalError | null {
  const baseUrl = settingName(settings, 'BASE_URL');
  if (status >= 300 && status < 400) {
    return new TerminalError(
      `${what}: the server redirects (${said}); not followed, as the key would go along: check ${baseUrl} (https, host, path)`,
    );
  }
  if (status < 300) return new TerminalError(`${what}: unexpected status ${said}: check ${baseUrl}`);
  if (status === 401 || status === 403) return refusedKey(settings, status, envelope, what, said);
  if (status === 402) {
    return new TerminalError(`${what} is refused for want of payment (${said}): add credit to the account`);
  }
  if (asked.what === 'list' && isCursorGone(asked, status, envelope))
    return new CursorGoneError(asked.after ?? '');
  if (lacksRoute(status, envelope) || (status === 404 && asked.what === 'list')) {
    return new TerminalError(
      asked.what === 'list'
        ? `this endpoint lists nothing: it does not know GET /chat/completions (${said}; source ${settings.name}): check ${baseUrl}${azureHint(settings)}; the server or proxy there has no stored completions`
        : `${what}: this server does not offer it (${said})`,
    );
  }
  if (status >= 500 || status === 408 || status === 409 || status === 429) return null;
  // x-should-retry makes the status pass after all, when the tries are used up too.
  if (headers.get('x-should-retry')?.trim().toLowerCase() === 'true') return null;
  const param = refusedParam(envelope);
  return new TerminalError(`${what} is refused (${said}${param === null ? '' : `, parameter ${param}`})`);
}

function azureHint(settings: SourceSettings): string {
  if (settings.kind === 'azure') return ' (it ends in /openai/v1)';
  if (settings.kind === 'azure-dated') {
    return ` (it ends in /openai, without /deployments) and ${settingName(settings, 'API_VERSION')}`;
  }
  return '';
}

function refusedKey(
  settings: SourceSettings,
  status: number,
  envelope: ErrorEnvelope,
  what: string,
  said: string,
): TerminalError {
  const key = settingName(settings, 'API_KEY');
  const scopes = missingScopes(envelope);
  if (scopes !== null) {
    return new TerminalError(
      `${what}: the key in ${key} lacks the scopes ${scopes} (${said}): use a project key, unrestricted or with read access to stored completions; an admin key does not do`,
    );
  }
  if (settings.kind === 'azure' || settings.kind === 'azure-dated') {
    return new TerminalError(
      `${what}: ${settings.entra === null ? key : 'the token of Entra'} is refused (${said}): ${settings.entra === null ? "the resource's key is needed, or" : 'the identity needs'} a role with the data action Microsoft.CognitiveServices/accounts/OpenAI/stored-completions/read`,
    );
  }
  const chosen = [
    settings.organization === null ? null : settingName(settings, 'ORG_ID'),
    settings.project === null ? null : settingName(settings, 'PROJECT_ID'),
  ].filter((name) => name !== null);
  const fits = chosen.length === 0 ? '' : `, and that ${chosen.join(' and ')} belong to the same account`;
  const why = status === 401 ? `the key in ${key} is refused` : `the key in ${key} may not do this`;
  return new TerminalError(
    `${what}: ${why} (${said}): check that it is a current key of the project whose completions are stored${fits}`,
  );
}

/**
 * The route itself is unknown, as opposed to a row: 405, 501, OpenAI's "Invalid URL (GET …)", FastAPI's bare
 * {"detail":"Not Found"}, a web server's HTML page.
 */
export function lacksRoute(status: number, envelope: ErrorEnvelope): boolean {
  if (status === 405 || status === 501) return true;
  if (status !== 404 && status !== 400) return false;
  if (/^(?:Invalid URL|Not Found$|404 page not found)/i.test(envelope.words.trim())) return true;
  return status === 404 && envelope.form === 'html';
}

/**
 * The API says that it has no such row: 404 or 410, and the 400 "… not found" of OGX, which raises a ValueError.
 * (api-facts 5.2; corpus/ogx_api.jsonl, "retrieve unknown")
 */
export function isRowUnknown(status: number, envelope: ErrorEnvelope): boolean {
  if (lacksRoute(status, envelope)) return false;
  return status === 404 || status === 410 || (status === 400 && /\bnot found\b/i.test(envelope.words));
}

/**
 * What a server answers to a dead cursor is documented nowhere, so a 400, 404, 410 or 422 to a request with `after` counts
 * as one unless it is about something else. A wrong guess is harmless: the walk takes a higher id, in the end the head,
 * and the head's refusal is final.
 */
function isCursorGone(asked: Asked & { what: 'list' }, status: number, envelope: ErrorEnvelope): boolean {
  if (asked.after === null) return false;
  if (status !== 400 && status !== 404 && status !== 410 && status !== 422) return false;
  if (/^Invalid URL/i.test(envelope.words)) return false;
  return !OTHER_PARAMS.has(refusedParam(envelope) ?? '');
}

/**
 * The page size to take instead when a server refuses ours: what it names ("Expected a value <= 100"), else 100, else 20.
 *
 * @returns smaller than `pageSize`; null when the refusal is not about `limit` or there is nothing smaller to try.
 */
export function smallerPageSize(status: number, envelope: ErrorEnvelope, pageSize: number): number | null {
  if (status !== 400 && status !== 422) return null;
  const param = refusedParam(envelope);
  const aboutLimit =
    param === 'limit' ||
    (param === null && (envelope.code === 'integer_above_max_value' || /\blimit\b/i.test(envelope.words)));
  if (!aboutLimit) return null;
  const named = Number(/(?:<=|less than or equal to|at most) (\d{1,6})\b/.exec(envelope.words)?.[1] ?? 0);
  return [named, 100, 20].find((size) => size >= 1 && size < pageSize) ?? null;
}

/** The request's id at the server, for its support; null headers and odd ones give nothing. */
function requestIdText(headers: Headers): string {
  const id = headers.get('x-request-id') ?? headers.get('apim-request-id');
  return id !== null && /^(?:req_)?[0-9a-f-]{8,40}$/i.test(id) ? `, request ${id}` : '';
}
