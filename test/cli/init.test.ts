import { mkdtemp, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { withSettings } from '../../src/cli/init/env-text.ts';
import { CancelledError, questionsOn } from '../../src/cli/init/questions.ts';
import type { Environment } from '../../src/config/reader.ts';
import { startEmulator } from '../../src/emulator/emulator.ts';
import { EXIT } from '../../src/errors.ts';
import { removedLater } from '../support/server.ts';
import { TextSink } from '../support/streams.ts';
import { run } from './support.ts';

const KEY = 'sk-canary-0123456789abcdef';

let file: string;
beforeEach(async () => {
  file = join(removedLater(await mkdtemp(join(tmpdir(), 'tokenhouse-init-'))), '.env');
});

/** Without a request, unless told, and beside no `.env` of a developer's. */
async function init(args: readonly string[], env: Environment = {}, stdin?: string) {
  const settings = ['--settings', '/dev/null'];
  const ended = await run([...settings, 'init', '--file', file, '--offline', ...args], {
    env: { WAREHOUSE: join(file, '../w.duckdb'), ...env },
    ...(stdin === undefined ? {} : { stdin: Readable.from([Buffer.from(stdin)]) }),
  });
  expect(ended.stdout + ended.stderr).not.toContain('canary');
  return { ...ended, written: parse(await readFile(file, 'utf8').catch(() => '')) };
}

test('a key from stdin is enough: the file is for its owner alone, and doctor looks at it', async () => {
  const { code, stdout, written } = await init(['--key-stdin'], {}, `${KEY}\n`);
  expect(code).toBe(EXIT.landed);
  expect(written).toEqual({ OPENAI_API_KEY: KEY });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(stdout).toMatch(/ok +settings +1 source: openai\n/);
});

test('every flag is written down, a key as the place of its file, and defaults are not', async () => {
  const keyFile = `${file}.key`;
  await writeFile(keyFile, KEY);
  const args = ['--sources', 'prod,eu', '--key-file', `prod=${keyFile}`, '--key-file', `eu=${keyFile}`];
  const more = ['--base-url', 'eu=https://eu.api.openai.com/v1', '--schedule', '17 */6 * * *'];
  const { code, written } = await init([...args, ...more, '--content', 'full']);
  expect(code).toBe(EXIT.landed);
  expect(written).toEqual({
    SOURCES: 'prod,eu',
    PROD_API_KEY_FILE: keyFile,
    EU_BASE_URL: 'https://eu.api.openai.com/v1',
    EU_API_KEY_FILE: keyFile,
    SCHEDULE: '17 */6 * * *',
  });
});

test('doctor asks the API, and its failure is the exit code', async () => {
  const emulator = await startEmulator({ rows: 3, quirks: { apiKey: 'another key' } });
  onTestFinished(() => emulator.close());
  const args = ['--settings', '/dev/null', 'init', '--file', file, '--base-url', emulator.baseUrl];
  const ended = await run(args, { env: { OPENAI_API_KEY: KEY, WAREHOUSE: join(file, '../w.duckdb') } });
  expect(ended.code).toBe(EXIT.failed);
  expect(ended.stdout).toMatch(/failed +list openai/);
  expect(parse(await readFile(file, 'utf8'))['OPENAI_API_KEY']).toBe(KEY);
});

test('a file that is there is left alone without --force, and keeps its other lines with it', async () => {
  const before = '# mine\nexport OPENAI_API_KEY_FILE=/old\nPAGE_SIZE=20\nCONTENT=none\n';
  await writeFile(file, before, { mode: 0o644 });
  const refused = await init(['--key-stdin'], {}, KEY);
  expect(refused.code).toBe(EXIT.usage);
  expect(refused.stderr).toMatch(/\.env exists already: add --force/);
  expect(await readFile(file, 'utf8')).toBe(before);
  const link = `${file}.link`;
  await symlink(file, link);
  expect((await init(['--file', link, '--force', '--key-stdin'], {}, KEY)).code).toBe(EXIT.landed);
  expect(await readFile(file, 'utf8')).toBe(`# mine\nPAGE_SIZE=20\nCONTENT=none\nOPENAI_API_KEY=${KEY}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each([
  [[], /no terminal to ask .*--key-file PATH, --key-stdin or OPENAI_API_KEY/],
  [['--sources', 'a,b'], /key of a .*--key-file a=PATH, --key-stdin or A_API_KEY/],
  [['--sources', 'a,b', '--key-file', 'x'], /--key-file is to say of which source it is/],
  [['--key-file', 'other=x'], /--key-file names other, which is no source/],
  [['--sources', 'a,b', '--key-stdin'], /--key-stdin is for the key of one source/],
  [['--key-file', '/none/at/all'], /OPENAI_API_KEY cannot be read from \/none\/at\/all/],
  [['--key-stdin', '--schedule', 'daily'], /SCHEDULE must be cron/],
  [['--key-stdin', '--content', 'some'], /CONTENT must be one of/],
])('%j is one clear error, and nothing is written', async (args, message) => {
  const { code, stderr, written } = await init(args, {}, KEY);
  expect(code).toBe(EXIT.usage);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(written).toEqual({});
});

test('what is written is read as it was meant, and other lines stay', () => {
  const value = fc
    .stringMatching(/^[ -~]{0,20}$/)
    .filter((one) => !/["'`\\$]/.test(one) && one === one.trim());
  fc.assert(
    fc.property(value, value, (kept, put) => {
      const text = withSettings(`OTHER='${kept}'\nCONTENT=x\n`, { CONTENT: put, SCHEDULE: put });
      expect(parse(text)).toEqual({ OTHER: kept, CONTENT: put, SCHEDULE: put });
      expect(withSettings(text, { CONTENT: put, SCHEDULE: put })).toBe(text);
    }),
  );
});

/** Keys as a terminal sends them, each when the question before it is shown. */
function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const output = new TextSink();
  const type = async (shown: string, keys: string): Promise<void> => {
    await expect.poll(() => output.text).toContain(shown);
    input.write(keys);
  };
  return { output, type, questions: questionsOn(input, output, new AbortController().signal) };
}

test('a key that is typed is not shown, and Enter takes the default', async () => {
  const { output, type, questions } = terminal();
  const key = questions.askSecret('the key');
  await type('the key', `${KEY}\r`);
  expect(await key).toBe(KEY);
  const content = questions.ask('CONTENT', 'what content', 'full');
  await type('what content', '\r');
  expect(await content).toBe('full');
  expect(output.text).not.toContain('canary');
});

test('a wrong answer is asked again, and Ctrl-C ends it', async () => {
  const { type, questions } = terminal();
  const answer = questions.ask('CONTENT', 'what content', 'full');
  await type('what content', 'some\r');
  await type('must be one of', '\u0003');
  await expect(answer).rejects.toBeInstanceOf(CancelledError);
});
