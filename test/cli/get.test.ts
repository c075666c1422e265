import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.ts';
import type { EmulatorOptions } from '../../src/emulator/options.ts';
import { observed, temporaryPath } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

/** Odd on purpose: blanks, a key twice, digits beyond 2^53, a decimal with a nought at its end. */
const RAW =
  '{ "id":"chatcmpl-a","object": "chat.completion","created":1735689600,"model":"m","choices":[],"seed":4944116822809979520,"top_p":1.0,"x":1,"x":2}';
const HELLO = '{"id":"m-1","role":"user","content":"Hello,  \\u00e4"}';

async function served(options: EmulatorOptions = {}) {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  emulator.store.add({ id: 'chatcmpl-a', created: T0, raw: RAW, messages: [HELLO] });
  const env = { OPENAI_BASE_URL: emulator.baseUrl, OPENAI_API_KEY: 'sk-canary-1234' };
  return { emulator, env: { ...env, WAREHOUSE: await temporaryPath() } };
}

test('a completion is printed as the API sends it, to the character', async () => {
  const { env } = await served();
  expect(await run(['get', 'chatcmpl-a'], { env })).toEqual({ code: 0, stdout: `${RAW}\n`, stderr: '' });
});

test('--messages puts the messages beside it, both to the character', async () => {
  const { env } = await served();
  const { stdout } = await run(['get', 'chatcmpl-a', '--messages'], { env });
  expect(stdout).toBe(`{"completion":${RAW},"messages":[${HELLO}]}\n`);
});

test('--out makes a file that only its owner reads, and replaces one when forced only', async () => {
  const { env, emulator } = await served();
  const out = await temporaryPath('one.json');
  const args = ['get', 'chatcmpl-a', '--out', out];
  expect(await run(args, { env })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(out, 'utf8')).toBe(RAW);
  expect(statSync(out).mode & 0o777).toBe(0o600);

  writeFileSync(out, 'mine');
  const asked = emulator.requestCount;
  const refused = await run(args, { env });
  expect(refused).toMatchObject({
    code: 2,
    stderr: `tokenhouse: --out ${out} exists already: name another file, or add --force\n`,
  });
  expect(emulator.requestCount).toBe(asked);
  expect(readFileSync(out, 'utf8')).toBe('mine');

  expect((await run([...args, '--force'], { env })).code).toBe(0);
  expect(readFileSync(out, 'utf8')).toBe(RAW);
  expect(readdirSync(dirname(out))).toEqual(['one.json']);
});

test('--out replaces no link and no device, and names a folder that is not there', async () => {
  const { env } = await served();
  const link = await temporaryPath('link.json');
  symlinkSync('/dev/null', link);
  expect((await run(['get', 'chatcmpl-a', '--force', '--out', link], { env })).code).toBe(2);
  const { code, stderr } = await run(['get', 'chatcmpl-a', '--out', `${link}-none/x.json`], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/cannot be written \(ENOENT\)\n$/);
});

test('what the API has forgotten comes from the warehouse, and stderr says so', async () => {
  const { env } = await served();
  const held = RAW.replace('chatcmpl-a', 'chatcmpl-old');
  const WAREHOUSE = await filled({ items: [observed(held)] });
  const { code, stdout, stderr } = await run(['get', 'chatcmpl-old', '--source', 'test'], {
    env: { SOURCES: 'test', TEST_BASE_URL: env.OPENAI_BASE_URL, TEST_API_KEY: 'k', WAREHOUSE },
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${held}\n` });
  expect(stderr).toBe(
    "tokenhouse: the API does not know chatcmpl-old (source test); this is the warehouse's copy of 2025-01-01 00:00:00Z\n",
  );
});

test('--held asks nobody and needs no key', async () => {
  const WAREHOUSE = await filled({ items: [observed(RAW)] });
  const args = ['get', 'chatcmpl-a', '--held'];
  expect(await run(args, { env: { WAREHOUSE } })).toEqual({ code: 0, stdout: `${RAW}\n`, stderr: '' });
  const { stdout } = await run([...args, '--messages'], { env: { WAREHOUSE } });
  expect(stdout).toBe(`{"completion":${RAW},"messages":[]}\n`);
  expect(await run(['get', 'chatcmpl-b', '--held'], { env: { WAREHOUSE } })).toMatchObject({
    code: 1,
    stdout: '',
  });
});

test('an id that nobody knows is one clear line', async () => {
  const { env } = await served();
  const { code, stdout, stderr } = await run(['get', 'chatcmpl-none'], { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^tokenhouse: the API does not know chatcmpl-none \(source openai\), nor does .*\n$/,
  );
});

test('a refused key ends it without naming the key', async () => {
  const { env } = await served({ quirks: { apiKey: 'sk-right' } });
  const { code, stderr } = await run(['get', 'chatcmpl-a'], { env });
  expect(code).toBe(1);
  expect(stderr).toContain('the key in OPENAI_API_KEY is refused');
  expect(stderr).not.toContain('canary');
});

test('of several sources one has to be named', async () => {
  const { env } = await served();
  const several = { ...env, SOURCES: 'a,b', A_API_KEY: 'k', B_API_KEY: 'k' };
  const { code, stderr } = await run(['get', 'chatcmpl-a'], { env: several });
  expect(code).toBe(2);
  expect(stderr).toContain('choose one with --source (a, b)');
  expect((await run(['get', 'chatcmpl-a', '--source', 'b'], { env: several })).stdout).toBe(`${RAW}\n`);
});
