import { describe, expect, test } from 'vitest';
import type { Environment, SettingFlags } from '../src/config/reader.ts';
import { SETTINGS } from '../src/config/table.ts';
import { loadConfig, loadLocalConfig, loadLogSettings } from '../src/config.ts';
import { SettingsError } from '../src/errors.ts';

const KEY = 'sk-test-1234567890';

/** The message of the one error that the settings give. */
function complaint(environment: Environment, flags: SettingFlags = {}): string {
  try {
    loadConfig(environment, flags);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as SettingsError).message;
  }
  throw new Error('nothing was wrong');
}

const sourceOf = (environment: Environment) => loadConfig({ OPENAI_API_KEY: KEY, ...environment }).sources[0];

test('a key alone is enough, and the defaults are those of the table', () => {
  const config = loadConfig({ OPENAI_API_KEY: KEY });
  expect(config.sources).toEqual([
    {
      name: 'openai',
      kind: 'openai',
      baseUrl: 'https://api.openai.com/v1',
      apiKey: KEY,
      entra: null,
      organization: null,
      project: null,
      apiVersion: null,
      filter: { model: null, metadata: {} },
      requestTimeoutSeconds: 60,
      responseBytesMax: 256 * 1024 * 1024,
      retriesMax: 8,
      requestsPerMinute: 500,
      retentionDays: 30,
    },
  ]);
  expect(config.sync).toEqual({
    days: 30,
    settleMinutes: 30,
    pageSize: 100,
    batchRows: 8_704,
    batchSeconds: 5,
    concurrency: 4,
  });
  expect(config.warehouse).toEqual({
    path: './tokenhouse.duckdb',
    memoryLimit: '512MB',
    content: 'full',
    waitSeconds: 30,
    pricesFile: null,
  });
});

test('every default of the table is a valid value', () => {
  for (const [name, setting] of Object.entries(SETTINGS)) {
    if (setting.default !== null) expect(setting.field.safeParse(setting.default).success, name).toBe(true);
  }
});

test('one error names everything that is wrong, how to mend it, and no value', () => {
  const message = complaint({
    OPENAI_API_KEY: 'sk-secret with-blank',
    OPENAI_BASE_URL: 'https://user:hunter2@host/v1',
    SYNC_DAYS: 'many-days',
    PAGE_SIZE: '0',
    BATCH_SECONDS: '-1',
    CONTENT: 'some-content',
    FILTER_METADATA: 'novalue',
    DUCKDB_MEMORY_LIMIT: 'lots-of-it',
    LOG_LEVEL: 'loudest',
  });
  for (const name of ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'SYNC_DAYS', 'PAGE_SIZE', 'BATCH_SECONDS']) {
    expect(message).toContain(`  ${name} must`);
  }
  for (const name of ['CONTENT', 'FILTER_METADATA', 'DUCKDB_MEMORY_LIMIT', 'LOG_LEVEL']) {
    expect(message).toContain(`  ${name} must`);
  }
  expect(message).not.toMatch(/sk-secret|hunter2|many-days|some-content|novalue|lots-of-it|loudest/);
});

test('a missing key is named and what to do said', () => {
  expect(complaint({})).toBe(
    'OPENAI_API_KEY is missing: set it to an API key of the project whose completions are to be copied',
  );
});

test('a command that calls no API needs no key, and its settings are checked all the same', () => {
  expect(loadLocalConfig({ OPENAI_BASE_URL: 'nonsense' }).warehouse.path).toBe('./tokenhouse.duckdb');
  expect(() => loadLocalConfig({ WAIT_SECONDS: 'soon' })).toThrow('WAIT_SECONDS must be a whole number');
});

test('a memory limit that no run could end with is refused, with the least that will do', () => {
  const withLimit = (limit: string) => () => loadConfig({ OPENAI_API_KEY: 'k', DUCKDB_MEMORY_LIMIT: limit });
  for (const limit of ['64MB', '127MB', '100000KB']) {
    expect(withLimit(limit)).toThrow(/DUCKDB_MEMORY_LIMIT must be 128MB or more/);
  }
  for (const limit of ['128MB', '1.5GB', '1 TB']) expect(withLimit(limit)).not.toThrow();
});

test('a flag wins over the environment, and is named when it is wrong', () => {
  const environment = { OPENAI_API_KEY: KEY, WAREHOUSE: 'a.duckdb' };
  expect(loadConfig(environment, { WAREHOUSE: 'b.duckdb' }).warehouse.path).toBe('b.duckdb');
  expect(loadConfig(environment, { WAREHOUSE: undefined }).warehouse.path).toBe('a.duckdb');
  expect(complaint(environment, { LOG_LEVEL: 'loud' })).toMatch(/^--log-level must be one of/);
});

