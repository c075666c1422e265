/** Options that `sync` and `backfill` share, and what they come to. */
import { type Command, Option } from 'commander';
import type { Config } from '../config.ts';
import { SettingsError } from '../errors.ts';
import type { SourceSettings } from '../source/settings.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './options.ts';

export interface RunOptions {
  readonly source?: readonly string[];
  readonly wait?: number;
  readonly withMessages?: boolean;
}

export function addRunOptions(command: Command): Command {
  return command
    .addOption(new Option('--source <name...>', 'only these of the configured sources (SOURCES)'))
    .addOption(
      new Option('--with-messages', 'copy the input messages too: a request or more for each completion'),
    )
    .addOption(
      new Option('--wait <seconds>', 'wait that long for a warehouse in use (WAIT_SECONDS)').argParser(
        wholeNumber(0, 86_400),
      ),
    );
}

export function configOf(context: CommandContext, options: RunOptions): Config {
  return context.config(options.wait === undefined ? {} : { WAIT_SECONDS: String(options.wait) });
}

/** @throws {SettingsError} for a name that is not configured. */
export function chosenSources(config: Config, options: RunOptions): readonly SourceSettings[] {
  if (options.source === undefined) return config.sources;
  return options.source.map((name) => {
    const found = config.sources.find((source) => source.name === name);
    if (found !== undefined) return found;
    const names = config.sources.map((source) => source.name).join(', ');
    throw new SettingsError(`--source names a source that is not configured; SOURCES has: ${names}`);
  });
}
