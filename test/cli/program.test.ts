import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import type { CommandContext, CommandDefinition, CommandResult } from '../../src/cli/context.ts';
import { runProgram } from '../../src/cli/program.ts';
import { Interrupted } from '../../src/cli/signals.ts';
import type { Environment } from '../../src/config/reader.ts';
import { EXIT, TerminalError, TransientError } from '../../src/errors.ts';
import { packageVersion } from '../../src/package.ts';
import { TextSink } from '../support/streams.ts';

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly environment?: Environment;
  readonly work?: (context: CommandContext) => Promise<CommandResult>;
  readonly signal?: AbortSignal;
  readonly commands?: readonly CommandDefinition[];
  readonly isErrTty?: boolean;
}

/** Runs a line with a command `try` that does `work`. */
async function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  stderr.isTTY = options.isErrTty ?? false;
  const attempt: CommandDefinition = {
    name: 'try',
    examples: [['tokenhouse try --hard', 'does its best']],
    define: (command, start) => {
      command.option('--hard', 'try harder').action(() => start(options.work ?? (async () => undefined)));
    },
  };
  const code = await runProgram(args, options.commands ?? [attempt], {
    environment: options.environment ?? {},
    stdout,
    stderr,
    signal: options.signal ?? new AbortController().signal,
    now: () => 0,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

const throws = (error: unknown) => async (): Promise<never> => {
  throw error;
};

test('the version and the help go to stdout', async () => {
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${packageVersion}\n`, stderr: '' });
  const help = await run(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('Usage: tokenhouse');
});

test('every command has a description and examples in its help', async () => {
  for (const { name } of COMMANDS) {
    const { code, stdout } = await run([name, '--help'], { commands: COMMANDS });
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n {2}.*tokenhouse /);
    expect(stdout).toContain('--settings');
  }
});

test.each([
  [['tri'], "unknown command 'tri' (Did you mean try?)"],
  [['try', '--hart'], "unknown option '--hart' (Did you mean --hard?)"],
  [['try', 'more'], "too many arguments for 'try'. Expected 0 arguments but got 1: more."],
  [['--warehouse'], "option '--warehouse <file>' argument missing"],
])('%j is a wrong usage, told in one line', async (args, line) => {
  expect(await run(args)).toEqual({ code: EXIT.usage, stdout: '', stderr: `tokenhouse: ${line}\n` });
});

test('no command at all is answered with the help', async () => {
  const { code, stdout, stderr } = await run([]);
  expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' });
  expect(stderr).toContain('Usage: tokenhouse');
});

test.each([
  [new TransientError('the API is down'), EXIT.failed, 'the API is down'],
  [new TerminalError('the key is refused'), EXIT.failed, 'the key is refused'],
  [new TypeError('x is no function'), EXIT.failed, 'unexpected: TypeError: x is no function'],
])('%s is a line without a stack', async (error, code, text) => {
  const result = await run(['try'], { work: throws(error) });
  expect(result).toMatchObject({ code, stdout: '' });
  expect(result.stderr).toContain(`tokenhouse: ${text}`);
  expect(result.stderr).not.toContain('    at ');
  expect(result.stderr.split('\n')).toHaveLength(2);
});

test('the stack is shown when debugging', async () => {
  const { stderr } = await run(['try', '--log-level', 'debug'], { work: throws(new TransientError('down')) });
  expect(stderr).toMatch(/^tokenhouse: down\n.*TransientError.*\n {4}at /);
});

test('the cause of an error, which may hold what was sent, is not shown', async () => {
  const error = new TransientError('refused', { cause: new Error('Bearer sk-secret') });
  const { stderr } = await run(['try', '--log-level', 'debug'], { work: throws(error) });
  expect(stderr).not.toContain('sk-secret');
});

test('wrong settings end with the code of a wrong usage and name the flag', async () => {
  const work = async (context: CommandContext): Promise<undefined> => void context.config();
  const { code, stderr } = await run(['try', '--log-level', 'loud'], { work });
  expect(code).toBe(EXIT.usage);
  expect(stderr).toMatch(/--log-level must be one of/);
  expect(stderr).toMatch(/OPENAI_API_KEY is missing/);
  expect((await run(['try', '--settings', '/nowhere/.env'])).code).toBe(EXIT.usage);
});

test('global options may stand before and behind the command', async () => {
  const seen: string[] = [];
  const work = async (context: CommandContext): Promise<undefined> => {
    seen.push(`${context.localConfig().warehouse.path} ${context.json}`);
  };
  await run(['--warehouse', 'a.duckdb', '--json', 'try'], { work });
  await run(['try', '--warehouse', 'b.duckdb'], { work, environment: { WAREHOUSE: 'c.duckdb' } });
  await run(['try'], { work, environment: { WAREHOUSE: 'c.duckdb' } });
  expect(seen).toEqual(['a.duckdb true', 'b.duckdb false', 'c.duckdb false']);
});

test('an interrupted command says so and exits with 130', async () => {
  const controller = new AbortController();
  const work = async ({ signal }: CommandContext): Promise<undefined> => {
    controller.abort(new Interrupted('SIGTERM'));
    await sleep(10_000, undefined, { signal });
  };
  const result = await run(['try'], { work, signal: controller.signal });
  expect(result.code).toBe(EXIT.interrupted);
  expect(result.stderr).toMatch(/^tokenhouse: interrupted by SIGTERM; /);
});

test('a command that found something unproven exits with its own code', async () => {
  expect((await run(['try'], { work: async () => EXIT.unproven })).code).toBe(EXIT.unproven);
});

test('logs are JSON on stderr, and a line for people on a terminal', async () => {
  const work = async ({ log }: CommandContext): Promise<undefined> =>
    log.info({ page: 3 }, 'page loaded') as undefined;
  const { stdout, stderr } = await run(['try'], { work });
  expect(stdout).toBe('');
  expect(JSON.parse(stderr)).toMatchObject({ level: 'info', page: 3, msg: 'page loaded' });
  const pretty = await run(['try'], { work, isErrTty: true, environment: { NO_COLOR: '1' } });
  expect(pretty.stderr).toMatch(/INFO: page loaded \{"page":3\}\n/);
  expect(pretty.stderr).not.toContain('\u001b[3');
});
