/** Options of the commands that only read the warehouse, and what they come to. */
import { type Command, Option } from 'commander';
import type { LocalConfig } from '../config.ts';
import { SettingsError, TerminalError } from '../errors.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import type { CommandContext } from './context.ts';
import { openForReading } from './open-for-reading.ts';
import { wholeNumber } from './options.ts';

export interface ReadOptions {
  readonly wait?: number;
}

export const waitOption = (): Option =>
  new Option(
    '--wait <seconds>',
    'wait that long for a run that has the warehouse open (WAIT_SECONDS)',
  ).argParser(wholeNumber(0, 86_400));

const sourceOption = (): Option => new Option('--source <name>', 'this source only');

const limitOption = (rows: number): Option =>
  new Option('--limit <n>', 'rows at the most').default(rows).argParser(wholeNumber(1, 1_000_000));

export function addListOptions(command: Command, limit: number): Command {
  return command.addOption(sourceOption()).addOption(limitOption(limit)).addOption(waitOption());
}

export function localConfigOf(context: CommandContext, { wait }: ReadOptions): LocalConfig {
  return context.localConfig(wait === undefined ? {} : { WAIT_SECONDS: String(wait) });
}

/** @throws {TerminalError} when there is no warehouse; {@link TransientError} when a run holds it for too long. */
export async function openOf(context: CommandContext, options: ReadOptions): Promise<WarehouseFile> {
  const warehouse = await openForReading(context, localConfigOf(context, options));
  if (warehouse === null) throw new TerminalError('there is no warehouse');
  return warehouse;
}

/**
 * The name itself, once it is known that the warehouse has such a source: an empty list for a misspelt one would look like
 * good news.
 */
export async function knownSource(
  warehouse: WarehouseFile,
  name: string | undefined,
): Promise<string | null> {
  if (name === undefined) return null;
  const names = (await warehouse.listSources()).map(({ source }) => source);
  if (names.includes(name)) return name;
  throw new SettingsError(
    `--source names a source that the warehouse does not know; it has: ${names.join(', ') || 'none yet'}`,
  );
}
