import type { Statements } from './session.ts';

/**
 * What a loader takes of DUCKDB_MEMORY_LIMIT, as long as that does: batches of 2,000 rows are as fast with it, and DuckDB
 * would fill all of 512 MB with blocks that it does not need again.
 */
export const LOADER_MEMORY = '64MB';

/** Limits the instance to the smallest of the sizes. */
export async function limitMemory(statements: Statements, ...limits: string[]): Promise<void> {
  const [least] = limits.toSorted((a, b) => bytesOf(a) - bytesOf(b));
  await statements.run('set memory_limit', undefined, `set memory_limit = '${least}'`);
}

const UNITS = ['K', 'M', 'G', 'T'];

/** Bytes of a size as DuckDB writes it, near enough to compare: `512MB`, `1.5 GiB`. */
function bytesOf(size: string): number {
  const [, number, unit] = /^([\d.]+) ?([KMGT])/i.exec(size) ?? [];
  return Number(number) * 1000 ** (UNITS.indexOf(unit?.toUpperCase() ?? 'M') + 1);
}
