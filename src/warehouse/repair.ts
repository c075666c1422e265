/** What can be mended in a warehouse that does not open. */
import { realpath, rename, stat } from 'node:fs/promises';
import { BusyError, TerminalError } from '../errors.ts';
import { DamagedLogError, logStateOf, setLogAside } from './engine/damage.ts';
import { openWarehouse, type WarehouseOptions } from './open.ts';

export interface Repaired {
  /** New names of the log that could not be read; empty: there was nothing to mend. */
  readonly logAside: readonly string[];
  readonly completions: number;
}

/**
 * Sets a log aside that cannot be read. Nothing is deleted, and nothing is done that does not make the warehouse open.
 *
 * @returns null: there is no warehouse.
 * @throws {BusyError} while another process has it open; {@link TerminalError} for whatever else keeps it from being opened.
 */
export async function repair(
  options: Pick<WarehouseOptions, 'path' | 'memoryLimit' | 'signal'>,
  nowMs: number,
): Promise<Repaired | null> {
  const path = await realpath(options.path).catch(() => null);
  const found = path === null ? null : await stat(path);
  if (path === null || found?.size === 0) return null;
  // Before it is opened: what is written to it after that must not be set aside.
  const seen = await logStateOf(path);
  try {
    return { logAside: [], completions: await completionsOf(options) };
  } catch (error) {
    if (!(error instanceof DamagedLogError)) throw error;
  }
  const logAside = await setLogAside(path, seen, nowMs);
  if (logAside === null) throw new BusyError(`another process has just written to ${path}`, null);
  try {
    return { logAside, completions: await completionsOf(options) };
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    // The file is damaged as well: whoever mends it may want its log.
    for (const aside of logAside) await rename(aside, aside.replace(/\.aside-\w+$/, ''));
    throw error;
  }
}

async function completionsOf(options: Pick<WarehouseOptions, 'path' | 'memoryLimit' | 'signal'>) {
  await using warehouse = await openWarehouse({
    ...options,
    content: 'full',
    readOnly: true,
    waitSeconds: 0,
  });
  const sources = await warehouse.listSources();
  return sources.reduce((sum, { rows }) => sum + rows, 0);
}
