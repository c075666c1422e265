/** Tokens of Entra by the real library: its token endpoints are servers of this process. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Environment } from '../../src/config/reader.ts';
import { loadConfig } from '../../src/config.ts';
import { startEmulator } from '../../src/emulator/emulator.ts';
import { SettingsError, TerminalError } from '../../src/errors.ts';
import type { Probe } from '../../src/health/probe.ts';
import { createSource } from '../../src/source/client.ts';
import { selfSigned } from '../support/certificate.ts';
import { COMPILE_CACHE } from '../support/house.ts';
import { finished, launched } from '../support/shell.ts';
import { temporaryPath } from '../warehouse/support.ts';
import { never, rejection, request, serve } from './support.ts';

const SECRET = 'canary-client-secret';
const APPLICATION = {
  AZURE_TENANT_ID: '11111111-2222-3333-4444-555555555555',
  AZURE_CLIENT_ID: '66666666-7777-8888-9999-000000000000',
  AZURE_CLIENT_SECRET: SECRET,
};

/** A list of Azure that takes this token and nothing else. */
async function azureWith(token: string) {
  const emulator = await startEmulator({ rows: 3, preset: 'azure', quirks: { apiKey: token } });
  onTestFinished(() => emulator.close());
  const source = (environment: Environment) => {
    const [settings] = loadConfig({
      OPENAI_BASE_URL: emulator.baseUrl,
      ENDPOINT: 'azure',
      AZURE_AUTH: 'entra',
      ...environment,
    }).sources;
    if (settings === undefined) throw new Error('there is a source');
    return createSource({ ...settings, retriesMax: 0 }, { clock: { nowMs: Date.now } });
  };
  return { source };
}

