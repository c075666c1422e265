/** Workers as processes of their own, over a house whose clock is the machine's. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openQueues, type Queues } from '../../jobs/queues.ts';
import { loadConfig } from '../../src/config.ts';
import type { EmulatorOptions } from '../../src/emulator/options.ts';
import { COMPILE_CACHE, type House, houseOf } from '../support/house.ts';
import { projectRoot, type Started, started } from '../support/shell.ts';
import { silentLog } from './support.ts';

const now = (): number => Math.floor(Date.now() / 1000);

/** Rows up to two hours ago: older than the settle window, and younger than what a sync goes back to. */
export async function livingHouse(options: EmulatorOptions = {}): Promise<House> {
  const house = await houseOf({
    nowSeconds: now,
    ...options,
    generate: { ratePerSecond: 5, endSeconds: now() - 7_200, ...options.generate },
  });
  house.now = now();
  return house;
}

/** To look into the queues that the processes use. */
export const queuesOf = (house: House, environment: Readonly<Record<string, string>>): Promise<Queues> =>
  openQueues({
    settings: loadConfig(house.environment(environment)).queue,
    warehousePath: house.path,
    role: 'command',
    log: silentLog(),
    signal: new AbortController().signal,
  });

/** Ended by force when the test ends. */
export function quickWorker(house: House, environment: Readonly<Record<string, string>>): Started {
  return watched(
    started(process.execPath, [join(projectRoot, 'test/support/worker-child.ts')], {
      env: { ...COMPILE_CACHE, ...house.environment(environment) },
    }),
  );
}

/** For `quickWorker`: BullMQ leaves the job of a dead worker alone for longer than any test takes. */
export const NO_STALLS = { TEST_LOCK_MS: '600000' };

/** `tokenhouse` itself. */
export const tokenhouse = (
  house: House,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Started => watched(house.start(args, { env: { LOG_FORMAT: 'json', ...environment } }));

function watched(process: Started): Started {
  onTestFinished(async () => {
    process.child.kill('SIGKILL');
    await process.ended;
  });
  return process;
}

/** Resolves when the process has written the text to stderr or stdout; rejects when it ends before. */
export function said({ child, ended }: Started, text: string | RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = '';
    const look = (chunk: Buffer): void => {
      all += chunk;
      if (typeof text === 'string' ? all.includes(text) : text.test(all)) resolve(all);
    };
    child.stderr?.on('data', look);
    child.stdout?.on('data', look);
    void ended.then(() => reject(new Error(`it ended before it said ${text}:\n${all}`)));
  });
}

/** Pairs of runs of one source of which the second began before the first had ended. */
export const OVERLAPS = `
  with runs as (
    select source, started_at, coalesce(finished_at, lead(started_at) over (partition by source order by started_at)) as ended_at
    from sync.runs
  )
  select count(*)::integer as n
  from runs as a
  join runs as b on a.source = b.source and a.started_at < b.started_at and b.started_at < a.ended_at`;
