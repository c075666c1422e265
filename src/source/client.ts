import { skipSpace, textAt, valueAt } from '../completion/json-bytes.ts';
import { SettingsError, TerminalError, UnreadablePageError } from '../errors.ts';
import {
  type Clock,
  type CompletionId,
  type CompletionSource,
  type Item,
  NO_FILTER,
  type OnTail,
  type Page,
  type PageRequest,
  type PlacedItem,
  type UnixSeconds,
  unixSeconds,
} from '../sync/ports.ts';
import {
  checkEndpoint,
  filterQuery,
  headersOf,
  pathOf,
  type Query,
  scopeOf,
  scopeOfProject,
  settingName,
  urlOf,
} from './endpoint.ts';
import { entraTokens } from './entra.ts';
import { readEnvelope } from './error-envelope.ts';
import { exchange, type Reply } from './exchange.ts';
import { type Asked, isRowUnknown, judge, lacksRoute, type Refusal, smallerPageSize } from './http-error.ts';
import { bothFilters, ignoredFilter } from './list-filter.ts';
import { type MessagePage, readMessages } from './messages.ts';
import { createSlots } from './parallel.ts';
import { parseItem } from './parse-item.ts';
import { isJson, kindOf, type ListReply, parseItems, parseList } from './parse-page.ts';
import { createRateBudget, readLimitHeaders } from './rate-budget.ts';
import {
  FailedAttempt,
  type RetryEvent,
  readDateMs,
  retryAfterMs,
  WAIT_MAX_MS,
  withRetries,
} from './retry.ts';
import type { SourceSettings } from './settings.ts';

export interface SourceDeps {
  readonly clock: Clock;
  /** Told of every wait before a retry. */
  readonly onRetry?: (event: RetryEvent) => void;
  /** Told of every request that ended, each try of its own; not of one that was aborted. */
  readonly onReply?: (event: ReplyEvent) => void;
  /** Requests under way at a time, at the most; see `parallel.ts`. */
  readonly requestsAtOnce?: number;
  /** Multiplies every wait before a retry, the server's own included; 1 unless a test is in a hurry. */
  readonly retryDelayScale?: number;
}

export interface ReplyEvent {
  /** HTTP status; null: no complete reply came. */
  readonly status: number | null;
  readonly elapsedMs: number;
}

/** One completion as the API has it now. */
export type Retrieved =
  | {
      readonly kind: 'found';
      readonly status: number;
      /** The reply's JSON text to the character, without the white space around it. */
      readonly raw: string;
      readonly item: Item;
      readonly serverTime: UnixSeconds | null;
      readonly observedAtMs: number;
    }
  /** `gone`: the API says it has no such id. `unknown`: this server cannot tell (no such route, another document). */
  | { readonly kind: 'gone' | 'unknown'; readonly status: number };

export interface ListedSource extends CompletionSource {
  /** `GET /chat/completions/{id}`. Errors as of `fetchPage`; an unknown id is no error. */
  retrieve(id: string, signal: AbortSignal): Promise<Retrieved>;
  /**
   * The `openai-project` header of the last reply that had one; null: none so far. A project key names no project, so only
   * this tells that a key was exchanged for one of another project, whose rows the coverage knows nothing of.
   */
  observedProject(): string | null;
}

/** Of a source that nobody walks side by side. */
const REQUESTS_AT_ONCE = 8;

/** Messages asked for in a page; servers answer 20 when they ignore it. */
const MESSAGES_PAGE_SIZE = 100;

/**
 * A listing of stored completions over HTTP: the client of `GET /chat/completions` and what is below it.
 *
 * Every reply's text is kept to the character. Retries, the request timeout and the budget of requests a minute live in
 * here and nowhere else. An abort rejects with the signal's own reason.
 *
 * @throws {SettingsError} for settings that no request could be made with.
 */
