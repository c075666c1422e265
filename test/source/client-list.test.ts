import { describe, expect, test } from 'vitest';
import { SettingsError, TerminalError } from '../../src/errors.ts';
import { createSource } from '../../src/source/client.ts';
import { textOf } from '../support/items.ts';
import { completion, listOf, never, rejection, request, serve, settingsOf, sourceOf } from './support.ts';

const ONE_PAGE = { body: listOf([completion('chatcmpl-1', 1_758_039_093)], true) };

describe('a list request', () => {
  test('sends order and limit always, after and filters when given, and the key in a header only', async () => {
    await using server = await serve(ONE_PAGE);
    const source = sourceOf(server.url, { organization: 'org-1', project: 'proj_1' });
    await source.fetchPage(request(), never);
    const filter = { model: 'gpt-4o', metadata: { team: 'a b', 'k[&=]': 'é+' } };
    await source.fetchPage(request({ order: 'asc', pageSize: 20, after: 'chatcmpl-9', filter }), never);
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/v1/chat/completions?order=desc&limit=100',
      '/v1/chat/completions?order=asc&limit=20&after=chatcmpl-9&model=gpt-4o&metadata%5Bteam%5D=a%20b&metadata%5Bk%5B%26%3D%5D%5D=%C3%A9%2B',
    ]);
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${settingsOf('').apiKey}`,
      'openai-organization': 'org-1',
      'openai-project': 'proj_1',
    });
    expect(source.counts()).toEqual({ requests: 2, retries: 0 });
  });

  test.each([
    ['openai', {}, { authorization: 'Bearer k', 'api-key': undefined }, ''],
    ['compatible', {}, { authorization: 'Bearer k', 'api-key': undefined }, ''],
    ['compatible', { apiKey: '' }, { authorization: undefined, 'api-key': undefined }, ''],
    ['azure', {}, { authorization: undefined, 'api-key': 'k' }, ''],
    [
      'azure-dated',
      { apiVersion: '2025-02-01-preview' },
      { authorization: undefined, 'api-key': 'k' },
      '&api-version=2025-02-01-preview',
    ],
  ] as const)('kind %s %j', async (kind, over, headers, suffix) => {
    await using server = await serve(ONE_PAGE);
    await sourceOf(server.url, { kind, apiKey: 'k', ...over }).fetchPage(request(), never);
    const [seen] = server.seen;
    expect(seen?.headers['authorization']).toBe(headers.authorization);
    expect(seen?.headers['api-key']).toBe(headers['api-key']);
    expect(seen?.url).toBe(`/v1/chat/completions?order=desc&limit=100${suffix}`);
  });
});

test('the project that answers is known from its replies', async () => {
  await using server = await serve((_seen, nth) =>
    nth === 0 ? { ...ONE_PAGE, headers: { 'openai-project': 'proj_7' } } : ONE_PAGE,
  );
  const source = sourceOf(server.url);
  expect(source.observedProject()).toBeNull();
  await source.fetchPage(request(), never);
  await source.fetchPage(request(), never);
  expect(source.observedProject()).toBe('proj_7');
});

describe('a page', () => {
  test('keeps the text of each item, has_more, and the time of the server and of the reading', async () => {
    const raw =
      '{ "id":"chatcmpl-1" ,"object":"chat.completion","created":5,"model":"m","choices":[],"seed":-9223372036854775807}';
    const headers = { date: 'Tue, 16 Sep 2025 16:12:17 GMT' };
    await using server = await serve({ body: `\n{"data" : [ ${raw} , null ]}`, headers });
    const page = await sourceOf(server.url, {}, { clock: { nowMs: () => 42 } }).fetchPage(request(), never);
    expect(page).toMatchObject({ hasMore: null, serverTime: 1_758_039_137, observedAtMs: 42 });
    expect(page.items.map(textOf)).toEqual([raw, 'null']);
    expect(page.items[1]?.rejection).toBe('not a JSON object');
  });

  test('may be empty, and may come without a Date that can be read', async () => {
    await using server = await serve({ body: { object: 'list', data: [] }, headers: { date: 'yesterday' } });
    const page = await sourceOf(server.url).fetchPage(request(), never);
    expect(page).toMatchObject({ items: [], hasMore: null, serverTime: null });
  });

  test('may be many megabytes', async () => {
    const data = Array.from({ length: 100 }, (_, i) =>
      completion(`c-${i}`, 1000 - i, { choices: [{ message: { content: `${i}]}"`.repeat(20_000) } }] }),
    );
    await using server = await serve({ body: listOf(data, true) });
    const { items } = await sourceOf(server.url).fetchPage(request(), never);
    expect(items.map(textOf)).toEqual(data.map((one) => JSON.stringify(one)));
  });
});

