import type { Batch } from '../../sync/ports.ts';
import { OutOfMemoryError } from './engine-error.ts';
import type { Statements } from './session.ts';

/** Blocks below this are not worth reading again. */
const KEPT_MEMORY = '48MB';

/**
 * Evicts the blocks that DuckDB keeps only because they may be read again: they would fill all of its limit, and a sync reads hardly
 * any of them. What is in use stays, and so does the limit.
 */
export async function giveBackMemory(statements: Statements, limit: string): Promise<void> {
  // Fails when more than that is in use; as much as could be was evicted by then.
  await statements.run('set memory_limit', undefined, `set memory_limit = '${KEPT_MEMORY}'`).catch(() => {});
  await statements.run('set memory_limit', undefined, `set memory_limit = '${limit}'`);
}

/** Memory of the process from which on what is not in use is given back, whenever something has been written. */
const RSS_HIGH_BYTES = 272 * 1024 * 1024;

/** {@link giveBackMemory}, which takes some 20 ms, when the process has grown. */
export async function giveBackWhenHigh(statements: Statements, limit: string): Promise<void> {
  if (process.memoryUsage.rss() > RSS_HIGH_BYTES) await giveBackMemory(statements, limit);
}

/** What {@link transactionInLess} allows: a join of a day of half a million completions spills a little, and takes hardly longer. */
const LESS_MEMORY = '96MB';

/**
 * A transaction within less than the limit, so that what is large goes to the disk instead of filling all of it; where that does not
 * do, once more within all of it. The commit has all of it in any case: one that fails for want of memory costs the instance.
 */
export async function transactionInLess(
  statements: Statements,
  limit: string,
  work: () => Promise<void>,
): Promise<void> {
  if (bytesOf(limit) <= bytesOf(LESS_MEMORY)) return await statements.transaction(work);
  const restore = async (): Promise<void> => {
    await statements.run('set memory_limit', undefined, `set memory_limit = '${limit}'`);
  };
  await giveBackMemory(statements, LESS_MEMORY).catch(() => {});
  try {
    return await statements.transaction(work, restore);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
  } finally {
    await restore();
  }
  await statements.transaction(work);
}

/** What a batch takes for each byte of its longest row: text, struct, columns, and the copies in between. */
const TIMES_THE_LONGEST_ROW = 12;

/** With a limit that will do. */
export function memoryError(error: Error, limit: string, { items }: Batch): OutOfMemoryError {
  const longest = items.reduce((most, { item }) => Math.max(most, item.raw.length), 0);
  const bytes = Math.max(2 * bytesOf(limit), TIMES_THE_LONGEST_ROW * longest);
  const megabytes = Math.ceil(bytes / 1000 ** 2 / 64) * 64;
  return new OutOfMemoryError(`${error.message}; set it to ${megabytes}MB`);
}

const UNITS = ['K', 'M', 'G', 'T'];

/** Bytes of a size as DuckDB writes it, near enough to compare: `512MB`, `1.5 GiB`. */
function bytesOf(size: string): number {
  const [, number, unit] = /^([\d.]+) ?([KMGT])/i.exec(size) ?? [];
  return Number(number) * 1000 ** (UNITS.indexOf(unit?.toUpperCase() ?? 'M') + 1);
}
