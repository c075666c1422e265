/** All that is sent passes the proxy that is set, in this process; the alert, the spans and the API's pages alike. */
import http from 'node:http';
import { expect, test } from 'vitest';
import type { ProxySettings } from '../../src/config.ts';
import { EXIT } from '../../src/errors.ts';
import type { Probe } from '../../src/health/probe.ts';
import { routeOf, useProxy } from '../../src/proxy.ts';
import { collectorOf } from '../support/collector.ts';
import { type Ended, type House, houseOf } from '../support/house.ts';
import { proxyOf } from '../support/proxy.ts';
import { SILENT } from '../support/run-in-house.ts';
import { webhookOf } from '../support/webhook.ts';

/** A sync that is refused, so that an alert and spans leave as well. */
async function refusedSync(env: Readonly<Record<string, string>>) {
  const house = await houseOf({ quirks: { apiKey: 'another key' } });
  const [collector, webhook] = [await collectorOf(), await webhookOf()];
  const ended = await house.sync({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ALERT_WEBHOOK: webhook.url,
      LOG_LEVEL: 'trace',
      ...env,
    },
  });
  expect(ended.code).toBe(EXIT.failed);
  expect(webhook.posts).toHaveLength(1);
  expect(collector.posts.length).toBeGreaterThan(0);
  const hosts = [house.emulator.baseUrl, webhook.url, collector.url].map((url) => new URL(url).host);
  return { ended, hosts };
}

const expectSilent = ({ stdout, stderr }: Ended): void => expect(stdout + stderr).not.toContain('canary');

test('API, webhook and traces pass HTTP_PROXY', async () => {
  const proxy = await proxyOf();
  const { ended, hosts } = await refusedSync({ HTTP_PROXY: proxy.url });
  expect(new Set(proxy.passed)).toEqual(new Set(hosts));
  expectSilent(ended);
});

test('NO_PROXY keeps them off it', async () => {
  const proxy = await proxyOf();
  await refusedSync({ HTTP_PROXY: proxy.url, NO_PROXY: 'elsewhere.example, 127.0.0.1' });
  expect(proxy.passed).toEqual([]);
});

test('a command leaves no proxy behind', async () => {
  const agent = http.globalAgent;
  const [proxy, house] = [await proxyOf(), await houseOf({ rows: 3 })];
  await doctor(house, { HTTP_PROXY: proxy.url });
  expect(proxy.passed.length).toBeGreaterThan(0);
  expect(http.globalAgent).toBe(agent);
  await fetch(house.emulator.baseUrl);
  expect(proxy.passed).toHaveLength(1);
});

async function doctor(house: House, env: Readonly<Record<string, string>>): Promise<readonly Probe[]> {
  const { stdout } = await house.tokenhouse(['doctor', '--json'], { env });
  expect(stdout).not.toContain('canary');
  return (JSON.parse(stdout) as { probes: readonly Probe[] }).probes;
}

const proxyProbe = (probes: readonly Probe[]) => probes.find(({ name }) => name === 'proxy');

test('doctor says which proxy the API is asked through, by host and port', async () => {
  const [proxy, house] = [await proxyOf(), await houseOf({ rows: 3 })];
  expect(proxyProbe(await doctor(house, { HTTP_PROXY: proxy.url }))).toMatchObject({
    status: 'ok',
    what: `requests go through ${proxy.address} (HTTP_PROXY)`,
    source: 'openai',
  });
  const bypassed = await doctor(house, { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' });
  expect(proxyProbe(bypassed)?.what).toBe('none: NO_PROXY names the API’s host');
  const other = await doctor(house, { HTTPS_PROXY: proxy.url });
  expect(proxyProbe(other)?.what).toMatch(/^none: HTTP_PROXY is not set/);
  expect(proxyProbe(await doctor(house, {}))).toBeUndefined();
});

test('a proxy that refuses is told of by doctor, with the setting', async () => {
  const [proxy, house] = [await proxyOf(407), await houseOf({ rows: 3 })];
  const list = (await doctor(house, { HTTP_PROXY: proxy.url })).find(({ name }) => name === 'list');
  expect(list).toMatchObject({
    status: 'failed',
    what: expect.stringMatching(/the proxy does not connect \(status 407\): check HTTPS_PROXY/),
    mend: expect.stringContaining('NO_PROXY'),
  });
});

test('a proxy of another kind is refused before anything is sent', async () => {
  const house = await houseOf({ rows: 3 });
  const { code, stderr } = await house.tokenhouse(['sync'], {
    env: { HTTPS_PROXY: 'socks5://u:canary@p:1080' },
  });
  expect(code).toBe(EXIT.usage);
  expect(stderr).toMatch(/HTTPS_PROXY must be the URL of a proxy/);
  expect(stderr).not.toContain('canary');
});

test.each([
  ['api.localhost', 'bypass'],
  ['.localhost', 'bypass'],
  ['*.localhost', 'bypass'],
  ['API.localhost', 'bypass'],
  ['localhost', 'bypass'],
  ['ocalhost', 'proxy'],
  ['a.example, api.localhost', 'bypass'],
  ['api.localhost:59999', 'bypass'],
  ['api.localhost:80', 'proxy'],
  ['*', 'bypass'],
  ['', 'proxy'],
])('what doctor reads of NO_PROXY=%j is what fetch does', async (bypass, kind) => {
  // Nobody answers at the port, so a request comes to the proxy or fails.
  const url = 'http://api.localhost:59999/';
  const proxy = await proxyOf(403);
  const settings: ProxySettings = { https: null, http: proxy.url, bypass, startedWith: false };
  expect(routeOf(settings, url).kind).toBe(kind);
  const restore = useProxy(settings, SILENT);
  await fetch(url).catch(() => undefined);
  restore();
  expect(proxy.refused).toEqual(kind === 'proxy' ? ['api.localhost:59999'] : []);
});
