import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { misspelt } from '../src/config/env-file.ts';
import type { Environment, SettingFlags } from '../src/config/reader.ts';
import { fileName, isSecret, SETTINGS } from '../src/config/table.ts';
import { loadConfig, loadLocalConfig } from '../src/config.ts';

const KEY = 'sk-canary-0123456789abcdef';
const AZURE = {
  AZURE_AUTH: 'entra',
  AZURE_TENANT_ID: 't',
  AZURE_CLIENT_ID: 'c',
  OPENAI_BASE_URL: 'https://r.openai.azure.com/openai/v1',
};

let folder: string;
let keyFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenhouse-secrets-'));
  keyFile = await fileOf('key', `${KEY}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

function complaint(environment: Environment, flags: SettingFlags = {}): string {
  try {
    loadConfig(environment, flags);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was wrong');
}

test('every secret of the table is read from its file, without the line break at its end', async () => {
  const secrets = {
    OPENAI_API_KEY: KEY,
    HTTP_TOKEN: 'canary-token-0123456789',
    ALERT_WEBHOOK: 'https://hooks.example/T0/canary',
    REDIS_URL: 'redis://:canary@redis.example:6379',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=canary',
    HTTPS_PROXY: 'http://u:canary@proxy.example:3128',
    HTTP_PROXY: 'http://u:canary@proxy.example:3129',
  };
  const files = await Promise.all(
    Object.entries(secrets).map(async ([name, text]) => [fileName(name), await fileOf(name, `${text}\r\n`)]),
  );
  const config = loadConfig(Object.fromEntries(files));
  expect(config.sources[0]?.apiKey).toBe(secrets.OPENAI_API_KEY);
  expect(config.web.token).toBe(secrets.HTTP_TOKEN);
  expect(config.alerts.webhook).toBe(secrets.ALERT_WEBHOOK);
  expect(config.queue.redisUrl).toBe(secrets.REDIS_URL);
  expect(config.proxy).toMatchObject({ https: secrets.HTTPS_PROXY, http: secrets.HTTP_PROXY });
  expect(config.tracing.headers).toEqual({ 'x-key': 'canary' });
  const azure = { AZURE_CLIENT_SECRET_FILE: await fileOf('azure', 'canary\n'), ...AZURE };
  expect(loadConfig(azure).sources[0]?.entra?.clientSecret).toBe('canary');
  const queueUrl = 'postgres://u:canary@db.example/q';
  const queue = loadLocalConfig({ QUEUE_URL_FILE: await fileOf('QUEUE_URL', queueUrl) }).queue;
  expect(queue.postgresUrl).toBe(queueUrl);
  // A secret that is new in the table needs its line here.
  expect(Object.keys(SETTINGS).filter(isSecret).toSorted()).toEqual(
    [...Object.keys(secrets), 'AZURE_CLIENT_SECRET', 'QUEUE_URL'].toSorted(),
  );
});

test('a source of several has its key in a file of its own', () => {
  const { sources } = loadConfig({ SOURCES: 'prod,eu', PROD_API_KEY_FILE: keyFile, EU_API_KEY: 'k2' });
  expect(sources.map(({ apiKey }) => apiKey)).toEqual([KEY, 'k2']);
});

test('what is no secret is read from no file', () => {
  expect(loadConfig({ OPENAI_API_KEY: KEY, FILTER_MODEL_FILE: keyFile }).sources[0]?.filter.model).toBe(null);
});

describe('one clear error, with the setting and the file, when', () => {
  test('both are set', () => {
    const said = 'OPENAI_API_KEY is set beside OPENAI_API_KEY_FILE: remove one of them';
    expect(complaint({ OPENAI_API_KEY: 'k', OPENAI_API_KEY_FILE: keyFile })).toBe(said);
    const both = { SOURCES: 'prod', PROD_API_KEY: 'k', PROD_API_KEY_FILE: keyFile };
    expect(complaint(both)).toBe('PROD_API_KEY is set beside PROD_API_KEY_FILE: remove one of them');
  });

  test('it is not there, is a folder or may not be read', async () => {
    const path = join(folder, 'none');
    expect(complaint({ OPENAI_API_KEY_FILE: path })).toBe(
      `OPENAI_API_KEY cannot be read from ${path}, which OPENAI_API_KEY_FILE names (ENOENT)`,
    );
    expect(complaint({ OPENAI_API_KEY_FILE: folder })).toMatch(/ names \(EISDIR\)$/);
    if (process.getuid?.() === 0) return;
    const closed = await fileOf('closed', KEY);
    await chmod(closed, 0);
    expect(complaint({ OPENAI_API_KEY_FILE: closed })).toMatch(/ names \(EACCES\)$/);
  });

  test('it is empty, but for a line break', async () => {
    const path = await fileOf('empty', '\n');
    const said = `HTTP_TOKEN is missing: the file ${path}, which HTTP_TOKEN_FILE names, is empty`;
    expect(complaint({ OPENAI_API_KEY: KEY, HTTP_TOKEN_FILE: path })).toBe(said);
    expect(complaint({ OPENAI_API_KEY: KEY, HTTP_TOKEN_FILE: path, HTTP_HOST: '0.0.0.0' })).toBe(said);
  });

  test('what it holds is wrong, without a piece of it', async () => {
    const path = await fileOf('two-lines', `${KEY}\n${KEY}\n`);
    const message = complaint({ OPENAI_API_KEY_FILE: path });
    expect(message).toMatch(
      /^OPENAI_API_KEY \(from the file in OPENAI_API_KEY_FILE\) must be printable ASCII/,
    );
    expect(message).not.toContain('canary');
  });

  test.each([KEY, '0123456789abcdef0123456789abcdef', 'redis://:canary@host'])(
    'the secret itself stands where the path should, and is not repeated: %s',
    (secret) => {
      const message = complaint({ OPENAI_API_KEY_FILE: secret });
      expect(message).toMatch(/^OPENAI_API_KEY is looked for in a file, and OPENAI_API_KEY_FILE names none/);
      expect(message).not.toContain(secret);
    },
  );
});

test('a flag wins over both', () => {
  const environment = { OPENAI_API_KEY: 'k', OPENAI_API_KEY_FILE: keyFile };
  expect(loadConfig(environment, { OPENAI_API_KEY: 'flag' }).sources[0]?.apiKey).toBe('flag');
});

test('a misspelt name of a file is noticed', () => {
  const file = { HTTP_TOKN_FILE: 'x', HTTP_TOKEN_FILE: 'x', PROD_API_KEY_FILE: 'x' };
  expect(misspelt(file, ['prod'])).toEqual([{ name: 'HTTP_TOKN_FILE', meant: 'HTTP_TOKEN_FILE' }]);
});
