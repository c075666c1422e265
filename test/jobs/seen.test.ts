/** What is seen of a worker from outside: its probes, metrics, the board, traces and alerts, each through a client that is not ours. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { everyNth } from '../../src/emulator/faults.ts';
import { EXIT } from '../../src/errors.ts';
import { familiesOf, numberOf } from '../observe/prometheus.ts';
import { type Browser, startBrowser } from '../support/browser.ts';
import { collectorOf } from '../support/collector.ts';
import type { House } from '../support/house.ts';
import {
  chromiumPath,
  describeWithChromium,
  describeWithRedis,
  redisServerPath,
} from '../support/programs.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { livingHouse, queuesOf, said, tokenhouse } from './processes.ts';
import { ownQueueName } from './support.ts';

const LONG = { timeout: 60_000, interval: 200 };
const OFF = { SCHEDULE: 'off', SWEEP_SCHEDULE: 'off' };

let redis: RedisServer;
let browser: Browser;
beforeAll(async () => {
  if (redisServerPath !== null) redis = await startRedis();
  if (chromiumPath !== null) browser = await startBrowser();
});
afterAll(() => browser?.close());

const environmentOf = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  REDIS_URL: redis.url,
  QUEUE_NAME: ownQueueName(),
  ...OFF,
  ...more,
});

/** `worker --http` on a free port. */
async function seenWorker(house: House, env: Readonly<Record<string, string>>) {
  const worker = tokenhouse(house, ['worker', '--http', '--port', '0'], env);
  const all = await said(worker, /seen over HTTP/);
  const line = all.split('\n').find((one) => one.includes('seen over HTTP'));
  return { worker, url: String(JSON.parse(String(line)).url) };
}

const runNow = async (house: House, env: Readonly<Record<string, string>>): Promise<void> => {
  expect((await tokenhouse(house, ['schedule', 'run-now', 'nightly-sync'], env).ended).code).toBe(
    EXIT.landed,
  );
};

const get = async (url: string): Promise<{ status: number; body: string }> => {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
};

describeWithRedis('a worker over HTTP', () => {
  it('is alive and ready, counts what it does, and is not ready without its queue', async () => {
    const house = await livingHouse({ rows: 300 });
    const own = await startRedis();
    const env = environmentOf({ REDIS_URL: own.url });
    const { worker, url } = await seenWorker(house, env);
    expect((await get(`${url}/healthz`)).status).toBe(200);
    // Once it has looked at the warehouse, which it begins with.
    await expect.poll(async () => (await get(`${url}/readyz`)).status, LONG).toBe(200);
    await runNow(house, env);
    const metrics = async () => (await get(`${url}/metrics`)).body;
    await expect
      .poll(
        async () =>
          numberOf(await metrics(), 'tokenhouse_jobs', {
            queue: `${env['QUEUE_NAME']}-runs`,
            state: 'completed',
          }),
        LONG,
      )
      .toBe(1);
    const body = await metrics();
    expect(numberOf(body, 'tokenhouse_rows_total', { source: 'openai', outcome: 'inserted' })).toBe(300);
    expect(numberOf(body, 'tokenhouse_requests_total', { source: 'openai', status: '200' })).toBe(
      house.emulator.requestCount,
    );
    expect(
      numberOf(body, 'tokenhouse_runs_total', { source: 'openai', kind: 'sync', status: 'landed' }),
    ).toBe(1);
    for (const family of familiesOf(body)) expect(family.help.length).toBeGreaterThan(10);

    await own.kill();
    await expect.poll(async () => (await get(`${url}/readyz`)).status, LONG).toBe(503);
    expect((await get(`${url}/readyz`)).body).toContain('REDIS_URL');
    expect((await get(`${url}/healthz`)).status).toBe(200);
    await own.restart();
    await expect.poll(async () => (await get(`${url}/readyz`)).status, LONG).toBe(200);
    worker.child.kill('SIGTERM');
    const { code, stderr } = await worker.ended;
    expect(code, stderr).toBe(EXIT.landed);
  });

  it('traces of a job and its run are one, from who asked for it to the last commit', async () => {
    const collector = await collectorOf();
    const house = await livingHouse({ rows: 50 });
    const env = environmentOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await runNow(house, env);
    const done = await tokenhouse(house, ['worker', '--once'], env).ended;
    expect(done.code).toBe(EXIT.landed);
    const spans = collector.spans();
    const [run] = spans.filter(({ name }) => name === 'run openai');
    const [job] = spans.filter(({ spanId }) => spanId === run?.parentSpanId);
    expect(job?.name).toBe(`process ${env['QUEUE_NAME']}-runs`);
    expect(
      spans.filter(({ name }) => name === 'commit').every(({ traceId }) => traceId === run?.traceId),
    ).toBe(true);
  });
});