export function createSource(settings: SourceSettings, deps: SourceDeps): ListedSource {
  checkEndpoint(settings);
  if (!(settings.requestsPerMinute > 0 && Number.isFinite(settings.requestsPerMinute))) {
    throw new SettingsError(`${settingName(settings, 'REQUESTS_PER_MINUTE')} is not a number above 0`);
  }
  const headers = headersOf(settings);
  const tokens = settings.entra === null ? null : entraTokens(settings.name, settings.entra);
  const slots = createSlots(deps.requestsAtOnce ?? REQUESTS_AT_ONCE);
  const delayScale = deps.retryDelayScale ?? 1;
  const budget = createRateBudget(settings.requestsPerMinute, undefined, delayScale);
  let requests = 0;
  let retries = 0;
  let project: string | null = null;
  // Sinks when the server refuses a `limit`, and stays so: each refusal costs a request.
  let pageSizeMax = Number.POSITIVE_INFINITY;

  async function send(url: string, signal: AbortSignal): Promise<Reply> {
    const sentMs = performance.now();
    const tell = (status: number | null): void =>
      deps.onReply?.({ status, elapsedMs: performance.now() - sentMs });
    try {
      const bearer = tokens === null ? {} : { authorization: `Bearer ${await tokens(signal)}` };
      const reply = await exchange(settings, url, { ...headers, ...bearer }, signal);
      tell(reply.status);
      return reply;
    } catch (error) {
      if (error instanceof FailedAttempt) tell(null);
      throw error;
    }
  }

  /** One request with its retries. @param settle what a reply means to the caller; null: a failure, to be judged here. */
  async function ask<T>(
    asked: Asked,
    path: string,
    query: Query,
    signal: AbortSignal,
    settle: (reply: Reply, refusal: Refusal | null) => T | null | Promise<T | null>,
  ): Promise<T> {
    const url = urlOf(settings, path, query);
    const exchanged = async (): Promise<Reply> => {
      // The place is held while the budget is waited for: who waits longest goes first.
      const leave = await slots.enter(signal);
      try {
        const startedAtMs = await budget.take(signal);
        requests++;
        const reply = await send(url, signal);
        const isThrottled = reply.status === 429;
        const left = readLimitHeaders(reply.headers);
        const waitMs = Math.min(WAIT_MAX_MS, retryAfterMs(reply.headers, deps.clock.nowMs()) ?? 0);
        budget.learn({ startedAtMs, throttledMs: isThrottled ? waitMs * delayScale : null, left });
        const requestsLeft = left?.requests ?? null;
        slots.learn({ startedAtMs, isThrottled, requestsLeft, latencyMs: reply.latencyMs });
        return reply;
      } finally {
        leave();
      }
    };
    const attempt = async (): Promise<T> => {
      const reply = await exchanged();
      project = projectOf(reply) ?? project;
      const refusal = reply.status >= 200 && reply.status < 300 ? null : refusalOf(settings, reply);
      const failed = refusal === null ? null : judge(settings, asked, refusal, deps.clock.nowMs());
      const answer = await settle(reply, refusal);
      if (answer !== null) return answer;
      throw failed ?? new FailedAttempt(foreignReply(settings), { retry: false, status: reply.status });
    };
    return await withRetries(attempt, {
      retriesMax: settings.retriesMax,
      signal,
      delayScale,
      onRetry(event) {
        retries++;
        deps.onRetry?.(event);
      },
    });
  }

  async function fetchPage(request: PageRequest, signal: AbortSignal, onTail?: OnTail): Promise<Page> {
    signal.throwIfAborted();
    const filter = bothFilters(settings.filter, request.filter);
    if (filter === null) {
      return { items: [], hasMore: false, serverTime: null, observedAtMs: deps.clock.nowMs() };
    }
    for (;;) {
      const pageSize = Math.min(request.pageSize, pageSizeMax);
      const query: Query = [
        ['order', request.order],
        ['limit', pageSize],
        ['after', request.after],
        ...filterQuery(filter),
      ];
      const asked = { what: 'list', after: request.after, pageSize } as const;
      const answer = await ask<Page | number>(asked, '/chat/completions', query, signal, (reply, refusal) => {
        if (refusal === null) return readPage(reply, onTail);
        return smallerPageSize(refusal.status, refusal.envelope, pageSize);
      });
      if (typeof answer !== 'number') return answer;
      pageSizeMax = Math.min(pageSizeMax, answer);
    }
  }

  async function readPage(reply: Reply, onTail?: OnTail): Promise<Page> {
    const observedAtMs = deps.clock.nowMs();
    const list = listOf(settings, reply);
    const items = await parseItems(reply.body, list, settings.kind, onTail);
    if (items === null) throw cutReply(settings, reply);
    const ignored = ignoredFilter(settings.filter, items);
    if (ignored !== null) {
      const message = `source ${settings.name}: the server ignores the filter ${ignored} and lists rows without it: take the filter out of the settings`;
      throw new FailedAttempt(new TerminalError(message), { retry: false, status: reply.status });
    }
    return { items, hasMore: list.hasMore, serverTime: serverTime(reply), observedAtMs };
  }

  function messagesOf(reply: Reply): MessagePage {
    const { elements, hasMore } = listOf(settings, reply);
    const texts = elements.map((element) => textAt(reply.body, element));
    if (!texts.every(isJson)) throw cutReply(settings, reply);
    return { elements: texts, hasMore };
  }

  async function retrieve(id: string, signal: AbortSignal): Promise<Retrieved> {
    signal.throwIfAborted();
    const path = pathOf(id);
    if (path === null) return { kind: 'gone', status: 404 };
    return await ask<Retrieved>({ what: 'completion' }, path, [], signal, (reply, refusal) => {
      const { status } = reply;
      if (refusal === null) return readCompletion(id, reply);
      if (isRowUnknown(status, refusal.envelope)) return { kind: 'gone', status };
      return lacksRoute(status, refusal.envelope) || status === 400 || status === 422
        ? { kind: 'unknown', status }
        : null;
    });
  }

  function readCompletion(id: string, reply: Reply): Retrieved {
    const form = kindOf(reply.body);
    if (form === 'cut') throw cutReply(settings, reply);
    if (form === 'foreign') return { kind: 'unknown', status: reply.status };
    const element = valueAt(reply.body, skipSpace(reply.body, 0));
    const raw = textAt(reply.body, element);
    const item = parseItem(reply.body, element, settings.kind);
    if (item.id !== id) return { kind: 'unknown', status: reply.status };
    const observedAtMs = deps.clock.nowMs();
    return { kind: 'found', status: reply.status, raw, item, serverTime: serverTime(reply), observedAtMs };
  }

  async function exists(id: CompletionId, signal: AbortSignal): Promise<boolean | null> {
    const { kind } = await retrieve(id, signal);
    return kind === 'unknown' ? null : kind === 'found';
  }

  async function fetchMessagePage(
    path: string,
    after: string | null,
    signal: AbortSignal,
  ): Promise<MessagePage> {
    for (;;) {
      const pageSize = Math.min(MESSAGES_PAGE_SIZE, pageSizeMax);
      const query: Query = [
        ['order', 'asc'],
        ['limit', pageSize],
        ['after', after],
      ];
      const answer = await ask<{ readonly page: MessagePage } | number>(
        { what: 'messages', after },
        path,
        query,
        signal,
        (reply, refusal) => {
          if (refusal === null) return { page: messagesOf(reply) };
          const { status, envelope } = refusal;
          return isRowUnknown(status, envelope)
            ? { page: null }
            : smallerPageSize(status, envelope, pageSize);
        },
      );
      if (typeof answer !== 'number') return answer.page;
      pageSizeMax = Math.min(pageSizeMax, answer);
    }
  }

  return {
    name: settings.name,
    scope: scopeOf(settings),
    retentionSeconds: settings.retentionDays === null ? null : settings.retentionDays * 86_400,
    fetchPage,
    async resolveScope(signal) {
      // One row is asked for, for the header that comes with it. Where that row cannot be served, others still can.
      await fetchPage({ after: null, order: 'desc', pageSize: 1, filter: NO_FILTER }, signal).catch(
        (error: unknown) => {
          if (!(error instanceof UnreadablePageError)) throw error;
        },
      );
      return scopeOfProject(scopeOf(settings), project);
    },
    retrieve,
    exists,
    async fetchMessages(item: PlacedItem, signal) {
      signal.throwIfAborted();
      const path = pathOf(item.id);
      if (path === null) return [];
      const page = (after: string | null) => fetchMessagePage(`${path}/messages`, after, signal);
      return await readMessages(item, page, () => exists(item.id, signal));
    },
    observedProject: () => project,
    counts: () => ({ requests, retries }),
  };
}

