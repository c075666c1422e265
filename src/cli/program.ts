/** The command line: options that all commands share, help, and what every end of a command turns into. */
import { Command, CommanderError, Option } from 'commander';
import { misspelt, overlay, readEnvFile } from '../config/env-file.ts';
import type { Environment, SettingFlags } from '../config/reader.ts';
import { type LocalConfig, loadConfig, loadLocalConfig, loadLogSettings } from '../config.ts';
import { EXIT } from '../errors.ts';
import { createLog } from '../log.ts';
import { packageVersion } from '../package.ts';
import { useProxy } from '../proxy.ts';
import { suggesting } from './completion/suggestions.ts';
import type { CommandContext, CommandDefinition, CommandResult, Input } from './context.ts';
import { failure } from './failure.ts';
import { statusLine } from './status-line.ts';
import { wrapped } from './wrap.ts';

/** A stream that may be a terminal. */
export type Terminal = NodeJS.WritableStream &
  import('node:stream').Writable & { isTTY?: boolean; columns?: number };

/** The process, as far as the program needs it; tests bring their own. */
export interface ProgramIo {
  readonly environment: Environment;
  /** Absent: nobody is asked and nothing is read. */
  readonly stdin?: Input;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly signal: AbortSignal;
  now(): number;
}

interface GlobalOptions {
  readonly warehouse?: string;
  readonly settings?: string;
  readonly logLevel?: string;
  readonly json?: boolean;
}

/**
 * Runs one command line.
 *
 * @param args without node and the script.
 * @returns the exit code; everything there is to say was written to the streams.
 */
export async function runProgram(
  args: readonly string[],
  commands: readonly CommandDefinition[],
  io: ProgramIo,
): Promise<number> {
  let exitCode: number = EXIT.landed;
  const program = createProgram(io);
  for (const definition of commands) {
    // Options that all share are told of once, at the end of each command's help.
    const command = program.command(definition.name).configureHelp({ showGlobalOptions: true });
    definition.define(command, async (work, failedCode) => {
      const ended = await runCommand(work, program.opts<GlobalOptions>(), io);
      exitCode =
        ended.isFailed && ended.exitCode !== EXIT.interrupted
          ? (failedCode ?? ended.exitCode)
          : ended.exitCode;
    });
    command.addHelpText('after', exampleText(definition.examples));
    for (const part of command.commands) {
      const own = definition.examples.filter(([line]) =>
        line.includes(`tokenhouse ${definition.name} ${part.name()}`),
      );
      part.configureHelp({ showGlobalOptions: true }).addHelpText('after', exampleText(own));
    }
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander's own are 0 and 1; another is of a command with a table of its own.
    return error.exitCode === 1 ? EXIT.usage : error.exitCode;
  }
}

function createProgram(io: ProgramIo): Command {
  const program = new Command('tokenhouse')
    .description('Copies every stored OpenAI chat completion into a DuckDB warehouse you own.')
    .version(packageVersion, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .addOption(new Option('--warehouse <file>', 'the DuckDB file (WAREHOUSE)'))
    // Not --env-file: Node takes that for its own wherever it stands, and ends before this program runs.
    .addOption(new Option('--settings <file>', 'read settings from this file, not .env'))
    .addOption(
      suggesting(new Option('--log-level <level>', 'silent, error, warn, info, debug or trace (LOG_LEVEL)'), [
        'silent',
        'error',
        'warn',
        'info',
        'debug',
        'trace',
      ]),
    )
    .addOption(new Option('--json', 'results as JSON'))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      // commander puts its suggestion on a line of its own.
      outputError: (text, write) =>
        write(
          `tokenhouse: ${text
            .trim()
            .replace(/^error: /, '')
            .replaceAll('\n', ' ')}\n`,
        ),
    });
  program.addHelpText(
    'after',
    () => `\nSettings come from the environment and .env; see the README or .env.example.`,
  );
  // Without a command commander prints its help and calls it a failure; so do we, as a wrong usage.
  return program;
}

function exampleText(examples: CommandDefinition['examples']): string {
  const width = Math.max(...examples.map(([line]) => line.length), 0);
  return `\nExamples:\n${examples.map(([line, effect]) => `  ${line.padEnd(width)}  ${effect}`).join('\n')}`;
}

async function runCommand(
  work: (context: CommandContext) => Promise<CommandResult>,
  options: GlobalOptions,
  io: ProgramIo,
): Promise<{ readonly exitCode: number; readonly isFailed: boolean }> {
  let withStack = false;
  try {
    const file = readEnvFile(options.settings ?? null);
    const environment = overlay(file, io.environment);
    const flags: SettingFlags = { WAREHOUSE: options.warehouse, LOG_LEVEL: options.logLevel };
    const logSettings = loadLogSettings(environment, flags);
    withStack = ['debug', 'trace'].includes(logSettings.level);

    const isErrTty = io.stderr.isTTY === true;
    const line = isErrTty ? statusLine(io.stderr, () => io.stderr.columns ?? 80) : null;
    const log = createLog(logSettings, line?.above ?? io.stderr, isErrTty);
    for (const { name, meant } of misspelt(file, sourceNamesOf(environment))) {
      log.warn(`${name} in the .env file is no setting; is ${meant} meant?`);
    }
    let withoutProxy = () => {};
    const withProxy = <T extends LocalConfig>(config: T): T => {
      withoutProxy();
      withoutProxy = useProxy(config.proxy, log);
      return config;
    };
    try {
      const contextOf = (texts: Environment, envFile: string): CommandContext => ({
        envFile,
        config: (own = {}) => withProxy(loadConfig(texts, { ...flags, ...own })),
        localConfig: (own = {}) => withProxy(loadLocalConfig(texts, { ...flags, ...own })),
        environment: texts,
        withSettingsOf: (path) => contextOf(overlay(readEnvFile(path), io.environment), path),
        log,
        signal: io.signal,
        get stdin() {
          return io.stdin ?? null;
        },
        stdout: io.stdout,
        stderr: io.stderr,
        note: (text) => note(io.stderr, text),
        isTty: io.stdout.isTTY === true,
        isErrTty,
        color: io.stdout.isTTY === true && logSettings.color,
        columns: io.stdout.isTTY === true ? (io.stdout.columns ?? 80) : null,
        json: options.json === true,
        statusLine: line,
        now: io.now,
      });
      const result = await work(contextOf(environment, options.settings ?? '.env'));
      return { exitCode: result ?? EXIT.landed, isFailed: false };
    } finally {
      withoutProxy();
      line?.show(null);
    }
  } catch (error) {
    const { text, exitCode } = failure(error, io.signal, withStack);
    note(io.stderr, text);
    return { exitCode, isFailed: true };
  }
}

function note(stderr: Terminal, text: string): void {
  const columns = stderr.isTTY === true ? (stderr.columns ?? 80) : null;
  stderr.write(`${wrapped(`tokenhouse: ${text}`, columns, 2)}\n`);
}

const sourceNamesOf = (environment: Environment): readonly string[] =>
  (environment['SOURCES'] ?? '').split(',').flatMap((name) => name.trim() || []);
