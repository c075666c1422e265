/**
 * One run of the queue, from the job to its end: lands, fails for good, is tried again later, makes way for the night's sync, or
 * waits for its turn. What it does in between is the same `runSource` that the command line calls.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, type Processor, UnrecoverableError, WaitingError } from 'bullmq';
import { BusyError, TerminalError, TokenhouseError, TransientError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { type PublishOutcome, publishObject } from '../src/run/publish-run.ts';
import { nowOf, type RunRequest } from '../src/run/run-source.ts';
import { reportObject } from '../src/run/run-summary.ts';
import type { SourceSettings } from '../src/source/settings.ts';
import type { Clock } from '../src/sync/ports.ts';
import type { SyncProgress, SyncResult } from '../src/sync/sync.ts';
import { isAnotherWaiting } from './give-way.ts';
import { type RunJob, type RunJobName, type RunPayload, readRunJob } from './payloads.ts';
import { progressOf, type RunProgress } from './progress.ts';
import type { RunQueue, RunSummary } from './queues.ts';
import { requestOf, resumed } from './run-request.ts';

/** What a run is given by the worker. */
export interface RunHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SyncProgress) => void;
  /** When another process has the warehouse open. */
  readonly onWaiting: () => void;
}

/** A copy that could not be made is no failure of the run, which would be read once more for it: it is told of beside. */
export type RunEnded = SyncResult & { readonly publish?: PublishOutcome };

export interface RunTiming {
  /** Between two looks at who waits and whether the job was cancelled. */
  readonly lookMs: number;
  /** How long a job that makes way stays away: long enough for the other one to take its turn. */
  readonly makeWayMs: number;
  /** How long a job that found the source or the warehouse taken stays away. */
  readonly busyMs: number;
}

export interface RunProcessorDependencies {
  readonly runs: RunQueue;
  readonly sources: readonly SourceSettings[];
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the worker is to leave. */
  readonly leaving: AbortSignal;
  readonly timing: RunTiming;
  run(source: SourceSettings, request: RunRequest, hooks: RunHooks): Promise<RunEnded>;
}

/** The reason of a job that `tokenhouse jobs cancel` stopped. */
export const CANCELLED = 'cancelled; what was read is kept';

type RunJobRecord = Job<RunPayload, RunSummary, RunJobName>;
export type RunProcessor = Processor<RunPayload, RunSummary, RunJobName>;

/** Why a run was stopped before it came to its end. */
class Stop extends Error {
  readonly why: 'leaving' | 'cancelled' | 'making way';
  constructor(why: Stop['why']) {
    super(why);
    this.name = 'Stop';
    this.why = why;
  }
}

/** The night's sync keeps its place meanwhile, so that who is to make way sees it. */
const TURN_MS_MAX = 600_000;

export function runProcessor(dependencies: RunProcessorDependencies): RunProcessor {
  return async (record, token, cancelled) => {
    const run = new JobRun(dependencies, record, String(token));
    try {
      return await run.process(cancelled);
    } catch (error) {
      throw run.ending(error);
    }
  };
}

class JobRun {
  readonly #dependencies: RunProcessorDependencies;
  readonly #record: RunJobRecord;
  readonly #token: string;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #progress: SyncProgress | null = null;
  #isWaiting = false;
  #toldMs = 0;
  readonly #startedMs = performance.now();

  constructor(dependencies: RunProcessorDependencies, record: RunJobRecord, token: string) {
    this.#dependencies = dependencies;
    this.#record = record;
    this.#token = token;
    this.#log = dependencies.log.child({ jobId: record.id, job: record.name });
  }

