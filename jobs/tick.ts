/** What becomes of a schedule's tick: the run it asks for, unless that waits or runs already, or the import of a price list. */
import { type Processor, UnrecoverableError } from 'bullmq';
import type { JobSettings } from '../src/config.ts';
import { BusyError, TokenhouseError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { addRun } from './add-run.ts';
import { IMPORT_PRICES, type RunJob, type RunTick, TICK_PAYLOAD, type TickPayload } from './payloads.ts';
import type { RunQueue } from './queues.ts';

export interface TickDependencies {
  readonly runs: RunQueue;
  readonly settings: Pick<JobSettings, 'sweepDays'>;
  /** Says in a line what it came to; null: there is no list to import (PRICES_URL). */
  readonly importPrices: ((signal: AbortSignal) => Promise<string>) | null;
  /** Aborted when the worker is to leave. */
  readonly leaving: AbortSignal;
  readonly log: Log;
}

/** @returns the processor of the ticks; a tick's result says which run it became. */
export function tickProcessor(dependencies: TickDependencies): Processor<TickPayload, string, 'tick'> {
  const { runs, settings, log } = dependencies;
  return async (tick) => {
    const payload = TICK_PAYLOAD.parse(tick.data);
    if (payload.job === IMPORT_PRICES) return await importNow(dependencies);
    const { id, isNew } = await addRun(runs, runOf(payload, settings));
    log.info(
      { ...payload, jobId: id, isNew },
      isNew ? 'scheduled run is due' : 'scheduled run is due, and waits or runs already',
    );
    return isNew ? `job ${id}` : `job ${id} waits or runs already`;
  };
}

/** One that fails is told of, and the next night's tries again; one that only found the warehouse taken, or was stopped, comes back. */
async function importNow({ importPrices, leaving }: TickDependencies): Promise<string> {
  if (importPrices === null) return 'PRICES_URL is not set here';
  try {
    return await importPrices(leaving);
  } catch (error) {
    if (leaving.aborted || error instanceof BusyError) throw error;
    const reason = error instanceof TokenhouseError ? error.message : "unexpected; the worker's log has it";
    const failed = new UnrecoverableError(reason);
    failed.cause = error;
    throw failed;
  }
}

export function runOf({ job, source }: RunTick, { sweepDays }: Pick<JobSettings, 'sweepDays'>): RunJob {
  return job === 'nightly-sync'
    ? { name: job, data: { source } }
    : { name: job, data: { source, days: sweepDays } };
}
