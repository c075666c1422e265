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

/** The workers of one queue on one warehouse: they see each other's files, and leave those of another queue alone. */
export interface Crew {
  readonly warehousePath: string;
  /** QUEUE_NAME */
  readonly queueName: string;
}

const folderOf = ({ warehousePath }: Crew): string => `${warehousePath}.workers`;

/** The id is a UUID and has no dot; the name of a queue may. */
const fileOf = ({ queueName }: Crew, id: string): string => `${queueName}.${id}`;
const idOf = (file: string): string => file.slice(file.lastIndexOf('.') + 1);

/**
 * Says that the worker `id` lives until it is released or its process dies.
 *
 * @throws when the folder cannot be written to.
 */
export async function beginLife(crew: Crew, id: string): Promise<FileLock> {
  const folder = folderOf(crew);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, fileOf(crew, id));
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
export async function takeUpJobsOfTheDead(crew: Crew, queues: readonly TakenUp[]): Promise<readonly Job[]> {
  const folder = folderOf(crew);
  const taken: Job[] = [];
  for (const file of await readdir(folder).catch(() => [])) {
    const id = idOf(file);
    if (file !== fileOf(crew, id)) continue;
    const path = join(folder, file);
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
