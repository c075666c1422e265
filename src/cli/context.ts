/** What a command works with: settings, a log, the two streams and a signal. */
import type { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import type { Environment, SettingFlags } from '../config/reader.ts';
import type { Config, LocalConfig } from '../config.ts';
import type { Log } from '../log.ts';
import type { StatusLine } from './status-line.ts';

/** A stream that may be a terminal's keyboard. */
export type Input = Readable & { readonly isTTY?: boolean };

export interface CommandContext {
  /**
   * All settings, sources included. Call it first: it throws one error for all that is wrong.
   * @param flags settings from the command's own options, or what it decides itself (a demo's URL); they win.
   */
  config(flags?: SettingFlags): Config;
  /** The settings of a command that calls no API and needs no key. */
  localConfig(flags?: SettingFlags): LocalConfig;
  /** Where settings are read from beside the environment; it need not be there. */
  readonly envFile: string;
  /** The environment over the file of settings, as texts; for what is about the settings themselves. */
  readonly environment: Environment;
  /** The same with another file of settings below the environment. */
  withSettingsOf(path: string): CommandContext;
  readonly log: Log;
  /** Aborted, with an {@link Interrupted} as reason, by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** null: there is none. */
  readonly stdin: Input | null;
  /** For results only; through `write` of output.ts. */
  readonly stdout: Writable;
  /** For people: logs, progress, errors. */
  readonly stderr: Writable;
  /** A sentence on stderr, beside the result: broken between words where that is a terminal. */
  note(text: string): void;
  /** Whether stdout is a terminal. */
  readonly isTty: boolean;
  /** Whether stderr is one: somebody reads what is said there, and nothing keeps it. */
  readonly isErrTty: boolean;
  /** Colours on stdout: a terminal, and no NO_COLOR. */
  readonly color: boolean;
  /** Columns of the terminal; null: not one. */
  readonly columns: number | null;
  /** `--json`: results as JSON. */
  readonly json: boolean;
  /** The line at the bottom of the terminal; null when stderr is none. */
  readonly statusLine: StatusLine | null;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What a command exits with: one of EXIT; nothing is 0. */
export type CommandResult = number | undefined;

/** One command of the program, from one file. */
export interface CommandDefinition {
  readonly name: string;
  /**
   * Adds arguments, options and the description, and the action by `run`.
   * @param run hands the context over and takes care of what the work returns or throws.
   */
  define(command: Command, run: RunCommand): void;
  /** For the end of `--help`: whole command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, effect: string])[];
}

/** @param failedCode what to exit with instead of the error's own code, for a command with a table of its own. */
export type RunCommand = (
  work: (context: CommandContext) => Promise<CommandResult>,
  failedCode?: number,
) => Promise<void>;
