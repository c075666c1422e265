/** The launcher as a process, on this Node and on one that believes to be old. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { packageVersion } from '../../src/package.ts';
import { cleanEnvironment, finished, launcher, projectRoot } from '../support/shell.ts';

const oldNode = ['--require', join(projectRoot, 'test/fixtures/old-node.cjs')];

describe.each([
  ['on a Node that runs TypeScript', []],
  ['on an old Node', oldNode],
])('%s', (_title, nodeArgs) => {
  test('it answers in a checkout without a build', async () => {
    const result = await finished(process.execPath, [...nodeArgs, launcher, '--version']);
    expect(result).toEqual({ code: 0, signal: null, stdout: `${packageVersion}\n`, stderr: '' });
  });

  test('it hands the exit code on', async () => {
    const result = await finished(process.execPath, [...nodeArgs, launcher, 'emulate', '--rows', 'many']);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^tokenhouse: .*--rows.*\n$/);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s reaches the command, which ends in order',
    async (signal) => {
      const server = await startServer(nodeArgs);
      server.child.kill(signal);
      expect(await server.ended).toEqual({ code: 0, signal: null });
      expect(server.stderr().match(/emulator stopped/g)).toHaveLength(1);
    },
  );

  test.runIf(process.platform === 'linux')('libuv’s pool has 16 threads for DuckDB to hold', async () => {
    const probe = ['--require', join(projectRoot, 'test/fixtures/count-threads.cjs')];
    const result = await finished(process.execPath, [...nodeArgs, ...probe, launcher, '--version']);
    // With the pool's default of 4 a process has 11 threads here.
    expect(Number(/threads: (\d+)/.exec(result.stderr)?.[1])).toBeGreaterThanOrEqual(20);
  });
});

test('a launcher that is killed outright leaves no run behind', async () => {
  const server = await startServer(oldNode);
  server.child.kill('SIGKILL');
  await server.ended;
  // Its port is closed soon after.
  await expect
    .poll(
      () =>
        fetch(server.url).then(
          () => true,
          () => false,
        ),
      { timeout: 5_000 },
    )
    .toBe(false);
});

test('on an old Node without the checkout’s own there is one clear line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tokenhouse-launcher-'));
  await copyFile(launcher, join(folder, 'tokenhouse.js'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const result = await finished(process.execPath, [...oldNode, join(folder, 'tokenhouse.js')]);
  await rm(folder, { recursive: true });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toBe('tokenhouse needs Node 22.18 or newer, this is v20.0.0\n');
});

interface RunningServer {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stderr(): string;
}

/** `tokenhouse emulate`, the one command that stays. */
async function startServer(nodeArgs: readonly string[]): Promise<RunningServer> {
  const args = [...nodeArgs, launcher, '--json', 'emulate', '--rows', '1', '--port', '0'];
  const child = spawn(process.execPath, args, { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  for await (const line of createInterface(child.stdout)) {
    const url = /"baseUrl": "(.*)"/.exec(line)?.[1];
    if (url !== undefined) return { child, url, ended, stderr: () => stderr };
  }
  throw new Error(`the emulator did not start: ${stderr}`);
}
