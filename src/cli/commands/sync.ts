/** `tokenhouse sync`: everything the API lists and the warehouse lacks, down to the cutoff. */
import { Option } from 'commander';
import { SettingsError } from '../../errors.ts';
import { nowOf } from '../../run/run-source.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { positiveNumber } from '../options.ts';
import { parseTime } from '../parse-time.ts';
import { runAll } from '../run-all.ts';
import { addRunOptions, chosenSources, configOf, type RunOptions } from '../run-options.ts';

interface SyncCommandOptions extends RunOptions {
  readonly days?: number;
  readonly since?: string;
}

export const sync: CommandDefinition = {
  name: 'sync',
  examples: [
    ['tokenhouse sync', 'what is new, and what an earlier run left open'],
    ['tokenhouse sync --days 7', 'no further back than a week'],
    ['tokenhouse sync --since 2026-11-01 --source prod', 'one source, back to that day'],
    ['tokenhouse sync --json', 'the outcome for a script'],
  ],
  define(command, run) {
    command
      .description('Copy stored completions into the warehouse: newest first, down to the cutoff, resumable.')
      .addOption(
        new Option('--days <n>', 'days back (SYNC_DAYS)')
          .argParser(positiveNumber(36_500))
          .conflicts('since'),
      )
      .addOption(new Option('--since <time>', 'back to this date or time, UTC, or age (7d)'));
    addRunOptions(command).action(() => run((context) => start(context, command.opts<SyncCommandOptions>())));
  },
};

async function start(context: CommandContext, options: SyncCommandOptions): Promise<number> {
  const config = configOf(context, options);
  const now = nowOf({ nowMs: context.now });
  const since = sinceOf(options, now);
  if (since !== null && since > now) throw new SettingsError('--since lies in the future');
  return runAll(context, config, chosenSources(config, options), {
    kind: 'sync',
    since,
    until: null,
    isExplicit: false,
    reread: false,
    withMessages: options.withMessages === true,
  });
}

function sinceOf({ days, since }: SyncCommandOptions, now: ReturnType<typeof nowOf>) {
  if (since !== undefined) return parseTime(since, now, '--since');
  return days === undefined ? null : parseTime(`${Math.round(days * 86_400)}s`, now, '--days');
}