test('a proxy is also set in small letters, which win, and without a scheme', () => {
  const proxyOf = (environment: Environment) => loadLocalConfig(environment).proxy;
  expect(proxyOf({})).toEqual({ https: null, http: null, bypass: null, startedWith: false });
  expect(proxyOf({ https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:2', no_proxy: 'x' })).toMatchObject({
    https: 'http://a:1',
    bypass: 'x',
  });
  expect(proxyOf({ http_proxy: '', HTTP_PROXY: 'proxy.example:3128' }).http).toBe(
    'http://proxy.example:3128',
  );
});

test('a price list is imported each night where one is named, and nothing is fetched else', () => {
  const jobsOf = (environment: Environment) => loadLocalConfig(environment).jobs.pricesCron;
  const url = 'https://prices.example/list.json';
  expect([loadLocalConfig({}).prices.url, jobsOf({})]).toEqual([null, null]);
  expect([loadLocalConfig({ PRICES_URL: url }).prices.url, jobsOf({ PRICES_URL: url })]).toEqual([
    url,
    '47 1 * * *',
  ]);
  expect(jobsOf({ PRICES_URL: url, PRICES_SCHEDULE: 'off' })).toBeNull();
  for (const wrong of [
    'ftp://prices.example/list',
    '/etc/prices.csv',
    'https://me:hunter2@prices.example/x',
  ]) {
    const message = complaint({ OPENAI_API_KEY: KEY, PRICES_URL: wrong });
    expect(message).toMatch(/^PRICES_URL must/);
    expect(message).not.toMatch(/hunter2|prices\.example|etc/);
  }
});

test('an empty variable is an unset one', () => {
  expect(loadConfig({ OPENAI_API_KEY: KEY, SYNC_DAYS: '', OPENAI_BASE_URL: '' }).sync.days).toBe(30);
});

test.each([['sk-1\n'], [' sk-1'], ['sk 1'], ['"sk-1"'], ["'sk-1'"], ['sk-\u00e9']])(
  'the key %j is refused',
  (key) => {
    expect(complaint({ OPENAI_API_KEY: key })).toMatch(/^OPENAI_API_KEY must/);
  },
);

describe('the base URL', () => {
  test.each([
    ['ftp://host/v1'],
    ['api.openai.com/v1'],
    ['https://user@host/v1'],
    ['https://:pass@host/v1'],
    ['https://host/openai?api-version=1'],
    ['https://host/v1#x'],
  ])('%s is refused', (url) => {
    expect(complaint({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: url })).toMatch(/^OPENAI_BASE_URL must/);
  });

  test('loses its trailing slash', () => {
    expect(sourceOf({ OPENAI_BASE_URL: 'https://api.openai.com/v1/' })?.baseUrl).toBe(
      'https://api.openai.com/v1',
    );
  });

  test('sends no key in clear text over a network, unless told to', () => {
    const url = { OPENAI_BASE_URL: 'http://models.internal:8321/v1' };
    expect(complaint({ ...url, OPENAI_API_KEY: KEY })).toMatch(
      /OPENAI_BASE_URL .*clear text.*ENDPOINT=compatible/,
    );
    expect(sourceOf({ ...url, ENDPOINT: 'compatible' })?.kind).toBe('compatible');
    expect(loadConfig(url).sources[0]?.apiKey).toBe('');
  });

  test.each([['http://localhost:1/v1'], ['http://127.0.0.1:1/v1'], ['http://[::1]:1/v1']])(
    'may be %s',
    (url) => {
      expect(sourceOf({ OPENAI_BASE_URL: url })?.kind).toBe('compatible');
    },
  );

  test('a host that only looks like loopback is not one', () => {
    expect(complaint({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: 'http://127.0.0.1.example.com/v1' })).toMatch(
      /clear/,
    );
  });
});

describe('the kind of endpoint', () => {
  test.each([
    ['https://api.openai.com/v1', 'openai', 30],
    ['https://eu.api.openai.com/v1', 'openai', 30],
    ['https://res.openai.azure.com/openai/v1', 'azure', null],
    ['https://res.services.ai.azure.com/openai/v1/', 'azure', null],
    ['https://api.openai.com.example.org/v1', 'compatible', null],
    ['https://ogx.example.org/v1', 'compatible', null],
  ])('%s is %s', (url, kind, retentionDays) => {
    expect(sourceOf({ OPENAI_BASE_URL: url })).toMatchObject({ kind, retentionDays });
  });

  test('azure-dated needs its version, and nothing else may have one', () => {
    const OPENAI_BASE_URL = 'https://res.openai.azure.com/openai';
    expect(complaint({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL })).toMatch(/^API_VERSION is missing/);
    expect(sourceOf({ OPENAI_BASE_URL, API_VERSION: '2025-02-01-preview' })).toMatchObject({
      kind: 'azure-dated',
      apiVersion: '2025-02-01-preview',
    });
    expect(complaint({ OPENAI_API_KEY: KEY, API_VERSION: '2025-02-01-preview' })).toMatch(
      /^API_VERSION is only for/,
    );
  });

  test('an Azure URL without its path is told what is missing', () => {
    const environment = { OPENAI_API_KEY: KEY, API_VERSION: '2025-02-01-preview' };
    const OPENAI_BASE_URL = 'https://res.openai.azure.com';
    expect(complaint({ ...environment, OPENAI_BASE_URL })).toMatch(
      /^OPENAI_BASE_URL of an Azure .*\/openai\/v1/,
    );
  });

  test('may be told, and so may the retention', () => {
    expect(sourceOf({ OPENAI_BASE_URL: 'https://proxy/openai/v1', ENDPOINT: 'openai' })?.retentionDays).toBe(
      30,
    );
    expect(sourceOf({ RETENTION_DAYS: 'none' })?.retentionDays).toBeNull();
    expect(sourceOf({ RETENTION_DAYS: '90' })?.retentionDays).toBe(90);
    expect(complaint({ OPENAI_API_KEY: KEY, RETENTION_DAYS: '0' })).toMatch(/^RETENTION_DAYS must/);
  });
});

describe('several sources', () => {
  const two = { SOURCES: 'prod,eu', PROD_API_KEY: 'sk-prod', EU_API_KEY: 'sk-eu' };

  test('each has its own settings, and shares what it has none of', () => {
    const { sources } = loadConfig({
      ...two,
      EU_BASE_URL: 'https://eu.api.openai.com/v1',
      EU_FILTER_MODEL: 'gpt-5',
      FILTER_METADATA: 'team=search,env=a=b',
      PROD_RETENTION_DAYS: 'none',
      RETENTION_DAYS: '14',
      PROD_PROJECT_ID: 'proj_1',
    });
    expect(sources).toMatchObject([
      { name: 'prod', apiKey: 'sk-prod', retentionDays: null, project: 'proj_1', filter: { model: null } },
      {
        name: 'eu',
        apiKey: 'sk-eu',
        baseUrl: 'https://eu.api.openai.com/v1',
        retentionDays: 14,
        project: null,
      },
    ]);
    expect(sources.map(({ filter }) => filter.metadata)).toEqual(
      Array(2).fill({ team: 'search', env: 'a=b' }),
    );
    expect(sources[1]?.filter.model).toBe('gpt-5');
  });

  test('the key, organization and project of another account are never used', () => {
    expect(complaint({ SOURCES: 'prod', OPENAI_API_KEY: KEY })).toMatch(/^PROD_API_KEY is missing/);
    const [prod] = loadConfig({
      SOURCES: 'prod',
      PROD_API_KEY: KEY,
      OPENAI_ORG_ID: 'o',
      OPENAI_PROJECT_ID: 'p',
    }).sources;
    expect(prod).toMatchObject({ organization: null, project: null });
  });

  test('what is wrong is named by the variable it stands in', () => {
    const message = complaint({ ...two, EU_BASE_URL: 'x', PROD_RETENTION_DAYS: '-1', FILTER_METADATA: 'x' });
    expect(message).toMatch(/ {2}EU_BASE_URL must/);
    expect(message).toMatch(/ {2}PROD_RETENTION_DAYS must/);
    expect(message.match(/FILTER_METADATA must/g)).toHaveLength(1);
  });

  test('a shared API version is for the azure-dated one alone', () => {
    const environment = { ...two, API_VERSION: '2025-02-01-preview' };
    const { sources } = loadConfig({ ...environment, EU_BASE_URL: 'https://r.openai.azure.com/openai' });
    expect(sources.map(({ apiVersion }) => apiVersion)).toEqual([null, '2025-02-01-preview']);
    expect(complaint({ ...two, PROD_API_VERSION: 'x' })).toMatch(/^PROD_API_VERSION is only for/);
  });

  test.each([['Prod'], ['1st'], ['a-b'], ['a,,b'], ['a,a'], ['a b']])('SOURCES=%s is refused', (names) => {
    expect(complaint({ SOURCES: names })).toMatch(/^SOURCES [^\n]+$/);
  });
});

test('the log has its settings before anything is checked', () => {
  expect(loadLogSettings({ LOG_LEVEL: 'loud', LOG_FORMAT: 'json', NO_COLOR: '1' })).toEqual({
    level: 'info',
    format: 'json',
    color: false,
  });
});

test.each(['WAREHOUSE', 'FILTER_MODEL'])(
  '%s with a blank around it is a slip, one within it is not',
  (name) => {
    for (const text of [' ', 'a ', ' a', 'a\r']) {
      expect(complaint({ OPENAI_API_KEY: KEY, [name]: text })).toMatch(new RegExp(`^${name} must not begin`));
    }
    expect(() => loadConfig({ OPENAI_API_KEY: KEY, [name]: 'a b' })).not.toThrow();
  },
);

describe('what is seen from outside', () => {
  const local = (environment: Record<string, string>) => loadLocalConfig(environment);

  test('stays on this machine without a token, and asks for one elsewhere', () => {
    expect(local({}).web).toEqual({ host: '127.0.0.1', port: 8484, token: null, content: 'none' });
    // Text over HTTP is for whoever has the token, on this machine too.
    expect(() => local({ HTTP_CONTENT: 'full' })).toThrow(/^HTTP_TOKEN is missing/);
    expect(local({ HTTP_CONTENT: 'full', HTTP_TOKEN: 'x'.repeat(16) }).web.content).toBe('full');
    for (const host of ['localhost', '127.1.2.3', '::1', '[::1]']) {
      expect(local({ HTTP_HOST: host }).web.token).toBeNull();
    }
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'worker.internal', '127.0.0.1.example.com']) {
      expect(() => local({ HTTP_HOST: host })).toThrow(/^HTTP_TOKEN is missing/);
      expect(local({ HTTP_HOST: host, HTTP_TOKEN: 'x'.repeat(16) }).web.host).toBe(host);
    }
    expect(local({ HTTP_HOST: '[::1]' }).web.host).toBe('::1');
    for (const host of ['0.0.0.0:80', 'http://host', 'a b', '[x]y']) {
      expect(() => local({ HTTP_HOST: host })).toThrow(/HTTP_HOST must be an address/);
    }
    expect(() => local({ HTTP_TOKEN: 'short' })).toThrow(/^HTTP_TOKEN must be 16 characters or more/);
  });

  test('an alert goes by https, or stays on this machine, and its URL is never shown', () => {
    expect(local({}).alerts).toEqual({ webhook: null, heartbeatUrl: null, expiryDays: 5, afterHours: 36 });
    for (const url of ['https://hooks.example.com/T0/secret?x=1', 'http://127.0.0.1:9/x', 'http://[::1]/x']) {
      expect(local({ ALERT_WEBHOOK: url }).alerts.webhook).toBe(url);
      expect(local({ HEARTBEAT_URL: url }).alerts.heartbeatUrl).toBe(url);
    }
    for (const url of ['http://hooks.example.com/secret', 'secret', 'ftp://localhost/secret']) {
      expect(() => local({ ALERT_WEBHOOK: url })).toThrow(/^ALERT_WEBHOOK must be a URL[^_]*$/);
      expect(() => local({ ALERT_WEBHOOK: url })).not.toThrow(/secret/);
      expect(() => local({ HEARTBEAT_URL: url })).toThrow(/^HEARTBEAT_URL must be a URL[^_]*$/);
    }
  });

  test('the general OTLP endpoint is a base, the one for traces is whole', () => {
    expect(local({}).tracing).toEqual({ url: null, headers: {}, serviceName: 'tokenhouse' });
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
    expect(local(base).tracing.url).toBe('http://collector:4318/v1/traces');
    const traces = { ...base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://vendor.example/otlp/t' };
    expect(local(traces).tracing.url).toBe('https://vendor.example/otlp/t');
    const headers = 'authorization=Basic%20YTpi,x-team=a%';
    expect(local({ OTEL_EXPORTER_OTLP_HEADERS: headers }).tracing.headers).toEqual({
      authorization: 'Basic YTpi',
      'x-team': 'a%',
    });
    expect(() => local({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://u:hunter2@c' })).toThrow(
      /^OTEL_EXPORTER_OTLP_ENDPOINT must not hold a user name/,
    );
  });
});