function refusalOf(settings: SourceSettings, { status, headers, body }: Reply): Refusal {
  return {
    status,
    headers,
    envelope: readEnvelope(body.toString('utf8', 0, ENVELOPE_BYTES_MAX), [settings.apiKey]),
  };
}

/** An error's text is a line or two; a page of HTML in its place may be anything. */
const ENVELOPE_BYTES_MAX = 1024 * 1024;

function listOf(settings: SourceSettings, reply: Reply): ListReply & { kind: 'list' } {
  const list = parseList(reply.body);
  switch (list.kind) {
    case 'list':
      return list;
    case 'cut':
      throw cutReply(settings, reply);
    case 'foreign':
    case 'no-list':
      throw new FailedAttempt(foreignReply(settings), { retry: false, status: reply.status });
  }
}

function cutReply(settings: SourceSettings, { status, body }: Reply): FailedAttempt {
  const message = `source ${settings.name}: the reply is cut off or broken JSON (status ${status}, ${body.length} bytes)`;
  return new FailedAttempt(new UnreadablePageError(message), { retry: true, status });
}

function foreignReply(settings: SourceSettings): TerminalError {
  const baseUrl = settingName(settings, 'BASE_URL');
  return new TerminalError(
    `source ${settings.name}: the reply is not a list of completions but another document (a login page, a proxy's error, another API): check ${baseUrl}`,
  );
}

function projectOf({ headers }: Reply): string | null {
  const id = headers.get('openai-project');
  return id !== null && /^[\w-]{1,80}$/.test(id) ? id : null;
}

function serverTime({ headers }: Reply): UnixSeconds | null {
  const ms = readDateMs(headers.get('date'));
  return ms === null ? null : unixSeconds(Math.floor(ms / 1000));
}
