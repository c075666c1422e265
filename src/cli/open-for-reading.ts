import { existsSync } from 'node:fs';
import type { LocalConfig } from '../config.ts';
import { openWarehouse } from '../warehouse/open.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import type { CommandContext } from './context.ts';

export function openForReading(context: CommandContext, config: LocalConfig): Promise<WarehouseFile>;
export function openForReading(
  context: CommandContext,
  config: LocalConfig,
  options: { readonly mayBeMissing: true },
): Promise<WarehouseFile | null>;
/**
 * The warehouse, for reading only.
 *
 * @param mayBeMissing null for a file that is not there, instead of an error.
 * @throws {TransientError} when a run holds the file for longer than WAIT_SECONDS; {@link TerminalError} when it is missing.
 */
export async function openForReading(
  context: CommandContext,
  { warehouse }: LocalConfig,
  { mayBeMissing = false } = {},
): Promise<WarehouseFile | null> {
  if (mayBeMissing && !existsSync(warehouse.path)) return null;
  return openWarehouse({
    ...warehouse,
    readOnly: true,
    signal: context.signal,
    onWaiting: (pid, path) =>
      context.log.info({ pid, warehouse: path }, 'waiting for the warehouse: another process has it open'),
  });
}
