import { describe, expect, test } from 'vitest';
import { CursorGoneError, TerminalError, TransientError, UnreadablePageError } from '../../src/errors.ts';
import type { RetryEvent } from '../../src/source/retry.ts';
import { type Answer, completion, listOf, never, rejection, request, serve, sourceOf } from './support.ts';

const GOOD = { body: listOf([completion('chatcmpl-1', 5)]) };
const error = (status: number, fields: object | string, headers = {}): Answer => ({
  status,
  body: { error: fields },
  headers,
});
const html = (status: number): Answer => ({
  status,
  body: '<html>Sign in</html>',
  headers: { 'content-type': 'text/html' },
});
const FAST_API = (status: number, detail: unknown): Answer => ({ status, body: { detail } });

const DYING_BODY: Answer = {
  raw(response) {
    response.writeHead(200, { 'content-length': '999' });
    response.write('{"data":[');
    setTimeout(() => response.destroy(), 5);
  },
};

describe('what a refusal means', () => {
  // [what, answer, after, class, part of the message, requests sent with 3 retries allowed]
  test.each<
    [
      string,
      Answer,
      string | null,
      typeof TransientError | typeof UnreadablePageError | typeof TerminalError | typeof CursorGoneError,
      string,
      number,
    ]
  >([
    ['401', error(401, { code: 'invalid_api_key', message: 'x' }), null, TerminalError, 'OPENAI_API_KEY', 1],
    ['403', error(403, { message: 'x' }), 'c', TerminalError, 'OPENAI_API_KEY', 1],
    [
      'missing scopes',
      error(403, {
        message: 'You have insufficient permissions. Missing scopes: model.read, api.usage.read.',
      }),
      null,
      TerminalError,
      'lacks the scopes model.read, api.usage.read',
      1,
    ],
    ['402', error(402, {}), null, TerminalError, 'credit', 1],
    [
      '404 on the first page',
      error(404, { message: 'Invalid URL (GET /v1/chat/completions)' }),
      null,
      TerminalError,
      'lists nothing',
      1,
    ],
    [
      '405',
      error(405, { code: 'method_not_supported', message: 'Only POST requests are accepted.' }),
      null,
      TerminalError,
      'lists nothing',
      1,
    ],
    [
      '405 at top level',
      { status: 405, body: { code: 'method_not_supported' } },
      null,
      TerminalError,
      '405 method_not_supported',
      1,
    ],
    ['FastAPI 405', FAST_API(405, 'Method Not Allowed'), null, TerminalError, 'OPENAI_BASE_URL', 1],
    ['FastAPI 404', FAST_API(404, 'Not Found'), null, TerminalError, 'lists nothing', 1],
    ['405 on a later page', FAST_API(405, 'Method Not Allowed'), 'c', TerminalError, 'lists nothing', 1],
    [
      'a route unknown on a later page',
      error(404, { message: 'Invalid URL (GET /v1/x)' }),
      'c',
      TerminalError,
      'lists nothing',
      1,
    ],
    ['HTML 404', html(404), null, TerminalError, 'lists nothing', 1],
    [
      '501, OGX without a store',
      error(501, { message: 'no store' }),
      null,
      TerminalError,
      'lists nothing',
      1,
    ],
    [
      '404 of a cursor',
      error(404, { code: 'not_found', param: 'completion_id' }),
      'c',
      CursorGoneError,
      'the id c',
      1,
    ],
    ['404 of a cursor, empty', { status: 404 }, 'c', CursorGoneError, 'the id c', 1],
    ['404 of a cursor, stdapi', FAST_API(404, 'Not Found'), 'c', CursorGoneError, 'the id c', 1],
    ['410 of a cursor', error(410, 'gone'), 'c', CursorGoneError, 'the id c', 1],
    [
      '400 of a cursor, OGX',
      error(400, { message: "Record with id='c' not found in table 'inference_store'" }),
      'c',
      CursorGoneError,
      'the id c',
      1,
    ],
    [
      '400 of a cursor by name',
      error(400, { param: 'after', code: 'invalid_value' }),
      'c',
      CursorGoneError,
      'the id c',
      1,
    ],
    ['422 of a cursor', FAST_API(422, [{ loc: ['query', 'after'] }]), 'c', CursorGoneError, 'the id c', 1],
    [
      '400 of another parameter',
      error(400, { param: 'metadata[team]' }),
      'c',
      TerminalError,
      'parameter metadata',
      1,
    ],
    [
      '400 of another parameter, OGX',
      error(400, { message: "{'errors': [{'loc': ['query', 'order'], 'msg': 'x'}]}" }),
      'c',
      TerminalError,
      'parameter order',
      1,
    ],
    ['400 on the first page', error(400, { code: 'bad' }), null, TerminalError, '400 bad', 1],
    [
      'redirect',
      { status: 302, headers: { location: 'https://elsewhere.example/' } },
      null,
      TerminalError,
      'OPENAI_BASE_URL',
      1,
    ],
    [
      'redirect on a later page',
      { status: 308, headers: { location: '/' } },
      'c',
      TerminalError,
      'redirects',
      1,
    ],
    ['a login page', html(200), null, TerminalError, 'OPENAI_BASE_URL', 1],
    ['JSON without a list', { body: { status: 'ok' } }, null, TerminalError, 'OPENAI_BASE_URL', 1],
    ['an error under 200', error(200, { message: 'x' }), null, TerminalError, 'not a list', 1],
    ['429', error(429, { code: 'rate_limit_exceeded' }), null, TransientError, '429 rate_limit_exceeded', 4],
    ['429 without credit', error(429, { code: 'insufficient_quota' }), null, TerminalError, 'add credit', 1],
    [
      '429 by type',
      error(429, { type: 'insufficient_quota', code: null }),
      null,
      TerminalError,
      'add credit',
      1,
    ],
    [
      '429 of a spend limit',
      error(429, { code: 'organization_spend_limit_exceeded' }),
      'c',
      TerminalError,
      'spend limit',
      1,
    ],
    [
      '429 of credit, to be retried',
      error(429, { code: 'insufficient_quota' }, { 'x-should-retry': 'true' }),
      null,
      TerminalError,
      'add credit',
      1,
    ],
    ['408', error(408, {}), null, TransientError, '408', 4],
    ['409', error(409, {}), 'c', TransientError, '409', 4],
    ['500', error(500, 'oops'), 'c', UnreadablePageError, '500', 4],
    ['502 HTML', html(502), null, UnreadablePageError, '502', 4],
    ['503 empty', { status: 503 }, null, TransientError, '503', 4],
    [
      '500 not to be retried',
      error(500, {}, { 'x-should-retry': 'false' }),
      null,
      UnreadablePageError,
      '500',
      1,
    ],
    ['400 to be retried', error(400, {}, { 'x-should-retry': 'true' }), null, TransientError, '400', 4],
    ['an hour to wait', error(429, {}, { 'retry-after': '3600' }), null, TransientError, 'wait 60 min', 1],
    ['a code that is a number', error(400, { code: 1234 }), null, TerminalError, '400 1234', 1],
    ['cut JSON', { body: '{"data":[{"id":"a' }, null, UnreadablePageError, 'cut off', 4],
    ['nothing at all', { body: '' }, null, UnreadablePageError, 'cut off', 4],
    ['a body that ends early', DYING_BODY, null, TransientError, 'connection', 4],
    ['a connection that is dropped', { raw: (r) => r.destroy() }, null, TransientError, 'connection', 4],
  ])('%s', async (_title, answer, after, kind, part, requests) => {
    await using server = await serve(answer);
    const source = sourceOf(server.url);
    const thrown = await rejection(source.fetchPage(request(after === null ? {} : { after }), never));
    expect(thrown.constructor).toBe(kind);
    expect(thrown.message).toContain(part);
    expect(server.seen).toHaveLength(requests);
    expect(source.counts()).toEqual({ requests, retries: requests - 1 });
  });

  test('a refused key names the settings that choose the account, and Azure the role', async () => {
    await using server = await serve(error(403, {}));
    const name = 'eu';
    const message = async (over: object) =>
      (await rejection(sourceOf(server.url, { name, ...over }).fetchPage(request(), never))).message;
    expect(await message({ organization: 'o', project: 'p' })).toMatch(
      /EU_API_KEY.*EU_ORG_ID and EU_PROJECT_ID/,
    );
    expect(await message({ kind: 'azure' })).toContain('stored-completions/read');
  });

  test('nobody listening is worth another try and names the base URL', async () => {
    const server = await serve(GOOD);
    await server[Symbol.asyncDispose]();
    const source = sourceOf(server.url, { retriesMax: 1 });
    const thrown = await rejection(source.fetchPage(request(), never));
    expect(thrown).toBeInstanceOf(TransientError);
    expect(thrown.message).toMatch(/ECONNREFUSED.*OPENAI_BASE_URL/);
    expect(source.counts()).toEqual({ requests: 2, retries: 1 });
  });

  test('the request id goes into the message', async () => {
    const id = 'req_0123456789abcdef0123456789abcdef';
    await using server = await serve(error(500, {}, { 'x-request-id': id }));
    const thrown = await rejection(sourceOf(server.url, { retriesMax: 0 }).fetchPage(request(), never));
    expect(thrown.message).toContain(id);
  });
});