  async process(cancelled: AbortSignal | undefined): Promise<RunSummary> {
    const { clock, leaving } = this.#dependencies;
    const job = readRunJob(this.#record.name, this.#record.data);
    if (job.data.isCancelled === true) throw new Stop('cancelled');
    const source = this.#sourceOf(job);
    const request = requestOf(job, nowOf(clock));
    if (request === null) return { source: job.data.source, status: 'landed', rows_read: 0 };
    const signal = AbortSignal.any([
      this.#stop.signal,
      leaving,
      ...(cancelled === undefined ? [] : [cancelled]),
    ]);
    const looking = this.#look(job);
    try {
      const attempt = this.#record.attemptsMade + 1;
      this.#log.info({ source: source.name, attempt }, 'run starts');
      await this.#tell(`run starts, attempt ${attempt}`);
      const result = await this.#takeTurn(job, source, request, signal);
      if (result.status === 'interrupted') throw this.#why(signal);
      const summary = this.#summary(source, result);
      const { rowsInserted, rowsUpdated, rowsRejected, rowsDeleted, requests } = result.counts;
      const { status, unprovenSeconds } = result;
      this.#log.info(
        {
          source: source.name,
          status,
          rowsInserted,
          rowsUpdated,
          rowsRejected,
          rowsDeleted,
          requests,
          unprovenSeconds,
        },
        'run ends',
      );
      await this.#tell(
        `${status}: ${rowsInserted} new, ${rowsUpdated} changed, ${rowsRejected} rejected, ${rowsDeleted} deleted at the API, ${requests} requests, ${unprovenSeconds} s unproven`,
      );
      if (result.publish?.kind === 'failed') {
        await this.#tell(`not published: ${result.publish.reason}`);
      }
      return summary;
    } catch (error) {
      const stop = error instanceof Stop ? error : signal.aborted ? this.#why(signal) : null;
      if (stop !== null) return await this.#goOnLater(stop, job, request);
      if (error instanceof BusyError) return await this.#comeBack(error);
      throw error;
    } finally {
      looking.end();
    }
  }

  /** As BullMQ takes it: whether to try again, and a reason that holds no data. */
  ending(error: unknown): unknown {
    if (error instanceof DelayedError || error instanceof WaitingError || error instanceof UnrecoverableError)
      return error;
    if (error instanceof Stop) return unrecoverable(CANCELLED, error);
    this.#log.error({ err: error }, 'run failed');
    if (error instanceof TransientError) return error;
    if (error instanceof TerminalError) return unrecoverable(error.message, error);
    // One of our own bugs, or a library's: its message may hold anything, and whoever sees the queue sees the reason.
    if (error instanceof TokenhouseError) return error;
    return new Error(`unexpected ${error instanceof Error ? error.name : 'error'}; the worker's log has it`);
  }

  #sourceOf({ data }: RunJob): SourceSettings {
    const { sources } = this.#dependencies;
    const found = sources.find(({ name }) => name === data.source);
    if (found !== undefined) return found;
    const names = sources.map(({ name }) => name).join(', ');
    throw new TerminalError(
      `source ${data.source} is not configured here (SOURCES has ${names}): add it, or remove the job`,
    );
  }

  /** The night's sync waits in its place until the source is free; others go back into the queue. */
  async #takeTurn(
    job: RunJob,
    source: SourceSettings,
    request: RunRequest,
    signal: AbortSignal,
  ): Promise<RunEnded> {
    const { run, timing } = this.#dependencies;
    const until = performance.now() + TURN_MS_MAX;
    for (;;) {
      try {
        return await run(source, request, {
          signal,
          onProgress: (progress) => this.#onProgress(progress),
          onWaiting: () => this.#setWaiting(true),
        });
      } catch (error) {
        if (!(error instanceof BusyError) || job.name !== 'nightly-sync' || performance.now() > until)
          throw error;
        this.#setWaiting(true);
        await sleep(timing.lookMs / 2, undefined, { signal });
      }
    }
  }

  /** Every so often: was the job cancelled, does the night's sync wait? The queue may be away: then not this time. */
  #look(job: RunJob): { end(): void } {
    const { runs, timing } = this.#dependencies;
    let isLooking = false;
    const look = async (): Promise<void> => {
      const fresh = await runs.getJob(String(this.#record.id));
      if (fresh?.data.isCancelled === true) this.#stop.abort(new Stop('cancelled'));
      else if (job.name !== 'nightly-sync' && (await isAnotherWaiting(runs, job.data.source))) {
        this.#stop.abort(new Stop('making way'));
      }
    };
    const timer = setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      look()
        .catch((error: unknown) => this.#log.debug({ err: error }, 'the queue does not answer'))
        .finally(() => {
          isLooking = false;
        });
    }, timing.lookMs);
    return { end: () => clearInterval(timer) };
  }

  #why(signal: AbortSignal): Stop {
    if (signal.reason instanceof Stop) return signal.reason;
    return new Stop(this.#dependencies.leaving.aborted ? 'leaving' : 'cancelled');
  }

  async #goOnLater(stop: Stop, job: RunJob, request: RunRequest): Promise<never> {
    if (stop.why === 'cancelled') throw stop;
    const rows = this.#progress?.counts.rowsRead ?? 0;
    this.#log.info({ source: job.data.source, rows, why: stop.why }, 'run stops and goes on later');
    await this.#record.updateData(resumed(job.data, request, this.#progress));
    await this.#tell(`${stop.why}: goes on later`);
    if (stop.why === 'leaving') {
      await this.#record.moveToWait(this.#token);
      throw new WaitingError();
    }
    return await this.#delay(this.#dependencies.timing.makeWayMs);
  }

  async #comeBack(busy: BusyError): Promise<never> {
    this.#log.info({ pid: busy.pid }, 'run waits for its turn');
    await this.#tell(`waits for its turn: ${busy.message}`);
    return await this.#delay(this.#dependencies.timing.busyMs);
  }

  /** Neither counts as an attempt. */
  async #delay(delayMs: number): Promise<never> {
    await this.#record.moveToDelayed(Date.now() + delayMs, this.#token);
    throw new DelayedError();
  }

  #summary(source: SourceSettings, result: RunEnded): RunSummary {
    const elapsedMs = performance.now() - this.#startedMs;
    return {
      ...reportObject({ source: source.name, kind: 'ran', result, elapsedMs }),
      ...(result.publish === undefined ? {} : publishObject(result.publish)),
    };
  }

  #setWaiting(isWaiting: boolean): void {
    if (this.#isWaiting === isWaiting) return;
    this.#isWaiting = isWaiting;
    this.#tellProgress();
  }

  #onProgress(progress: SyncProgress): void {
    this.#progress = progress;
    this.#isWaiting = false;
    if (performance.now() - this.#toldMs >= 1_000) this.#tellProgress();
  }

  #tellProgress(): void {
    this.#toldMs = performance.now();
    const progress: RunProgress = progressOf(this.#progress, this.#isWaiting, this.#toldMs - this.#startedMs);
    this.#record.updateProgress(progress).catch(() => undefined);
  }

  async #tell(line: string): Promise<void> {
    await this.#record.log(`${new Date().toISOString()} ${line}`).catch(() => undefined);
  }
}

function unrecoverable(message: string, cause: unknown): UnrecoverableError {
  const error = new UnrecoverableError(message);
  error.cause = cause;
  return error;
}
