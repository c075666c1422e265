import { existsSync } from 'node:fs';
import type { LocalConfig } from '../config.ts';
import type { PricePart } from '../warehouse/editions.ts';
import { openWarehouse } from '../warehouse/open.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import type { CommandContext } from './context.ts';

export function openForReading(
  context: CommandContext,
  config: LocalConfig,
  options?: { readonly prices?: readonly PricePart[] },
): Promise<WarehouseFile>;
export function openForReading(
  context: CommandContext,
  config: LocalConfig,
  options: { readonly mayBeMissing: true },
): Promise<WarehouseFile | null>;
/**
 * The warehouse, for reading only.
 *
 * @param prices that it is shown with, where it holds others; none: as it holds them.
 * @param mayBeMissing null for a file that is not there, instead of an error.
 * @throws {TransientError} when a run holds the file for longer than WAIT_SECONDS; {@link TerminalError} when it is missing.
 */
export async function openForReading(
  context: CommandContext,
  { warehouse }: LocalConfig,
  { mayBeMissing = false, prices = [] }: { mayBeMissing?: boolean; prices?: readonly PricePart[] } = {},
): Promise<WarehouseFile | null> {
  if (mayBeMissing && !existsSync(warehouse.path)) return null;
  return openWarehouse({
    ...warehouse,
    readOnly: true,
    prices,
    signal: context.signal,
    onWaiting: (pid, path) =>
      context.log.info({ pid, warehouse: path }, 'waiting for the warehouse: another process has it open'),
  });
}