describe("the source's own filter", () => {
  const filter = { model: 'gpt-4o-mini-2024-07-18', metadata: { team: 'a' } };
  const row = completion('c', 1, { metadata: { team: 'a', other: 'x' } });

  test('is joined with that of the request', async () => {
    await using server = await serve({ body: listOf([row]) });
    const source = sourceOf(server.url, { filter });
    await source.fetchPage(request({ filter: { model: null, metadata: { other: 'x' } } }), never);
    const query = server.seen[0]?.query;
    expect(query?.get('model')).toBe('gpt-4o-mini-2024-07-18');
    expect(query?.get('metadata[team]')).toBe('a');
    expect(query?.get('metadata[other]')).toBe('x');
  });

  test.each([
    ['metadata', { model: null, metadata: { team: 'b' } }],
    ['model', { model: 'o3', metadata: {} }],
  ])('another value of the same %s matches nothing, and nothing is asked', async (_title, other) => {
    await using server = await serve({ body: listOf([row]) });
    const page = await sourceOf(server.url, { filter }).fetchPage(request({ filter: other }), never);
    expect(page).toMatchObject({ items: [], hasMore: false });
    expect(server.seen).toEqual([]);
  });

  test('a snapshot of the model is the narrower wish', async () => {
    await using server = await serve({ body: listOf([completion('c', 1)]) });
    const source = sourceOf(server.url, { filter: { model: 'gpt-4o-mini', metadata: {} } });
    await source.fetchPage(request({ filter: { model: 'gpt-4o-mini-2024-07-18', metadata: {} } }), never);
    expect(server.seen[0]?.query.get('model')).toBe('gpt-4o-mini-2024-07-18');
  });

  test.each([
    ['metadata[team]', completion('d', 1)],
    ['metadata[team]', completion('d', 1, { metadata: { team: 'b' } })],
    ['model', completion('d', 1, { model: 'o3', metadata: { team: 'a' } })],
  ])('a server that ignores %s is refused, not loaded from', async (name, stray) => {
    await using server = await serve({ body: listOf([row, stray]) });
    const error = await rejection(sourceOf(server.url, { filter }).fetchPage(request(), never));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toContain(`ignores the filter ${name}`);
    expect(server.seen).toHaveLength(1);
  });

  test("the request's filter is the walk's to check", async () => {
    await using server = await serve({ body: listOf([row]) });
    const wish = request({ filter: { model: null, metadata: { suite: 'x' } } });
    expect((await sourceOf(server.url).fetchPage(wish, never)).items).toHaveLength(1);
  });
});

describe('a limit that is refused', () => {
  const refuse = (error: object, status = 400) => ({ status, body: { error } });
  const tooLarge = (max: number) =>
    refuse({
      code: 'integer_above_max_value',
      param: 'limit',
      type: 'invalid_request_error',
      message: `Invalid 'limit': integer above maximum value. Expected a value <= ${max}, but got 1000 instead.`,
    });

  test.each([
    ['the size it names is taken', tooLarge(50), 50],
    ['a hundred is tried', refuse({ param: 'limit', message: 'too much' }), 100],
    [
      'FastAPI says it in its own form',
      { status: 422, body: { detail: [{ loc: ['query', 'limit'], msg: 'less than or equal to 60' }] } },
      60,
    ],
  ])('%s, and remembered', async (_title, refusal, size) => {
    await using server = await serve(({ query }) => (Number(query.get('limit')) > size ? refusal : ONE_PAGE));
    const source = sourceOf(server.url);
    await source.fetchPage(request({ pageSize: 1000 }), never);
    await source.fetchPage(request({ pageSize: 1000, after: 'chatcmpl-1' }), never);
    expect(server.seen.map(({ query }) => query.get('limit'))).toEqual(['1000', `${size}`, `${size}`]);
    expect(source.counts().retries).toBe(0);
  });

  test('a hundred is followed by twenty, and then it is an error', async () => {
    await using server = await serve(refuse({ param: 'limit', message: 'no' }));
    const error = await rejection(
      sourceOf(server.url).fetchPage(request({ after: 'x', pageSize: 1000 }), never),
    );
    expect(server.seen.map(({ query }) => query.get('limit'))).toEqual(['1000', '100', '20']);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toContain('parameter limit');
  });
});

describe('scope and retention', () => {
  test('equal settings give equal text, another filter another, and none holds the key', () => {
    const scope = (over: object) => sourceOf('https://api.example/v1', over).scope;
    const filter = { model: 'gpt 4', metadata: { b: '2', a: '1' } };
    expect(scope({})).toBe('https://api.example/v1');
    expect(scope({ organization: 'org-1', project: 'proj_1', filter })).toBe(
      'https://api.example/v1 organization=org-1 project=proj_1 model=gpt%204 metadata[a]=1 metadata[b]=2',
    );
    expect(scope({ filter: { model: 'gpt 4', metadata: { a: '1', b: '2' } } })).toBe(scope({ filter }));
    expect(scope({ filter: { model: null, metadata: { a: '1 metadata[b]=2' } } })).not.toBe(
      scope({ filter: { model: null, metadata: { a: '1', b: '2' } } }),
    );
  });

  test('days become seconds, and null stays for ever', () => {
    expect(sourceOf('https://api.example/v1').retentionSeconds).toBe(2_592_000);
    expect(sourceOf('https://api.example/v1', { retentionDays: null }).retentionSeconds).toBeNull();
  });
});

describe('settings that no request can be made with are refused by name, without their value', () => {
  test.each([
    ['OPENAI_BASE_URL', { baseUrl: 'hidden' }],
    ['OPENAI_BASE_URL', { baseUrl: 'ftp://hidden/v1' }],
    ['OPENAI_BASE_URL', { baseUrl: 'https://user:hidden@api.example/v1' }],
    ['OPENAI_BASE_URL', { baseUrl: 'https://api.example/v1?key=hidden' }],
    ['OPENAI_API_KEY', { apiKey: 'sk-hidden\n' }],
    ['OPENAI_ORG_ID', { organization: 'hidden\r\nx: y' }],
    ['OPENAI_PROJECT_ID', { project: '' }],
    ['API_VERSION', { kind: 'azure-dated' }],
    ['REQUESTS_PER_MINUTE', { requestsPerMinute: 0 }],
    ['EU_TEAM_API_KEY', { name: 'eu-team', apiKey: 'sk hidden' }],
  ] as const)('%s %j', (name, over) => {
    const make = () =>
      createSource(settingsOf('https://api.example/v1', over), { clock: { nowMs: () => 0 } });
    expect(make).toThrow(SettingsError);
    expect(make).toThrow(name);
    expect(make).not.toThrow('hidden');
  });
});
