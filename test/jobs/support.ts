/** Workers in this process, on a queue of the kind that a test is about, over the whole house. */
import { onTestFinished } from 'vitest';
import { openQueues, type Queues } from '../../jobs/queues.ts';
import { type RunningWorker, startWorker, type WorkerDependencies } from '../../jobs/worker.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { createLog, type Log } from '../../src/log.ts';
import { runSource } from '../../src/run/run-source.ts';
import type { House } from '../support/house.ts';
import { TextSink } from '../support/streams.ts';

/** Some hundred times quicker than the worker's own. */
const QUICK = { lookMs: 50, makeWayMs: 300, busyMs: 200, reconcileMs: 500, lockMs: 2_000 };

export interface QueueKind {
  readonly name: 'redis' | 'postgres' | 'embedded';
  /** What finds the queue; the names of the queues are the test's own. */
  environment(): Readonly<Record<string, string>>;
  /** Before the first worker of a house. */
  prepare?(house: House): Promise<void>;
}

let made = 0;
/** Tests of a file share a server, and none sees another's jobs. */
export const ownQueueName = (): string => `test-${process.pid}-${++made}`;

export const silentLog = (): Log =>
  createLog({ level: 'silent', format: 'json', color: false }, new TextSink(), false);

export interface Crew {
  readonly config: Config;
  readonly queues: Queues;
  /** A further worker on the same queues. */
  hire(more?: Partial<WorkerDependencies>): Promise<RunningWorker>;
}

/** Queues of one warehouse, and workers as one hires them; all closed when the test ends. */
export async function crewOf(
  house: House,
  environment: Readonly<Record<string, string>>,
  more: Partial<WorkerDependencies> = {},
): Promise<Crew> {
  const config = loadConfig(house.environment({ SCHEDULE: 'off', SWEEP_SCHEDULE: 'off', ...environment }));
  const log = silentLog();
  const workers: RunningWorker[] = [];
  const queues = await openQueues({
    settings: config.queue,
    warehousePath: config.warehouse.path,
    role: 'worker',
    log,
    signal: new AbortController().signal,
  });
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await queues.close();
  });
  return {
    config,
    queues,
    async hire(own = {}) {
      // Runs that begin one after the other are to be told apart.
      const clock = { nowMs: () => house.now * 1000 + performance.now() };
      const worker = await startWorker({
        config,
        queues,
        clock,
        log,
        run: (source, request, hooks) => runSource(source, request, { ...config, log, clock, ...hooks }),
        postAlert: null,
        timing: QUICK,
        ...more,
        ...own,
      });
      workers.push(worker);
      return worker;
    },
  };
}
