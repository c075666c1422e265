import { statSync } from 'node:fs';

/**
 * Bytes on disk; 0 when there is no file. A run that goes on, or was killed, has its last rows in the .wal.
 *
 * By path only: opening a file would give DuckDB's lock up.
 */
export function warehouseBytes(path: string): number {
  const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return sizeOf(path) + sizeOf(`${path}.wal`);
}
