/** What goes wrong between a client and the API, as values that a test can change while the emulator runs. */
import type { Dice } from './random.ts';

/** What a request asks for. */
export type Operation = 'list' | 'retrieve' | 'messages' | 'update' | 'delete' | 'create' | 'other';

/** One request as it came in. */
export interface ServedRequest {
  /** 1 for the first request since the start. */
  readonly number: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly operation: Operation;
}

export type Fault =
  /** An error in place of the answer. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** The connection is closed in the middle of the body. */
  | { readonly kind: 'cut-connection' }
  /** Half of the body as if it were the whole: complete HTTP, broken JSON. */
  | { readonly kind: 'cut-json' }
  /** A proxy's page in place of JSON, with status 200. */
  | { readonly kind: 'html' }
  /** 200 and no body. */
  | { readonly kind: 'empty' }
  /** The connection is reset before any answer. */
  | { readonly kind: 'reset' }
  /** No answer, ever: the client's timeout has to end it. */
  | { readonly kind: 'silence' };

/** Decides for each request whether its fault happens. A rule may count, so use it in one emulator only. */
export interface FaultRule {
  readonly fault: Fault;
  fires(request: ServedRequest, roll: Dice): boolean;
}

export interface Faults {
  /** What an answer takes, making it included: `latencyMs` plus up to `latencyJitterMs`. */
  latencyMs: number;
  latencyJitterMs: number;
  /** In order; the first one that fires wins. */
  rules: FaultRule[];
  /** Generated rows can be seen this long after their `created`; on the real API some 15 s. */
  visibilityDelaySeconds: number;
  /** This share of generated rows is seen `lateSeconds` later still: long generations keep an old `created`. */
  lateShare: number;
  lateSeconds: number;
  /** Above it requests get 429 until the minute is over, and every answer has x-ratelimit-* headers; null: no limit. */
  requestsPerMinute: number | null;
  /** Added to every answer, over the emulator's own. */
  headers: Record<string, string>;
}

export const noFaults = (): Faults => ({
  latencyMs: 0,
  latencyJitterMs: 0,
  rules: [],
  visibilityDelaySeconds: 0,
  lateShare: 0,
  lateSeconds: 0,
  requestsPerMinute: null,
  headers: {},
});

type Only = (request: ServedRequest) => boolean;
const all: Only = () => true;

/** The n-th, 2n-th, … request of those that `only` admits. */
export function everyNth(n: number, fault: Fault, only: Only = all): FaultRule {
  let seen = 0;
  return { fault, fires: (request) => only(request) && ++seen % n === 0 };
}

/** The next `count` requests, after letting `skip` pass. */
export function nextRequests(count: number, fault: Fault, skip = 0, only: Only = all): FaultRule {
  let seen = 0;
  return {
    fault,
    fires: (request) => {
      if (!only(request)) return false;
      seen++;
      return seen > skip && seen <= skip + count;
    },
  };
}

/** Each request with this probability, from the emulator's seed. */
export function withProbability(probability: number, fault: Fault, only: Only = all): FaultRule {
  return { fault, fires: (request, roll) => only(request) && roll() < probability };
}

/** How a 429 says when to come back. OpenAI sends seconds and milliseconds; RFC 9110 allows a date. */
export type RetryAfter =
  | { readonly kind: 'none' }
  | { readonly kind: 'seconds'; readonly seconds: number }
  | { readonly kind: 'milliseconds'; readonly milliseconds: number }
  | { readonly kind: 'date'; readonly at: Date };

function retryHeaders(retryAfter: RetryAfter): Record<string, string> {
  switch (retryAfter.kind) {
    case 'none':
      return {};
    case 'seconds':
      return { 'retry-after': String(retryAfter.seconds) };
    case 'milliseconds':
      return { 'retry-after-ms': String(retryAfter.milliseconds) };
    case 'date':
      return { 'retry-after': retryAfter.at.toUTCString() };
  }
}

function errorBody(message: string, type: string, code: string | null): string {
  return JSON.stringify({ error: { message, type, param: null, code } });
}

/** 429 that is worth a retry. */
export const rateLimited = (retryAfter: RetryAfter = { kind: 'none' }): Fault => ({
  kind: 'status',
  status: 429,
  headers: retryHeaders(retryAfter),
  body: errorBody('Rate limit reached for requests', 'requests', 'rate_limit_exceeded'),
});

/** 429 that no waiting mends. */
export const quotaExhausted = (): Fault => ({
  kind: 'status',
  status: 429,
  headers: {},
  body: errorBody(
    'You exceeded your current quota, please check your plan and billing details.',
    'insufficient_quota',
    'insufficient_quota',
  ),
});

/** Any other error status; 5xx unless told otherwise. `headers` may hold `x-should-retry`. */
export const failing = (status = 500, headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'status',
  status,
  headers,
  body:
    status === 503
      ? errorBody('The server is overloaded or not ready yet.', 'server_error', 'server_is_overloaded')
      : errorBody('The server had an error while processing your request.', 'server_error', null),
});

/** 403 for a key without the right to read, as restricted keys get it. */
export const missingScope = (): Fault => ({
  kind: 'status',
  status: 403,
  headers: {},
  body: errorBody(
    'You have insufficient permissions for this operation. Missing scopes: model.read.',
    'invalid_request_error',
    null,
  ),
});
