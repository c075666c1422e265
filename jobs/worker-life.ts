/**
 * Whether a worker of this machine still lives. Each holds a lock on a file of its own, which the operating system gives back
 * when the process dies: a proof, where a pid would be a guess (in containers every process has pid 1).
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, Queue } from 'bullmq';
import { type FileLock, takeFileLock } from '../src/warehouse/engine/file-lock.ts';

/** What is asked of a queue. */
export type TakenUp = Pick<Queue, 'getJob' | 'getJobs'>;

/** Lies beside the warehouse: workers that share one see each other's. */
const folderOf = (warehousePath: string): string => `${warehousePath}.workers`;

/**
 * Says that the worker `id` lives until it is released or its process dies.
 *
 * @throws when the folder cannot be written to.
 */
export async function beginLife(warehousePath: string, id: string): Promise<FileLock> {
  const folder = folderOf(warehousePath);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, id);
  const lock = await takeFileLock(path);
  if (lock === null) throw new Error(`${path} is held by another process`);
  return {
    release() {
      // At once: the process may end with this. Left behind, it is found by the next worker.
      rmSync(path, { force: true });
      lock.release();
    },
  };
}

/**
 * Puts the jobs of workers that died back into their queues, to be taken at once: BullMQ would leave each alone for twice the
 * time of its lock. Jobs of a worker that nothing is known of, as of one on another machine, are left to that.
 *
 * @returns the jobs.
 */
export async function takeUpJobsOfTheDead(
  warehousePath: string,
  queues: readonly TakenUp[],
): Promise<readonly Job[]> {
  const folder = folderOf(warehousePath);
  const taken: Job[] = [];
  for (const id of await readdir(folder).catch(() => [])) {
    const path = join(folder, id);
    // Removed meanwhile by a worker that left: taking its lock would make the file anew.
    const lock = existsSync(path) ? await takeFileLock(path).catch(() => null) : null;
    if (lock === null) continue;
    // Whoever has the lock of a dead one is alone in this.
    try {
      for (const queue of queues) taken.push(...(await putBack(queue, id)));
      await rm(path, { force: true });
    } finally {
      lock.release();
    }
  }
  return taken;
}

async function putBack(queue: TakenUp, workerId: string): Promise<readonly Job[]> {
  const back: Job[] = [];
  for (const listed of await queue.getJobs(['active'])) {
    if (listed?.processedBy !== workerId) continue;
    // It may have ended, or been found by BullMQ, since it was listed.
    const job = await queue.getJob(String(listed.id));
    if (job?.processedBy !== workerId || !(await job.isActive())) continue;
    // Without a token: that of a dead worker is known to nobody.
    await job.moveToWait();
    back.push(job);
  }
  return back;
}
