import { describe, expect, test } from 'vitest';
import { TerminalError, TransientError } from '../../src/errors.ts';
import type { CompletionId } from '../../src/sync/ports.ts';
import { type Answer, completion, listOf, never, placed, rejection, serve, sourceOf } from './support.ts';

const NOT_FOUND: Answer = {
  status: 404,
  body: {
    error: {
      message: 'Completion c-1 not found',
      type: 'invalid_request_error',
      param: 'completion_id',
      code: 'not_found',
    },
  },
};
const OGX_NOT_FOUND: Answer = {
  status: 400,
  body: { error: { message: 'Chat completion with id c-1 not found' } },
};

describe('retrieve', () => {
  test('gives the completion with its text', async () => {
    const raw = JSON.stringify(completion('c-1', 7, { seed: 0 })).replace(
      '"seed":0',
      '"seed" : 4944116822809979520',
    );
    await using server = await serve({ body: `${raw}\n` });
    const found = await sourceOf(server.url).retrieve('c-1', never);
    expect(found).toMatchObject({ kind: 'found', status: 200, raw, item: { id: 'c-1', rejection: null } });
    expect(server.seen[0]?.url).toBe('/v1/chat/completions/c-1');
  });

  test.each(['a/b?c#d', '../x', 'é %'])('the id %s stays one part of the path', async (id) => {
    await using server = await serve({ body: completion(id, 7) });
    expect((await sourceOf(server.url).retrieve(id, never)).kind).toBe('found');
    expect(server.seen[0]?.url).toBe(`/v1/chat/completions/${encodeURIComponent(id)}`);
  });
});

describe('exists', () => {
  test.each<[string, Answer, boolean | null]>([
    ['200', { body: completion('c-1', 7) }, true],
    ['404', NOT_FOUND, false],
    ['410', { status: 410 }, false],
    ['404 without a body', { status: 404 }, false],
    ['the 400 of OGX', OGX_NOT_FOUND, false],
    ['another 400', { status: 400, body: { error: { message: 'bad' } } }, null],
    ['405', { status: 405, body: { detail: 'Method Not Allowed' } }, null],
    ['501', { status: 501 }, null],
    ['a route that is not there', { status: 404, body: { detail: 'Not Found' } }, null],
    ['a web page for 404', { status: 404, body: '<html>' }, null],
    ['a login page', { body: '<html>' }, null],
    ['another completion', { body: completion('c-2', 7) }, null],
  ])('%s', async (_title, answer, expected) => {
    await using server = await serve(answer);
    expect(await sourceOf(server.url).exists('c-1' as CompletionId, never)).toBe(expected);
    expect(server.seen).toHaveLength(1);
  });

  test('an id that no URL can name does not exist, and another path is not asked', async () => {
    await using server = await serve({ body: completion('..', 7) });
    expect(await sourceOf(server.url).exists('..' as CompletionId, never)).toBe(false);
    expect(server.seen).toEqual([]);
  });

  test.each([
    [401, TerminalError],
    [500, TransientError],
  ])('%i is an error', async (status, kind) => {
    await using server = await serve({ status });
    const source = sourceOf(server.url, { retriesMax: 1 });
    expect(await rejection(source.exists('c-1' as CompletionId, never))).toBeInstanceOf(kind);
  });
});

describe('fetchMessages', () => {
  const message = (n: number) => ({ id: `c-1-${n}`, role: 'user', content: `text ${n}` });
  const paged =
    (total: number, size: number, hasMore: (more: boolean) => boolean | null = (more) => more) =>
    ({ query }: { query: URLSearchParams }): Answer => {
      const all = Array.from({ length: total }, (_, n) => message(n));
      const from = all.findIndex(({ id }) => id === query.get('after')) + 1;
      const data = all.slice(from, from + Math.min(size, Number(query.get('limit'))));
      return { body: listOf(data, hasMore(from + data.length < total)) };
    };

  test.each([
    ['all on one page', paged(3, 20), 3, 1],
    ['over pages', paged(5, 2), 5, 3],
    ['without has_more', paged(5, 2, () => null), 5, 4],
    ['has_more and an empty page', paged(4, 2, () => true), 4, 3],
    ['none', paged(0, 20), 0, 1],
  ])('%s: all of them, in order, once', async (_title, answer, count, requests) => {
    await using server = await serve(answer);
    const messages = await sourceOf(server.url).fetchMessages(placed('c-1', 7), never);
    expect(messages).toEqual(
      Array.from({ length: count }, (_, index) => ({
        completionId: 'c-1',
        completionCreatedAt: 7,
        index,
        raw: JSON.stringify(message(index)),
        body: message(index),
      })),
    );
    expect(server.seen).toHaveLength(requests);
    expect(server.seen[0]?.url).toBe('/v1/chat/completions/c-1/messages?order=asc&limit=100');
  });

  test.each([
    ['404', NOT_FOUND],
    ['400 of OGX', OGX_NOT_FOUND],
  ])('a completion that is gone has none (%s)', async (_title, answer) => {
    await using server = await serve(answer);
    expect(await sourceOf(server.url).fetchMessages(placed('c-1'), never)).toEqual([]);
  });

  test('a completion deleted half-way has none', async () => {
    await using server = await serve((seen) =>
      seen.query.has('after') || !seen.path.endsWith('messages') ? NOT_FOUND : paged(5, 2)(seen),
    );
    expect(await sourceOf(server.url).fetchMessages(placed('c-1'), never)).toEqual([]);
  });

  test('a cursor that dies while the completion lives is worth another run', async () => {
    await using server = await serve((seen) => {
      if (!seen.path.endsWith('messages')) return { body: completion('c-1', 7) };
      return seen.query.has('after') ? NOT_FOUND : paged(5, 2)(seen);
    });
    expect(await rejection(sourceOf(server.url).fetchMessages(placed('c-1'), never))).toBeInstanceOf(
      TransientError,
    );
  });

  test('a server that ignores the cursor does not make it run for ever', async () => {
    const first = (hasMore: boolean | null) => ({ body: listOf([message(0), message(1)], hasMore) });
    await using silent = await serve(first(null));
    expect(await sourceOf(silent.url).fetchMessages(placed('c-1'), never)).toHaveLength(2);
    expect(silent.seen).toHaveLength(2);
    await using insisting = await serve(first(true));
    const error = await rejection(sourceOf(insisting.url).fetchMessages(placed('c-1'), never));
    expect(error).toBeInstanceOf(TerminalError);
    expect(insisting.seen).toHaveLength(2);
  });

  test('messages without ids are kept when there is no more, and refused when there is', async () => {
    const bare = { role: 'user', content: 'x' };
    await using last = await serve({ body: listOf([bare, bare], false) });
    expect(await sourceOf(last.url).fetchMessages(placed('c-1'), never)).toHaveLength(2);
    await using more = await serve({ body: listOf([bare, bare], true) });
    expect(await rejection(sourceOf(more.url).fetchMessages(placed('c-1'), never))).toBeInstanceOf(
      TerminalError,
    );
  });

  test.each([405, 501])('a server without the route is refused by name (%i)', async (status) => {
    await using server = await serve({ status });
    const error = await rejection(sourceOf(server.url).fetchMessages(placed('c-1'), never));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toContain('does not offer it');
  });
});
