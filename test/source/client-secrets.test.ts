import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RetryEvent } from '../../src/source/retry.ts';
import type { CompletionId } from '../../src/sync/ports.ts';
import { type Answer, API_KEY, listOf, never, placed, request, serve, sourceOf } from './support.ts';

const PROMPT = 'canary: my diary says';
const CANARIES = [API_KEY, PROMPT, 'canary'];

/** All that a log could make of an error, its causes included. */
const traces = (error: unknown): string =>
  [
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
    String(error),
    (error as Error).stack,
  ].join();

const text = fc.constantFrom(
  PROMPT,
  API_KEY,
  `Incorrect API key provided: ${API_KEY}.`,
  `Missing scopes: ${PROMPT} ${API_KEY}`,
  `Missing scopes: model.read ${PROMPT}`,
  `Expected a value <= 100 in ${PROMPT} limit`,
  `{'errors': [{'loc': ['query', '${PROMPT}']}]}`,
);
const body = fc.oneof(
  text,
  text.map((words) => `<html>${words}</html>`),
  text.map((words) => `{"data":[{"id":"${words}"`),
  fc
    .record({ message: text, code: text, type: text, param: text }, { requiredKeys: [] })
    .map((error) => JSON.stringify({ error })),
  text.map((words) => JSON.stringify({ error: words })),
  text.map((words) => JSON.stringify({ detail: [{ loc: ['query', words], msg: words }] })),
  text.map((words) => JSON.stringify({ note: words })),
  text.map((words) => JSON.stringify(listOf([{ content: words }], true))),
);
const status = fc.constantFrom(
  200,
  204,
  301,
  400,
  401,
  402,
  403,
  404,
  405,
  408,
  409,
  410,
  418,
  422,
  429,
  500,
  501,
  503,
);
const headers = fc.constantFrom<Record<string, string>>(
  {},
  { 'x-request-id': encodeURI(PROMPT) },
  { location: `https://elsewhere.example/?${API_KEY}` },
  { 'x-should-retry': 'true' },
  { 'retry-after': `${API_KEY}` },
  { 'content-length': '5000' },
);

describe('no key and no text of a reply reaches an error or an event', () => {
  test('whatever the server answers', async () => {
    let answer: Answer = {};
    await using server = await serve(() => answer);
    await fc.assert(
      fc.asyncProperty(status, body, headers, async (code, reply, more) => {
        answer = {
          raw(response) {
            response.writeHead(code, more);
            response.end(reply, () => 'content-length' in more && response.destroy());
          },
        };
        const events: RetryEvent[] = [];
        const onRetry = (event: RetryEvent) => void events.push(event);
        const source = sourceOf(server.url, { retriesMax: 1, requestTimeoutSeconds: 2 }, { onRetry });
        const outcomes = await Promise.allSettled([
          source.fetchPage(request(), never),
          source.fetchPage(request({ after: 'chatcmpl-1' }), never),
          source.exists('chatcmpl-1' as CompletionId, never),
          source.fetchMessages(placed('chatcmpl-1'), never),
        ]);
        const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [traces(one.reason)] : []));
        const shown = [
          ...errors,
          JSON.stringify(events),
          source.scope,
          JSON.stringify(source.counts()),
        ].join();
        for (const canary of CANARIES) expect(shown).not.toContain(canary);
      }),
      { numRuns: 300 },
    );
  });

  test('not even when the reply is no HTTP', async () => {
    await using server = await serve({
      raw: (response) => response.socket?.end(`HTTP/1.1 200 OK\r\n${PROMPT}\0: ${API_KEY}\r\n\r\n`),
    });
    const source = sourceOf(server.url, { retriesMax: 0 });
    const [outcome] = await Promise.allSettled([source.fetchPage(request(), never)]);
    if (outcome?.status !== 'rejected') throw new Error('it was expected to reject');
    for (const canary of CANARIES) expect(traces(outcome.reason)).not.toContain(canary);
  });

  test('and the key is in no URL', async () => {
    await using server = await serve({ body: listOf([]) });
    const source = sourceOf(server.url);
    await source.fetchPage(request({ after: 'c' }), never);
    await source.retrieve('c', never);
    await source.fetchMessages(placed('c'), never).catch(() => []);
    for (const { url } of server.seen) expect(url).not.toContain(API_KEY);
  });
});
