/**
 * What has been committed and is not in the published copy, told in a file beside the warehouse: a reader of the copy must not open the
 * warehouse to learn that, as a run may have it. The file is there from the end of a run until a copy holds what that run
 * committed, so a publisher that is killed is told of as well as one that fails.
 */
import { readFileSync, statSync } from 'node:fs';
import { chmod, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { modeForReaders } from '../../permissions.ts';

const schema = z.object({
  /** Path of the copy that lacks it. */
  publish_to: z.string(),
  run_ended_at_ms: z.number(),
  /** null: it is being published, or whoever was at it is gone. */
  reason: z.string().nullable(),
});

export interface Unpublished {
  /** When the newest run that the copy lacks ended, milliseconds since 1970. */
  readonly runEndedAtMs: number;
  /** Why it was not published; null: whoever was at it was killed. */
  readonly reason: string | null;
}

/** Who publishes shows that often that it is still at it; after the longer time it is not. */
const SHOWN_EVERY_MS = 10_000;
const GONE_AFTER_MS = 60_000;

export const unpublishedFileOf = (warehouse: string): string => `${resolve(warehouse)}.unpublished`;

export interface CopyOf {
  /** Path of the warehouse. */
  readonly warehouse: string;
  /** PUBLISH_TO. */
  readonly to: string;
}

/** What cannot be written is not told: the run has landed all the same, and its exit code and log say the same. */
export async function noteUnpublished(copy: CopyOf, { runEndedAtMs, reason }: Unpublished): Promise<void> {
  const file = unpublishedFileOf(copy.warehouse);
  const beside = `${file}.${process.pid}.part`;
  const told = { publish_to: resolve(copy.to), run_ended_at_ms: runEndedAtMs, reason };
  try {
    await writeFile(beside, `${JSON.stringify(told)}\n`);
    // Told to whoever reads the copy.
    await chmod(beside, modeForReaders());
    await rename(beside, file);
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

/** As {@link noteUnpublished} of a run that is being published. @returns ends the showing that somebody is at it. */
export async function noteBeingPublished(copy: CopyOf, runEndedAtMs: number): Promise<() => void> {
  await noteUnpublished(copy, { runEndedAtMs, reason: null });
  const show = (): void => {
    const now = new Date();
    void utimes(unpublishedFileOf(copy.warehouse), now, now).catch(() => undefined);
  };
  const timer = setInterval(show, SHOWN_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** A copy was made that holds what had been committed by then. */
export async function forgetUnpublished(copy: CopyOf, committedByMs: number): Promise<void> {
  const told = read(copy);
  if (told === null || told.run_ended_at_ms > committedByMs) return;
  await rm(unpublishedFileOf(copy.warehouse), { force: true });
}

/** Says why, of what is told already: a copy that was made by hand and failed lacks nothing by that. */
export async function explainUnpublished(copy: CopyOf, reason: string): Promise<void> {
  const told = read(copy);
  if (told !== null) await noteUnpublished(copy, { runEndedAtMs: told.run_ended_at_ms, reason });
}

/** null: nothing that is known of, or it is being published this moment. */
export function readUnpublished(copy: CopyOf): Unpublished | null {
  const told = read(copy);
  if (told === null) return null;
  const unpublished = { runEndedAtMs: told.run_ended_at_ms, reason: told.reason };
  if (told.reason !== null) return unpublished;
  const found = statSync(unpublishedFileOf(copy.warehouse), { throwIfNoEntry: false });
  return found === undefined || Date.now() - found.mtimeMs < GONE_AFTER_MS ? null : unpublished;
}

function read({ warehouse, to }: CopyOf): z.infer<typeof schema> | null {
  try {
    const told = schema.parse(JSON.parse(readFileSync(unpublishedFileOf(warehouse), 'utf8')));
    return told.publish_to === resolve(to) ? told : null;
  } catch {
    // Most often there is none.
    return null;
  }
}
