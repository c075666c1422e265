/** What becomes of a schedule's tick: the run it asks for, unless that waits or runs already. */
import type { Processor } from 'bullmq';
import type { JobSettings } from '../src/config.ts';
import type { Log } from '../src/log.ts';
import { addRun } from './add-run.ts';
import { type RunJob, TICK_PAYLOAD, type TickPayload } from './payloads.ts';
import type { RunQueue } from './queues.ts';

/** @returns the processor of the ticks; a tick's result says which run it became. */
export function tickProcessor(
  runs: RunQueue,
  settings: Pick<JobSettings, 'sweepDays'>,
  log: Log,
): Processor<TickPayload, string, 'tick'> {
  return async (tick) => {
    const payload = TICK_PAYLOAD.parse(tick.data);
    const { id, isNew } = await addRun(runs, runOf(payload, settings));
    log.info(
      { ...payload, jobId: id, isNew },
      isNew ? 'scheduled run is due' : 'scheduled run is due, and waits or runs already',
    );
    return isNew ? `job ${id}` : `job ${id} waits or runs already`;
  };
}

export function runOf({ job, source }: TickPayload, { sweepDays }: Pick<JobSettings, 'sweepDays'>): RunJob {
  return job === 'nightly-sync'
    ? { name: job, data: { source } }
    : { name: job, data: { source, days: sweepDays } };
}
