import { once } from 'node:events';
import { Agent, get, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createHttpServer, FOREIGN_PAGE_POLICY, type HttpServerOptions } from '../../src/web/server.ts';
import { TextSink } from '../support/streams.ts';

const TOKEN = 'token-canary-0123456789';
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** Over Node's own client, as fetch lets nobody set `Host` or `Origin`. */
async function ask(url: string, { body, ...options }: Asked = {}): Promise<Answer> {
  const sent = httpRequest(url, options).end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text };
}

async function serving(
  over: Partial<HttpServerOptions> = {},
  token: string | null = null,
  host = '127.0.0.1',
) {
  const logged = new TextSink();
  const server = createHttpServer({
    settings: { host, port: 0, token },
    metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'up 1\n' },
    checks: [],
    log: createLog({ level: 'trace', format: 'json', color: false }, logged, false),
    ...over,
  });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  return { server, url, logged };
}

describe('without a token, on this machine', () => {
  test('it says that it is alive, and gives its metrics', async () => {
    const { url } = await serving();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask(`${url}/healthz`)).toMatchObject({ status: 200, body: 'alive\n' });
    const metrics = await ask(`${url}/metrics`);
    expect(metrics).toMatchObject({ status: 200, body: 'up 1\n' });
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4');
  });

  test('every answer has the headers that keep a browser careful, and none that names the server', async () => {
    const { url } = await serving();
    for (const path of ['/metrics', '/healthz', '/readyz', '/nothing']) {
      const { headers } = await ask(url + path);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      expect(Object.keys(headers).filter((name) => /server|powered/.test(name))).toEqual([]);
    }
  });

  test('it answers to names of this machine only, so that no page on the web reads it by DNS rebinding', async () => {
    const { url } = await serving();
    const answers = async (host: string) => (await ask(`${url}/metrics`, { headers: { host } })).status;
    for (const host of ['localhost', 'localhost:1234', '127.0.0.1:8484', '[::1]:8484']) {
      expect(await answers(host), host).toBe(200);
    }
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'a@localhost']) {
      expect(await answers(host), host).toBe(403);
    }
    const refused = await ask(`${url}/healthz`, { headers: { host: 'evil.example' } });
    expect(refused.body).toContain('HTTP_TOKEN');
  });

  test('it can be had over IPv6', async () => {
    const { url } = await serving({}, null, '::1');
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await ask(`${url}/metrics`)).status).toBe(200);
  });
});

describe('with a token', () => {
  const GIVEN: readonly (readonly [given: string, authorization: string | null, status: number])[] = [
    ['nothing', null, 401],
    ['the token as Bearer', `Bearer ${TOKEN}`, 200],
    ['the token as bearer', `bearer ${TOKEN}`, 200],
    ['it as the password of anyone', basic('anyone', TOKEN), 200],
    ['it as the password of no one', basic('', TOKEN), 200],
    ['it as the user name', basic(TOKEN, ''), 401],
    ['a part of it', `Bearer ${TOKEN.slice(0, -1)}`, 401],
    ['more than it', `Bearer ${TOKEN}x`, 401],
    ['nothing behind Bearer', 'Bearer ', 401],
    ['a Basic without a colon', `Basic ${Buffer.from(TOKEN).toString('base64')}`, 401],
    ['it without a scheme', TOKEN, 401],
    ['another scheme', `Digest ${TOKEN}`, 401],
  ];
  test.each(GIVEN)('%s: /metrics answers as it should', async (_given, authorization, status) => {
    const { url } = await serving({}, TOKEN);
    const answer = await ask(`${url}/metrics`, authorization === null ? {} : { headers: { authorization } });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="tokenhouse"/);
  });

  test('it is asked for everywhere but at the two probes, and not taken from a URL', async () => {
    const routes = async (app: { get: (path: string, handler: () => Promise<string>) => unknown }) =>
      void app.get('/', async () => 'page');
    const { url } = await serving({ plugins: [{ prefix: '/queues', routes }] }, TOKEN);
    for (const path of ['/queues', '/queues/', '/nothing', '/', `/metrics?token=${TOKEN}`, '/healthz/x']) {
      expect((await ask(url + path)).status, path).toBe(401);
    }
    for (const path of ['/healthz', '/readyz', '/healthz?x=1']) {
      expect((await ask(url + path)).status, path).toBe(200);
    }
    // Other names are then its owner's business.
    const headers = { host: 'house.example', authorization: `Bearer ${TOKEN}` };
    expect((await ask(`${url}/queues`, { headers })).body).toBe('page');
  });

  test('why it is not ready is for those who know it; others learn what', async () => {
    const checks = [{ name: 'queue', check: () => 'redis at 10.0.0.7 is away' }];
    const { url } = await serving({ checks }, TOKEN);
    const open = await ask(`${url}/readyz`);
    expect({ status: open.status, body: JSON.parse(open.body) }).toEqual({
      status: 503,
      body: { ready: false, checks: { queue: 'failing' } },
    });
    const told = await ask(`${url}/readyz`, { headers: { authorization: basic('', TOKEN) } });
    expect(JSON.parse(told.body).checks).toEqual({ queue: 'redis at 10.0.0.7 is away' });
  });

  test('no log line holds it, or the query', async () => {
    const { url, logged } = await serving({}, TOKEN);
    await ask(`${url}/metrics?secret=canary-query`, { headers: { authorization: `Bearer ${TOKEN}` } });
    await ask(`${url}/canary-path?token=${TOKEN}`);
    await expect.poll(() => logged.text.match(/"status"/g)?.length).toBe(2);
    expect(logged.text).not.toMatch(/canary/);
    expect(logged.text).toContain('"route":"/metrics"');
  });
});

