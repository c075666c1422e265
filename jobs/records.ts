/**
 * State that workers and commands share, in the queue's own store, whichever that is: a job that nobody takes for each record.
 * Lost with the queue, and nothing of value with it: schedules go back to the settings, workers write themselves down again.
 */
import type { Queue } from 'bullmq';

export type RecordData = Readonly<Record<string, string | number | boolean | null>>;

export class Records {
  readonly #queue: Queue;

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  async put(id: string, data: RecordData): Promise<void> {
    const job = await this.#queue.getJob(id);
    if (job === undefined) await this.#queue.add('record', data, { jobId: id });
    else await job.updateData(data);
  }

  async get(id: string): Promise<unknown> {
    const job = await this.#queue.getJob(id);
    return job?.data ?? null;
  }

  async remove(id: string): Promise<void> {
    await this.#queue.remove(id);
  }

  /** Those whose id begins with `prefix`. */
  async list(prefix: string): Promise<readonly { readonly id: string; readonly data: unknown }[]> {
    const jobs = await this.#queue.getJobs(['waiting', 'prioritized']);
    return jobs.flatMap((job) =>
      job?.id?.startsWith(prefix) === true ? [{ id: job.id, data: job.data as unknown }] : [],
    );
  }
}
