/** `tokenhouse restore`: puts a backup into the place of the warehouse. */
import { Argument, Option } from 'commander';
import { EXIT } from '../../errors.ts';
import { restore } from '../../warehouse/backup/restore.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { write, writeJson } from '../output.ts';
import { counted } from '../status-text.ts';

interface RestoreCommandOptions {
  readonly force?: boolean;
}

export const restoreCommand: CommandDefinition = {
  name: 'restore',
  examples: [
    ['tokenhouse restore backups/warehouse-20261129T083112Z.duckdb', 'where there is no warehouse'],
    ['tokenhouse restore backup.duckdb --force', 'the warehouse that is there is kept beside'],
    ['tokenhouse sync', 'then: reads what the backup lacks, as far as the API still has it'],
  ],
  define(command, run) {
    command
      .description(
        'Put a backup into the place of the warehouse (WAREHOUSE). It is read to its end first, and brought to the schema of this ' +
          'program. Nothing is deleted. The next sync reads what it lacks within its usual days; `backfill --since` for what is older.',
      )
      .addArgument(new Argument('<file>', 'what `tokenhouse backup` has written'))
      .addOption(new Option('--force', 'set a warehouse that is there aside'))
      .action((file: string) =>
        run((context) => start(context, file, command.opts<RestoreCommandOptions>())),
      );
  },
};

async function start(
  context: CommandContext,
  from: string,
  { force = false }: RestoreCommandOptions,
): Promise<number> {
  const { warehouse } = context.localConfig();
  const { path, completions, aside } = await restore({
    ...warehouse,
    from,
    force,
    signal: context.signal,
    nowMs: context.now,
  });
  if (context.json) await writeJson(context.stdout, { path, completions, aside });
  else {
    const former = aside === null ? '' : `the warehouse that was there is ${aside} now\n`;
    await write(
      context.stdout,
      `${path}  ${counted(completions, 'completion')}\n${former}\`tokenhouse sync\` reads what it lacks\n`,
    );
  }
  return EXIT.landed;
}
