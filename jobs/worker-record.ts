/** Which workers there are: each writes itself down every few seconds, in the queue's store. */
import { z } from 'zod';
import { isProcessGone } from '../src/process-identity.ts';
import type { Records } from './records.ts';

const PREFIX = 'worker.';
export const HEARTBEAT_MS = 10_000;
/** A worker that was not heard of for so long is taken for dead. */
const ALIVE_MS = 45_000;
/** After this its record goes. */
const FORGOTTEN_MS = 3_600_000;

const shape = z.object({
  pid: z.number(),
  host: z.string(),
  // Not in records of an earlier version.
  start: z.string().nullable().default(null),
  space: z.string().nullable().default(null),
  warehouse: z.string(),
  startedAt: z.string(),
  seenAt: z.string(),
});
export type WorkerRecord = z.infer<typeof shape>;

export async function putWorker(records: Records, id: string, worker: WorkerRecord): Promise<void> {
  await records.put(PREFIX + id, worker);
}

export async function removeWorker(records: Records, id: string): Promise<void> {
  await records.remove(PREFIX + id);
}

/** @returns true where it is certain that its process is gone; false as well where nothing is known of it. */
export async function isWorkerGone(records: Records, id: string): Promise<boolean> {
  const parsed = shape.safeParse(await records.get(PREFIX + id));
  return parsed.success && isProcessGone(parsed.data);
}

/** Those heard of lately. Removes what is left of the long dead. */
export async function livingWorkers(records: Records, nowMs: number): Promise<readonly WorkerRecord[]> {
  const living: WorkerRecord[] = [];
  for (const { id, data } of await records.list(PREFIX)) {
    const parsed = shape.safeParse(data);
    const ageMs = parsed.success ? nowMs - Date.parse(parsed.data.seenAt) : Number.POSITIVE_INFINITY;
    if (parsed.success && ageMs < ALIVE_MS && !isProcessGone(parsed.data)) living.push(parsed.data);
    else if (!(ageMs < FORGOTTEN_MS)) await records.remove(id);
  }
  return living;
}
