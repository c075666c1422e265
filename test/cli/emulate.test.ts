import { expect, test } from 'vitest';
import { z } from 'zod';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import { startEmulator } from '../../src/emulator/emulator.ts';
import { TextSink } from '../support/streams.ts';

/** Runs `emulate` until `use` is done with it. */
async function emulate(args: readonly string[], use: (baseUrl: string) => Promise<void>) {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  const controller = new AbortController();
  const ended = runProgram(['emulate', '--json', '--port', '0', ...args], COMMANDS, {
    environment: {},
    stdout,
    stderr,
    signal: controller.signal,
    now: Date.now,
  });
  await expect.poll(() => stdout.text).toContain('baseUrl');
  await use(z.object({ baseUrl: z.string() }).parse(JSON.parse(stdout.text)).baseUrl);
  controller.abort();
  return { code: await ended, stderr: stderr.text };
}

const page = z.object({ data: z.array(z.object({ id: z.string() })), has_more: z.boolean() });

test('it serves the rows asked for until it is stopped, which is no failure', async () => {
  const { code, stderr } = await emulate(['--rows', '30', '--page-size-max', '20'], async (baseUrl) => {
    const listed = page.parse(await (await fetch(`${baseUrl}/chat/completions?limit=100&order=desc`)).json());
    expect(listed.data).toHaveLength(20);
    expect(listed.has_more).toBe(true);
  });
  expect(code).toBe(0);
  expect(stderr).toContain('"requests":1');
});

test('a port that is taken is a wrong setting', async () => {
  await using other = await startEmulator();
  const stderr = new TextSink();
  const code = await runProgram(['emulate', '--rows', '0', '--port', String(other.port)], COMMANDS, {
    environment: {},
    stdout: new TextSink(),
    stderr,
    signal: new AbortController().signal,
    now: Date.now,
  });
  expect(code).toBe(2);
  expect(stderr.text).toBe(
    `tokenhouse: --port ${other.port} is taken: choose another, or 0 for a free one\n`,
  );
});

test('of Azure it says to export the kind, which its address does not tell', async () => {
  const stdout = new TextSink();
  const controller = new AbortController();
  const ended = runProgram(['emulate', '--preset', 'azure', '--port', '0', '--rows', '3'], COMMANDS, {
    environment: {},
    stdout,
    stderr: new TextSink(),
    signal: controller.signal,
    now: Date.now,
  });
  await expect.poll(() => stdout.text).toContain('ENDPOINT=azure\n');
  controller.abort();
  expect(await ended).toBe(0);
});
