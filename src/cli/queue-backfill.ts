/** A backfill that a worker is to do: asked for with `--queue`, or as a worker has the warehouse open. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { addRun } from '../../jobs/add-run.ts';
import { livingWorkers, type WorkerRecord } from '../../jobs/worker-record.ts';
import type { Config } from '../config.ts';
import { BusyError, EXIT, TransientError } from '../errors.ts';
import type { RunRequest } from '../run/run-source.ts';
import type { SourceSettings } from '../source/settings.ts';
import { openWarehouse } from '../warehouse/open.ts';
import { NO_WORKER } from './commands/schedule.ts';
import type { CommandContext } from './context.ts';
import { write, writeJson } from './output.ts';
import { openQueuesOf } from './queue-options.ts';

/** The worker that has the warehouse open now; null: nobody has, or someone who takes no jobs. */
export async function workerWithWarehouse(
  context: CommandContext,
  config: Config,
): Promise<WorkerRecord | null> {
  const pid = await holderOf(context, config);
  if (pid === null) return null;
  try {
    await using queues = await openQueuesOf(context, config);
    const workers = await livingWorkers(queues.records, context.now());
    return workers.find((worker) => worker.pid === pid && worker.host === hostname()) ?? null;
  } catch (error) {
    // Without a queue there is the usual wait for whoever has the file.
    if (!(error instanceof TransientError)) throw error;
    context.log.debug({ err: error }, 'the queue cannot be asked for workers');
    return null;
  }
}

async function holderOf(context: CommandContext, { warehouse }: Config): Promise<number | null> {
  if (!existsSync(warehouse.path)) return null;
  try {
    await using _ = await openWarehouse({
      ...warehouse,
      readOnly: true,
      waitSeconds: 0,
      signal: context.signal,
    });
    return null;
  } catch (error) {
    if (error instanceof BusyError) return error.pid;
    throw error;
  }
}

/** @param worker that has the warehouse open, where that is why; null: it was asked for. */
export async function queueBackfill(
  context: CommandContext,
  config: Config,
  sources: readonly SourceSettings[],
  { since, until, reread, withMessages }: RunRequest,
  worker: WorkerRecord | null,
): Promise<number> {
  await using queues = await openQueuesOf(context, config);
  const added = [];
  for (const { name } of sources) {
    const data = { source: name, since: since ?? 0, until, reread, withMessages };
    added.push({ source: name, ...(await addRun(queues.runs, { name: 'backfill', data })) });
  }
  const workers = await livingWorkers(queues.records, context.now());
  if (context.json) {
    const jobs = added.map(({ source, id, isNew }) => ({
      source,
      status: 'queued',
      job_id: id,
      added: isNew,
    }));
    await writeJson(context.stdout, jobs);
  } else {
    if (worker !== null) {
      await write(
        context.stdout,
        `worker ${worker.pid} has the warehouse open: the backfill goes through the queue\n`,
      );
    }
    for (const { source, id, isNew } of added) {
      const what = isNew ? `queued as job ${id}` : `waits or runs already, as job ${id}`;
      await write(context.stdout, `${source}: ${what}; \`tokenhouse jobs show ${id}\` tells how far it is\n`);
    }
  }
  if (workers.length === 0) context.note(NO_WORKER);
  return EXIT.landed;
}
