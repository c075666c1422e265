import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSource, type ListedSource, type SourceDeps } from '../../src/source/client.ts';
import type { SourceSettings } from '../../src/source/settings.ts';
import {
  type CompletionId,
  type Item,
  NO_FILTER,
  type PageRequest,
  type PlacedItem,
  unixSeconds,
} from '../../src/sync/ports.ts';

export const API_KEY = 'sk-canary-0123456789abcdef';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** As sent, with its encoding. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** What a test's server answers: status, body and headers, or the response itself for what HTTP helpers cannot do. */
export type Answer =
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly raw: (response: ServerResponse) => void };

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
}

/** A real HTTP server on a free port. @param answer one for all requests, or by request and its number from 0. */
export async function serve(answer: Answer | ((seen: Seen, nth: number) => Answer)): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const entry: Seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      url: request.url ?? '',
      headers: request.headers,
    };
    seen.push(entry);
    const given = typeof answer === 'function' ? answer(entry, seen.length - 1) : answer;
    if ('raw' in given) return given.raw(response);
    const { status = 200, body = '', headers = {} } = given;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const settingsOf = (baseUrl: string, over: Partial<SourceSettings> = {}): SourceSettings => ({
  name: 'openai',
  kind: 'openai',
  baseUrl,
  apiKey: API_KEY,
  entra: null,
  organization: null,
  project: null,
  apiVersion: null,
  filter: NO_FILTER,
  requestTimeoutSeconds: 10,
  responseBytesMax: 64 * 1024 * 1024,
  retriesMax: 3,
  requestsPerMinute: 1_000_000,
  retentionDays: 30,
  ...over,
});

export const sourceOf = (
  baseUrl: string,
  over: Partial<SourceSettings> = {},
  deps: Partial<SourceDeps> = {},
): ListedSource =>
  createSource(settingsOf(baseUrl, over), {
    clock: { nowMs: () => Date.now() },
    retryDelayScale: 0.001,
    ...deps,
  });

export const request = (
  over: Partial<Omit<PageRequest, 'after'>> & { after?: string } = {},
): PageRequest => ({
  order: 'desc',
  pageSize: 100,
  filter: NO_FILTER,
  ...over,
  after: (over.after ?? null) as CompletionId | null,
});

export const never = new AbortController().signal;

export const completion = (id: string, created: number, over: Record<string, unknown> = {}) => ({
  id,
  object: 'chat.completion',
  created,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [],
  ...over,
});

export const listOf = (data: readonly unknown[], hasMore: boolean | null = false) => ({
  object: 'list',
  data,
  first_id: null,
  last_id: null,
  ...(hasMore === null ? {} : { has_more: hasMore }),
});

export const placed = (id: string, createdAt = 1_758_039_093): PlacedItem => {
  const item: Item = {
    id: null,
    createdAt: null,
    model: null,
    metadata: {},
    raw: Buffer.from('{}'),
    isPlain: false,
    rejection: null,
  };
  return { ...item, id: id as CompletionId, createdAt: unixSeconds(createdAt) };
};

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was expected to reject');
}

const CORPUS = new URL('../../../shared/corpus/', import.meta.url);
/** Recorded replies lie beside the checkout and are not part of it. */
export const hasCorpus = existsSync(CORPUS);
export const corpusLines = (name: string): readonly string[] =>
  hasCorpus
    ? readFileSync(new URL(name, CORPUS), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
