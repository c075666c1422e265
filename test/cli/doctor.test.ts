import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { probeNode } from '../../src/cli/doctor/local-probes.ts';
import { startEmulator } from '../../src/emulator/emulator.ts';
import type { EmulatorOptions } from '../../src/emulator/options.ts';
import type { Probe } from '../../src/health/probe.ts';
import { serve } from '../source/support.ts';
import { projectRoot } from '../support/shell.ts';
import { open, temporaryPath } from '../warehouse/support.ts';
import { filled, run } from './support.ts';

const KEY = 'sk-canary-0123456789abcdef';
const now = () => Math.floor(Date.now() / 1000);

async function emulator(options: EmulatorOptions = {}): Promise<string> {
  const server = await startEmulator({ rows: 5, ...options });
  onTestFinished(() => server.close());
  return server.baseUrl;
}

/** @returns the probes by name. */
async function doctor(url: string, env: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
  const WAREHOUSE = env['WAREHOUSE'] ?? (await temporaryPath());
  const settings = { OPENAI_BASE_URL: url, OPENAI_API_KEY: KEY, ENDPOINT: 'compatible', ...env, WAREHOUSE };
  const { code, stdout, stderr } = await run(['doctor', '--json', ...args], { env: settings, now: now() });
  expect(stderr).toBe('');
  expect(stdout).not.toContain('canary');
  const { failed, probes } = JSON.parse(stdout) as { failed: number; probes: readonly Probe[] };
  expect(failed).toBe(code);
  expect(probes.filter(({ status }) => status === 'failed')).toHaveLength(code);
  const byName = Object.fromEntries(probes.map((probe) => [probe.name, probe]));
  return { code, probes, byName, path: WAREHOUSE };
}

test('all is well: every probe is ok, and nothing is made or changed', async () => {
  const { code, probes, path } = await doctor(await emulator());
  expect(code).toBe(0);
  expect(probes.map(({ name, status }) => `${name} ${status}`)).toEqual(
    ['node', 'duckdb', 'settings', 'warehouse', 'disk', 'permissions', 'queue', 'list', 'clock'].map(
      (name) => (name === 'queue' ? 'queue skipped' : `${name} ok`),
    ),
  );
  expect(existsSync(path)).toBe(false);
});

test('a person gets a line a probe and the remedy below it', async () => {
  const env = { OPENAI_BASE_URL: await emulator({ preset: 'no-list' }), OPENAI_API_KEY: KEY };
  const warehouse = await temporaryPath();
  const { code, stdout } = await run(['doctor', '--warehouse', warehouse], { env, now: now() });
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /\nfailed {3}list openai +this endpoint lists nothing: .*\n +-> point OPENAI_BASE_URL at /,
  );
  expect(stdout).toMatch(/\n\n1 probe failed\n$/);
  expect(stdout).not.toContain('\u001b');
});

const refusal = (status: number, error: object) => ({ status, body: { error } });

