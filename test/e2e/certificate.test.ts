/** A server whose certificate no known authority signed, as behind a proxy that looks into TLS. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postAlert } from '../../src/alerts/post.ts';
import { TerminalError } from '../../src/errors.ts';
import type { Probe } from '../../src/health/probe.ts';
import { startTracing } from '../../src/observe/tracing.ts';
import { completion, listOf, never, rejection, request, sourceOf } from '../source/support.ts';
import { type Certificate, selfSigned } from '../support/certificate.ts';
import { COMPILE_CACHE } from '../support/house.ts';
import { proxyOf } from '../support/proxy.ts';
import { SILENT } from '../support/run-in-house.ts';
import { finished, launched } from '../support/shell.ts';
import { temporaryPath } from '../warehouse/support.ts';

let files: Certificate;
let host: string;
let requests = 0;
const server = createServer((_request, response) => {
  requests += 1;
  const list = listOf([completion('c1', 1_750_000_000)]);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
});

beforeAll(async () => {
  files = await selfSigned();
  server.setSecureContext({ cert: readFileSync(files.certificate), key: readFileSync(files.key) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('the API’s is refused at once, with the host, its code and what trusts it', async () => {
  const error = await rejection(sourceOf(`https://${host}/v1`).fetchPage(request(), never));
  expect(error).toBeInstanceOf(TerminalError);
  expect(error.message).toBe(
    `source openai: the certificate of ${host} is not accepted, as its authority is not known here ` +
      '(DEPTH_ZERO_SELF_SIGNED_CERT): if it is a company’s own, set NODE_EXTRA_CA_CERTS to its PEM file, ' +
      'in the environment and not in .env; else check OPENAI_BASE_URL',
  );
  expect(requests).toBe(0);
});

test('the webhook’s is refused at once, without its URL', async () => {
  const alert = { key: 'k', kind: 'run_failed', source: 'openai' } as Parameters<typeof postAlert>[1];
  const error = await rejection(
    postAlert(`https://${host}/T0/canary`, alert, { signal: never, delayScale: 0 }),
  );
  expect(error).toBeInstanceOf(TerminalError);
  expect(error.message).toMatch(/ALERT_WEBHOOK.*\(DEPTH_ZERO_SELF_SIGNED_CERT\).*NODE_EXTRA_CA_CERTS/);
  expect(error.message).not.toMatch(/localhost|canary/);
});

test('the collector’s costs one warning that says so', async () => {
  const said: string[] = [];
  const log = Object.assign(Object.create(SILENT), {
    warn: ({ reason }: { reason: string }) => said.push(reason),
  });
  const tracing = await startTracing(
    { url: `https://${host}/v1/traces`, headers: {}, serviceName: 't' },
    log,
  );
  tracing.tracer?.startSpan('one').end();
  await tracing.shutdown();
  expect(said).toEqual([expect.stringMatching(/^DEPTH_ZERO_SELF_SIGNED_CERT: .*NODE_EXTRA_CA_CERTS/)]);
});

test('NODE_EXTRA_CA_CERTS lets a process trust it, through a proxy too', async () => {
  const proxy = await proxyOf();
  const { stdout, stderr } = await finished(process.execPath, [...launched, 'doctor', '--json'], {
    env: {
      ...COMPILE_CACHE,
      NODE_EXTRA_CA_CERTS: files.certificate,
      HTTPS_PROXY: proxy.url,
      OPENAI_API_KEY: 'any',
      OPENAI_BASE_URL: `https://${host}/v1`,
      WAREHOUSE: await temporaryPath(),
    },
  });
  expect(stderr).toBe('');
  const { probes } = JSON.parse(stdout) as { probes: readonly Probe[] };
  const byName = Object.fromEntries(probes.map((probe) => [probe.name, probe]));
  expect(byName['list']).toMatchObject({ status: 'ok' });
  expect(byName['proxy']?.what).toBe(`requests go through ${proxy.address} (HTTPS_PROXY)`);
  expect(proxy.passed).toEqual([host]);
});