describe('retries', () => {
  test.each<[string, Answer]>([
    ['429', error(429, {})],
    ['500', error(500, {})],
    ['a cut body', { body: '{"data":[' }],
    ['a dropped connection', { raw: (r) => r.destroy() }],
  ])('%s and then a page is a page', async (_title, first) => {
    await using server = await serve((_seen, nth) => (nth < 2 ? first : GOOD));
    const source = sourceOf(server.url);
    expect((await source.fetchPage(request(), never)).items).toHaveLength(1);
    expect(source.counts()).toEqual({ requests: 3, retries: 2 });
  });

  test('the server says how long to wait, more than a minute too', async () => {
    const events: RetryEvent[] = [];
    const waits = [{ 'retry-after-ms': '1500' }, { 'retry-after': '90' }, {}];
    await using server = await serve((_seen, nth) => (nth < 3 ? error(429, {}, waits[nth]) : GOOD));
    const onRetry = (event: RetryEvent) => void events.push(event);
    await sourceOf(server.url, {}, { onRetry }).fetchPage(request(), never);
    expect(events.map(({ attempt, status, retriesLeft }) => [attempt, status, retriesLeft])).toEqual([
      [1, 429, 3],
      [2, 429, 2],
      [3, 429, 1],
    ]);
    expect(events.map(({ waitMs }) => waitMs).slice(0, 2)).toEqual([1500, 90_000]);
    expect(events[2]?.waitMs).toBeGreaterThanOrEqual(1000);
    expect(events[2]?.waitMs).toBeLessThanOrEqual(2000);
  });

  test('the wait is really waited for', async () => {
    await using server = await serve((_seen, nth) =>
      nth === 0 ? error(429, {}, { 'retry-after-ms': '200' }) : GOOD,
    );
    const begun = performance.now();
    await sourceOf(server.url, {}, { retryDelayScale: 1 }).fetchPage(request(), never);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(195);
  });

  test('the rate-limit headers slow the next request down', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '150ms' };
    await using server = await serve({ ...GOOD, headers });
    const source = sourceOf(server.url);
    const begun = performance.now();
    await source.fetchPage(request(), never);
    await source.fetchPage(request(), never);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(140);
  });
});