/** Entra with a certificate of its own. @param reply status and body to whoever asks for a token. */
async function entraOf(reply: () => readonly [status: number, body: object]) {
  const authorities = getCACertificates('default');
  const { certificate, key } = await selfSigned();
  const asked: string[] = [];
  const server = createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    async (incoming, response) => {
      const isToken = incoming.url?.split('?')[0]?.endsWith('/oauth2/v2.0/token') === true;
      const form = await text(incoming);
      if (isToken) asked.push(form);
      const host = `https://${incoming.headers.host}/t`;
      const metadata = {
        issuer: `${host}/v2.0`,
        authorization_endpoint: `${host}/oauth2/v2.0/authorize`,
        token_endpoint: `${host}/oauth2/v2.0/token`,
        jwks_uri: `${host}/keys`,
      };
      const [status, body] = isToken ? reply() : [200, metadata];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  setDefaultCACertificates([...authorities, readFileSync(certificate, 'utf8')]);
  onTestFinished(() => {
    setDefaultCACertificates(authorities);
    server.closeAllConnections();
    server.close();
  });
  return { host: `https://localhost:${(server.address() as AddressInfo).port}`, asked };
}

const tokenOf = (token: string, seconds = 3_600) => ({
  token_type: 'Bearer',
  expires_in: seconds,
  access_token: token,
});

test('an application’s secret becomes a token, which is sent and kept', async () => {
  const { source } = await azureWith('token-1');
  const entra = await entraOf(() => [200, tokenOf('token-1')]);
  const list = source({ ...APPLICATION, AZURE_AUTHORITY_HOST: entra.host });
  for (let n = 0; n < 3; n++) expect((await list.fetchPage(request(), never)).items).toHaveLength(3);
  expect(entra.asked).toHaveLength(1);
  const form = new URLSearchParams(entra.asked[0]);
  expect(form.get('client_secret')).toBe(SECRET);
  expect(form.get('scope')).toContain('https://cognitiveservices.azure.com/.default');
});

test('a token that is about to expire is renewed', async () => {
  const { source } = await azureWith('token-1');
  const entra = await entraOf(() => [200, tokenOf('token-1', 1)]);
  const list = source({ ...APPLICATION, AZURE_AUTHORITY_HOST: entra.host });
  await list.fetchPage(request(), never);
  await list.fetchPage(request(), never);
  expect(entra.asked.length).toBeGreaterThan(1);
});

test('a refused secret is one clear error, without the secret', async () => {
  const { source } = await azureWith('token-1');
  const error_description = `AADSTS7000215: Invalid client secret provided: ${SECRET}`;
  const entra = await entraOf(() => [401, { error: 'invalid_client', error_description }]);
  const list = source({ ...APPLICATION, AZURE_AUTHORITY_HOST: entra.host });
  const error = await rejection(list.fetchPage(request(), never));
  expect(error).toBeInstanceOf(TerminalError);
  expect(error.message).toMatch(/Entra refuses \(.*AADSTS7000215\): check AZURE_TENANT_ID/);
  expect(error.message).not.toContain('canary');
});

test('a token that Azure refuses is told of as one, with the right it lacks', async () => {
  const { source } = await azureWith('another token');
  const entra = await entraOf(() => [200, tokenOf('canary-token')]);
  const list = source({ ...APPLICATION, AZURE_AUTHORITY_HOST: entra.host });
  const error = await rejection(list.fetchPage(request(), never));
  expect(error.message).toMatch(/the token of Entra is refused \(401.*stored-completions\/read/);
  expect(error.message).not.toMatch(/canary|API_KEY/);
});

test('a managed identity needs nothing but the machine', async () => {
  const { source } = await azureWith('token-2');
  // As an App Service or a Container App has it.
  await using identity = await serve({
    body: { ...tokenOf('token-2'), expires_on: String(Math.floor(Date.now() / 1000) + 3_600), resource: 'r' },
  });
  vi.stubEnv('IDENTITY_ENDPOINT', identity.url);
  vi.stubEnv('IDENTITY_HEADER', 'canary-header');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  expect((await source({}).fetchPage(request(), never)).items).toHaveLength(3);
  expect(identity.seen[0]?.query.get('resource')).toBe('https://cognitiveservices.azure.com');
});

test.each([
  [{ AZURE_CLIENT_SECRET: SECRET, AZURE_CLIENT_ID: 'c' }, /^AZURE_TENANT_ID is missing beside/],
  [{ OPENAI_API_KEY: 'k' }, /^OPENAI_API_KEY is set beside AZURE_AUTH=entra/],
  [{ OPENAI_BASE_URL: 'http://far.example/openai/v1' }, /would send the API key in clear text/],
  [{ ENDPOINT: 'openai', OPENAI_AZURE_AUTH: 'entra' }, /OPENAI_AZURE_AUTH is entra, and the endpoint/],
  [{ ENDPOINT: 'compatible', OPENAI_API_KEY: 'k' }, /^AZURE_AUTH is entra, and the endpoint/],
])('%j is refused', async (environment, message) => {
  const { source } = await azureWith('any');
  const error = await rejection((async () => source(environment as Environment))());
  expect(error).toBeInstanceOf(SettingsError);
  expect(error.message).toMatch(message);
});

test('without the library the error says how to get it', async () => {
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === '@azure/identity') throw Object.assign(new Error(name), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    } });`;
  const imported = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  const { stdout } = await finished(process.execPath, [...imported, ...launched, 'doctor', '--json'], {
    env: {
      ...COMPILE_CACHE,
      AZURE_AUTH: 'entra',
      OPENAI_BASE_URL: 'https://localhost:1/openai/v1',
      ENDPOINT: 'azure',
      WAREHOUSE: await temporaryPath(),
    },
  });
  const { probes } = JSON.parse(stdout) as { probes: readonly Probe[] };
  expect(probes.find(({ name }) => name === 'list')).toMatchObject({
    status: 'failed',
    what: 'AZURE_AUTH=entra needs the package @azure/identity: npm install @azure/identity',
  });
});