test('a page of another site changes nothing', async () => {
  const routes = async (app: { post: (path: string, handler: () => Promise<string>) => unknown }) =>
    void app.post('/clean', async () => 'cleaned');
  const { url } = await serving({ plugins: [{ prefix: '/queues', routes }] });
  const post = async (headers: Record<string, string>) =>
    (await ask(`${url}/queues/clean`, { method: 'POST', headers })).status;
  expect(await post({})).toBe(200);
  expect(await post({ origin: url, 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await post({ origin: url })).toBe(200);
  expect(await post({ origin: 'https://evil.example' })).toBe(403);
  expect(await post({ origin: 'null' })).toBe(403);
  expect(await post({ 'sec-fetch-site': 'cross-site' })).toBe(403);
});

test('what is not there, asked wrongly or fails is told in plain words', async () => {
  const routes = async (app: {
    get: (path: string, handler: () => Promise<string>) => unknown;
    post: (path: string, handler: () => Promise<string>) => unknown;
  }) => {
    app.get('/fails', async () => {
      throw new Error('canary: what people wrote');
    });
    app.post('/takes', async () => 'taken');
  };
  const { url, logged } = await serving({ plugins: [{ prefix: '/', routes }] });
  expect(await ask(`${url}/nothing`)).toMatchObject({ status: 404, body: 'there is nothing at this path\n' });
  const wrong = await ask(`${url}/metrics`, { method: 'POST' });
  expect(wrong).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  expect(await ask(`${url}/%zz`)).toMatchObject({ status: 400, body: 'this path cannot be read\n' });
  const headers = { 'content-type': 'application/json' };
  const take = (body: string) => ask(`${url}/takes`, { method: 'POST', headers, body });
  expect(await take('{"cut')).toMatchObject({ status: 400, body: 'this request cannot be read\n' });
  const large = await take(JSON.stringify('x'.repeat(1_100_000)));
  expect(large).toMatchObject({ status: 413, body: 'the body is too large\n' });
  expect(await ask(`${url}/fails`)).toMatchObject({ status: 500, body: 'this failed; the log says why\n' });
  expect(logged.text).toContain('"route":"/fails"');
  expect(logged.text).not.toContain('canary');
});

test('a plugin of someone else has a policy of its own', async () => {
  const routes = async (app: { get: (path: string, handler: () => Promise<string>) => unknown }) =>
    void app.get('/', async () => 'board');
  const plugins = [{ prefix: '/queues', routes, contentSecurityPolicy: FOREIGN_PAGE_POLICY }];
  const { url } = await serving({ plugins });
  const { headers } = await ask(`${url}/queues`);
  expect(headers['content-security-policy']).toBe(FOREIGN_PAGE_POLICY);
  expect((await ask(`${url}/metrics`)).headers['content-security-policy']).toMatch(/^default-src 'none'/);
});

test('readiness is the checks’ together; one that throws or never answers is a reason', async () => {
  let isAway = false;
  const { url } = await serving({
    checks: [
      { name: 'queue', check: async () => (isAway ? 'it is away' : null) },
      { name: 'warehouse', check: () => null },
    ],
  });
  expect(await ask(`${url}/readyz`)).toMatchObject({
    status: 200,
    body: '{"ready":true,"checks":{"queue":"ok","warehouse":"ok"}}',
  });
  isAway = true;
  expect(JSON.parse((await ask(`${url}/readyz`)).body)).toEqual({
    ready: false,
    checks: { queue: 'it is away', warehouse: 'ok' },
  });
  const stuck = await serving({
    checks: [
      { name: 'queue', check: () => new Promise(() => {}) },
      {
        name: 'broken',
        check() {
          throw new Error('canary');
        },
      },
    ],
  });
  const { status, body } = await ask(`${stuck.url}/readyz`);
  expect(status).toBe(503);
  expect(JSON.parse(body).checks).toEqual({ queue: 'no answer within 2 s', broken: 'the check failed' });
});

test('a port in use, and an address that is not ours, are told of by their settings', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const at = (host: string, wanted: number) =>
    createHttpServer({
      settings: { host, port: wanted, token: TOKEN },
      metrics: { contentType: '', text: async () => '' },
      checks: [],
      log: createLog({ level: 'silent', format: 'json', color: false }, new TextSink(), false),
    }).listen();
  await expect(at('127.0.0.1', port)).rejects.toThrow(
    `HTTP_PORT: port ${port} of 127.0.0.1 is in use by another program (or another worker): set another one`,
  );
  await expect(at('192.0.2.1', 0)).rejects.toThrow(/^HTTP_HOST is no address of this machine/);
});

test('closing waits for no connection that is kept alive, nor for one that never asked, and lets an answer end', async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const metrics = { contentType: 'text/plain', text: () => held.then(() => 'late 1\n') };
  const { server, url } = await serving({ metrics });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  await ask(`${url}/healthz`, { agent });
  const silent = connect(Number(new URL(url).port), '127.0.0.1');
  await once(silent, 'connect');
  silent.on('error', () => {});
  const slow = ask(`${url}/metrics`);
  await sleep(100);
  const startedMs = performance.now();
  const closed = server.close();
  await sleep(100);
  release();
  expect(await slow).toMatchObject({ status: 200, body: 'late 1\n' });
  await closed;
  expect(performance.now() - startedMs).toBeLessThan(3_000);
  await expect(
    new Promise((resolve, reject) => get(`${url}/healthz`, { agent: false }, resolve).on('error', reject)),
  ).rejects.toThrow(/ECONNREFUSED/);
  // A second time is nothing new.
  await server.close();
});