describe('time and abort', () => {
  const hang: Answer = { raw: () => {} };
  const hangInBody: Answer = {
    raw(response) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"data":[');
    },
  };

  test.each([
    ['no reply', hang],
    ['a reply that stops in its body', hangInBody],
  ])('%s ends with the timeout and is retried', async (_title, answer) => {
    await using server = await serve(answer);
    const source = sourceOf(server.url, { requestTimeoutSeconds: 0.1, retriesMax: 1 });
    const thrown = await rejection(source.fetchPage(request(), never));
    expect(thrown).toBeInstanceOf(TransientError);
    expect(thrown.message).toContain('within 0.1 s');
    expect(server.seen).toHaveLength(2);
  });

  test.each<[string, Answer]>([
    ['no reply', hang],
    ['the body', hangInBody],
    ['a retry', error(429, {}, { 'retry-after': '600' })],
    [
      'a pause of the rate limit',
      { ...GOOD, headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '50s' } },
    ],
  ])('an abort while waiting for %s rejects at once with its own reason', async (_title, answer) => {
    await using server = await serve(answer);
    const controller = new AbortController();
    const reason = { shutdown: true };
    const source = sourceOf(server.url, {}, { retryDelayScale: 1 });
    const begun = performance.now();
    setTimeout(() => controller.abort(reason), 150);
    const all = (async () => {
      for (;;) await source.fetchPage(request(), controller.signal);
    })();
    expect(await rejection(all)).toBe(reason);
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(server.seen).toHaveLength(1);
  });

  test('a signal that is aborted already sends nothing', async () => {
    await using server = await serve(GOOD);
    const source = sourceOf(server.url);
    const reason = new Error('over');
    const signal = AbortSignal.abort(reason);
    expect(await rejection(source.fetchPage(request(), signal))).toBe(reason);
    expect(await rejection(source.retrieve('c', signal))).toBe(reason);
    expect(server.seen).toEqual([]);
  });
});
