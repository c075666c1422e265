/**
 * A price import of the worker that failed, told in a file beside the warehouse: who asks for the status need not open the warehouse or
 * reach the queue to learn of it. The file goes with the next import that succeeds.
 */
import { readFileSync } from 'node:fs';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { modeForReaders } from '../permissions.ts';

const shape = z.object({ tried_at_ms: z.number(), reason: z.string() });

export interface FailedImport {
  /** Milliseconds since 1970. */
  readonly triedAtMs: number;
  readonly reason: string;
}

const fileOf = (warehouse: string): string => `${resolve(warehouse)}.prices-import`;

/** @param warehouse path of its file. What cannot be written is not told there: it is in the log all the same. */
export async function noteFailedImport(
  warehouse: string,
  { triedAtMs, reason }: FailedImport,
): Promise<void> {
  const beside = `${fileOf(warehouse)}.${process.pid}.part`;
  try {
    await writeFile(beside, `${JSON.stringify({ tried_at_ms: triedAtMs, reason })}\n`);
    await chmod(beside, modeForReaders());
    await rename(beside, fileOf(warehouse));
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

export const forgetFailedImport = (warehouse: string): Promise<void> =>
  rm(fileOf(warehouse), { force: true });

/** null: the last one succeeded, or there was none. */
export function readFailedImport(warehouse: string): FailedImport | null {
  try {
    const told = shape.parse(JSON.parse(readFileSync(fileOf(warehouse), 'utf8')));
    return { triedAtMs: told.tried_at_ms, reason: told.reason };
  } catch {
    // Most often there is none.
    return null;
  }
}
