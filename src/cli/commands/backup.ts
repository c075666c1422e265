/** `tokenhouse backup`: all of the warehouse in one file, to be put back by `tokenhouse restore`. */
import { Option } from 'commander';
import { EXIT } from '../../errors.ts';
import { backup } from '../../warehouse/backup/backup.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { write, writeJson } from '../output.ts';
import { localConfigOf, type ReadOptions, waitOption } from '../read-options.ts';
import { counted, sizeText } from '../status-text.ts';

interface BackupCommandOptions extends ReadOptions {
  readonly to: string;
  readonly force?: boolean;
}

export const backupCommand: CommandDefinition = {
  name: 'backup',
  examples: [
    ['tokenhouse backup --to backups/', 'backups/warehouse-20261129T083112Z.duckdb, for its owner alone'],
    ['tokenhouse backup --to /mnt/other/disk.duckdb --force', 'one file, replaced each time'],
    ['tokenhouse restore backups/warehouse-20261129T083112Z.duckdb --force', 'put back'],
  ],
  define(command, run) {
    command
      .description(
        'Write all of the warehouse into one file: rows, text, and what is known to be read. The backup is read to its end and compared ' +
          'before it counts. A run waits meanwhile, and the backup waits for a run that goes on.',
      )
      .requiredOption('--to <path>', 'the file, or a folder that gets a file with the time in its name')
      .addOption(new Option('--force', 'replace a file that is there'))
      .addOption(waitOption())
      .action(() => run((context) => start(context, command.opts<BackupCommandOptions>())));
  },
};

async function start(context: CommandContext, options: BackupCommandOptions): Promise<number> {
  const { warehouse, publish } = localConfigOf(context, options);
  const startedMs = performance.now();
  const { path, bytes, completions } = await backup({
    ...warehouse,
    to: options.to,
    force: options.force === true,
    keep: publish.to === null ? [] : [publish.to],
    signal: context.signal,
    nowMs: context.now,
    onWaiting: (pid, file) =>
      context.log.info({ pid, warehouse: file }, 'waiting for the warehouse: another process has it open'),
  });
  const seconds = Math.round((performance.now() - startedMs) / 10) / 100;
  if (context.json) await writeJson(context.stdout, { path, bytes, completions, seconds });
  else
    await write(
      context.stdout,
      `${path}  ${sizeText(bytes)}, ${counted(completions, 'completion')}, ${seconds} s\n`,
    );
  return EXIT.landed;
}