describeWithRedis('alerts of a worker', () => {
  it('a run that failed for good is told once, however often its job fails that day; the webhook may be away at first', async () => {
    const posts: { text: string; kind: string; source: string }[] = [];
    let isAway = true;
    const hook = createServer(async (request, response) => {
      const body = await text(request);
      response.statusCode = isAway ? 503 : 200;
      if (!isAway) posts.push(JSON.parse(body));
      isAway = false;
      response.end();
    });
    await new Promise<void>((done) => hook.listen(0, '127.0.0.1', done));
    onTestFinished(() => void hook.close());
    const house = await livingHouse({ rows: 50 });
    const refused = { kind: 'status', status: 401, headers: {}, body: '{}' } as const;
    house.emulator.faults.rules = [everyNth(1, refused)];
    const webhook = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/secret-path`;
    const env = environmentOf({ ALERT_WEBHOOK: webhook });
    const worker = tokenhouse(house, ['worker'], env);
    await said(worker, 'worker takes jobs');
    await runNow(house, env);
    await expect.poll(() => posts.length, LONG).toBe(1);
    expect(posts[0]).toMatchObject({
      kind: 'run_failed',
      source: 'openai',
      text: expect.stringContaining('OPENAI_API_KEY'),
    });
    await runNow(house, env);
    await using queues = await queuesOf(house, env);
    await expect.poll(() => queues.runs.getFailedCount(), LONG).toBe(2);
    expect(posts.length).toBe(1);
    worker.child.kill('SIGTERM');
    const { stderr } = await worker.ended;
    expect(stderr).not.toContain('secret-path');
  });
});

describe.skipIf(redisServerPath === null)('the board', () => {
  describeWithChromium('of the queues in a browser', () => {
    it('shows a finished job, nothing of its key, and lets nobody change anything', async () => {
      const house = await livingHouse({ rows: 120 });
      const env = environmentOf({
        OPENAI_API_KEY: 'sk-canary-of-the-board',
        HTTP_TOKEN: 'token-of-the-board-1234567890',
      });
      const { worker, url } = await seenWorker(house, env);
      await runNow(house, env);
      const name = `${env['QUEUE_NAME']}-runs`;
      const { host } = new URL(url);
      expect((await get(`${url}/queues`)).status).toBe(401);
      expect((await get(`${url}/queues/api/queues`)).status).toBe(401);

      const page = await browser.context.newPage();
      const problems: string[] = [];
      const hosts = new Set<string>();
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('request', (request) => hosts.add(new URL(request.url()).host));
      // As a browser that has asked its user sends it.
      await page.setExtraHTTPHeaders({ authorization: `Basic ${btoa(`any:${env['HTTP_TOKEN']}`)}` });
      await expect
        .poll(async () => {
          await page.goto(`${url}/queues/queue/${name}?status=completed`);
          const result = page.getByText('rows_inserted').first();
          return result.waitFor({ timeout: 5_000 }).then(
            () => true,
            () => false,
          );
        }, LONG)
        .toBe(true);
      const shown = await page.locator('body').textContent();
      expect(shown).toContain('nightly-sync');
      expect(shown).toContain('landed');
      expect(shown).not.toContain('canary');
      expect([...hosts]).toEqual([host]);
      expect(problems).toEqual([]);

      const authorization = `Bearer ${env['HTTP_TOKEN']}`;
      const paused = await fetch(`${url}/queues/api/queues/${name}/clean/completed`, {
        method: 'PUT',
        headers: { authorization },
      });
      expect(paused.status).toBe(405);
      await page.close();
      worker.child.kill('SIGTERM');
      const { code, stderr } = await worker.ended;
      expect(code, stderr).toBe(EXIT.landed);
    });
  });
});