test.each([
  [
    'a refused key',
    refusal(401, { message: `Incorrect API key: ${KEY}` }),
    /key in OPENAI_API_KEY is refused/,
    /set OPENAI_API_KEY/,
  ],
  ['a key that may not', refusal(403, { message: 'no' }), /may not do this/, /set OPENAI_API_KEY/],
  [
    'missing scopes',
    refusal(403, { message: 'Missing scopes: api.chat.read' }),
    /lacks the scopes api\.chat\.read/,
    /without restrictions/,
  ],
  [
    'no such route',
    refusal(404, { message: 'Invalid URL (GET /v1/chat/completions)' }),
    /lists nothing/,
    /point OPENAI_BASE_URL/,
  ],
  [
    'POST only',
    refusal(405, { message: 'Only POST requests are accepted.' }),
    /lists nothing/,
    /point OPENAI_BASE_URL/,
  ],
  ['no store', refusal(501, { message: 'no store' }), /lists nothing/, /point OPENAI_BASE_URL/],
  ['no credit', refusal(429, { message: 'no', code: 'insufficient_quota' }), /want of credit/, /add credit/],
  ['a login page', { body: '<html>Log in</html>' }, /not a list of completions/, /should end in \/v1/],
  ['another API', { body: { hello: 1 } }, /not a list of completions/, /should end in \/v1/],
  [
    'a redirect',
    { status: 302, headers: { location: 'https://x.example' } },
    /redirects/,
    /where it redirects/,
  ],
  ['a broken server', refusal(500, { message: 'oops' }), /failed \(500/, /try again/],
])('%s is named, with its remedy, after one request', async (_title, answer, what, mend) => {
  await using server = await serve(answer);
  const { code, byName } = await doctor(server.url);
  expect(code).toBe(1);
  expect(byName['list']).toMatchObject({ status: 'failed', what: expect.stringMatching(what) });
  expect(byName['list']?.mend).toMatch(mend);
  expect(byName['clock']?.status).toBe('skipped');
  expect(server.seen).toHaveLength(1);
  expect(server.seen[0]?.query.get('limit')).toBe('1');
});

test('a server that asks to wait for minutes does not keep the doctor waiting', async () => {
  await using server = await serve({
    ...refusal(429, { message: 'slow' }),
    headers: { 'retry-after': '600' },
  });
  const { byName } = await doctor(server.url);
  expect(byName['list']).toMatchObject({
    status: 'failed',
    mend: expect.stringContaining('REQUESTS_PER_MINUTE'),
  });
});

test('a host that nobody answers at is told in a moment', async () => {
  await using closed = await serve({});
  await closed[Symbol.asyncDispose]();
  const { byName } = await doctor(closed.url);
  expect(byName['list']).toMatchObject({ status: 'failed', mend: expect.stringContaining('check the host') });
});

test('an empty list is a warning with its usual reasons, a gateway’s above all', async () => {
  const { code, byName } = await doctor(await emulator({ rows: 0, preset: 'gateway' }), {
    FILTER_MODEL: 'm',
  });
  expect(code).toBe(0);
  expect(byName['list']).toMatchObject({ status: 'warn', what: 'the endpoint answers with an empty list' });
  expect(byName['list']?.mend).toMatch(/has_more is missing.*FILTER_MODEL.*store: true.*zero data retention/);
});

test('a clock that is off by more than a minute is a warning', async () => {
  const { code, byName } = await doctor(await emulator({ nowSeconds: () => now() - 300 }));
  expect(code).toBe(0);
  expect(byName['clock']).toMatchObject({ status: 'warn', what: expect.stringContaining('5 min ahead of') });
});

test('wrong settings are told at once, and what needs no key is probed all the same', async () => {
  const { code, byName } = await doctor('', {
    OPENAI_BASE_URL: '',
    ENDPOINT: '',
    OPENAI_API_KEY: '',
    PAGE_SIZE: '0',
  });
  expect(code).toBe(1);
  expect(byName['settings']?.what).toMatch(/PAGE_SIZE must be .*; OPENAI_API_KEY is missing/);
  expect(byName['list']?.status).toBe('skipped');
  const noKey = await doctor('', { OPENAI_BASE_URL: '', ENDPOINT: '', OPENAI_API_KEY: '' });
  expect(noKey.byName['warehouse']?.status).toBe('ok');
});

test('--offline sends no request', async () => {
  await using server = await serve({});
  const { code, byName } = await doctor(server.url, {}, ['--offline']);
  expect(code).toBe(0);
  expect(byName['list']?.status).toBe('skipped');
  expect(server.seen).toEqual([]);
});

test('each source has probes of its own', async () => {
  const good = await emulator();
  const env = {
    SOURCES: 'a,b',
    A_BASE_URL: good,
    B_BASE_URL: await emulator({ preset: 'no-list' }),
    A_API_KEY: 'k',
    B_API_KEY: 'k',
  };
  const { code, probes } = await doctor(good, env);
  expect(code).toBe(1);
  expect(probes.filter(({ name }) => name === 'list').map(({ source, status }) => [source, status])).toEqual([
    ['a', 'ok'],
    ['b', 'failed'],
  ]);
});

test('a warehouse of another program, or a folder, is a failed probe', async () => {
  const url = await emulator();
  const foreign = await temporaryPath('notes.txt');
  writeFileSync(foreign, 'not a database');
  expect((await doctor(url, { WAREHOUSE: foreign })).byName['warehouse']).toMatchObject({
    status: 'failed',
    what: expect.stringContaining('is not a DuckDB file'),
    mend: expect.stringMatching(
      /^Set WAREHOUSE to a file of its own; if it was the warehouse, .*tokenhouse restore/,
    ),
  });
  expect((await doctor(url, { WAREHOUSE: dirname(foreign) })).byName['warehouse']?.status).toBe('failed');
});

test('a warehouse that a run has open is a warning that names the process', async () => {
  const path = await filled();
  const script = `
    import { openWarehouse } from './src/warehouse/open.ts';
    await openWarehouse({ path: ${JSON.stringify(path)}, content: 'full', waitSeconds: 0 });
    console.log('open');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const { code, byName } = await doctor(await emulator(), { WAREHOUSE: path });
  expect(code).toBe(0);
  expect(byName['warehouse']).toMatchObject({
    status: 'warn',
    what: expect.stringContaining(`process ${child.pid}`),
  });
  const repairing = await doctor('', { WAREHOUSE: path }, ['--offline', '--repair']);
  expect(repairing.byName['repair']).toMatchObject({
    status: 'failed',
    what: expect.stringMatching(new RegExp(`^nothing was done: .*process ${child.pid}`)),
  });
});

test('a warehouse of a newer Tokenhouse is a failed probe, and is not touched', async () => {
  const path = await filled();
  const newer = await import('@duckdb/node-api');
  const instance = await newer.DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run("insert into sync.migrations values (9999, '9999_future', now())");
  connection.closeSync();
  instance.closeSync();
  const { byName } = await doctor(await emulator(), { WAREHOUSE: path });
  expect(byName['warehouse']).toMatchObject({
    status: 'failed',
    mend: expect.stringMatching(/^(U|u)pdate Tokenhouse/),
  });
  await expect(open(path)).rejects.toThrow('newer Tokenhouse');
});

test.each([
  ['v22.17.1', 'failed'],
  ['v22.18.0', 'ok'],
  ['v26.0.0', 'ok'],
])('Node %s is %s', (version, status) => expect(probeNode(version).status).toBe(status));
