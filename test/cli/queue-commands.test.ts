import { beforeAll, expect, it } from 'vitest';
import { everyNth } from '../../src/emulator/faults.ts';
import { EXIT } from '../../src/errors.ts';
import { livingHouse, said, tokenhouse } from '../jobs/processes.ts';
import { ownQueueName } from '../jobs/support.ts';
import { compare, complete, type House, houseOf, type RunSettings } from '../support/house.ts';
import { describeWithRedis } from '../support/programs.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const LONG = { timeout: 60_000, interval: 100 };

describeWithRedis('commands of the queue', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });

  interface Desk {
    readonly house: House;
    readonly env: Readonly<Record<string, string>>;
    run(args: readonly string[], more?: RunSettings): ReturnType<House['tokenhouse']>;
    /** What it prints with `--json`. */
    read<T>(args: readonly string[]): Promise<T>;
  }

  function deskOf(house: House, more: Readonly<Record<string, string>> = {}): Desk {
    const env = { REDIS_URL: redis.url, QUEUE_NAME: ownQueueName(), ...more };
    const run: Desk['run'] = (args, settings = {}) =>
      house.tokenhouse(args, { ...settings, env: { ...env, ...settings.env } });
    return {
      house,
      env,
      run,
      async read(args) {
        const { code, stdout, stderr } = await run(['--json', ...args]);
        expect({ code, stderr }).toMatchObject({ code: EXIT.landed });
        return JSON.parse(stdout);
      },
    };
  }

  interface ScheduleList {
    readonly schedules: readonly {
      job: string;
      source: string;
      cron: string | null;
      origin: string;
      in_queue: boolean;
    }[];
    readonly workers: readonly object[];
  }
  interface JobList {
    readonly job_id: string;
    readonly job: string;
    readonly state: string;
    readonly result: { rows_inserted: number } | null;
    readonly failed_reason: string | null;
  }

  it('schedule: list, set, remove and back, of one source and of all', async () => {
    const desk = deskOf(await houseOf({ rows: 20 }), {
      SOURCES: 'prod,eu',
      PROD_API_KEY: 'a',
      EU_API_KEY: 'b',
      PRICES_URL: 'https://prices.example/list.json',
    });
    const crons = async (): Promise<Record<string, string | null>> => {
      const { schedules } = await desk.read<ScheduleList>(['schedule', 'list']);
      return Object.fromEntries(schedules.map(({ job, source, cron }) => [`${job} ${source}`, cron]));
    };
    const bySettings = {
      'nightly-sync prod': '17 2 * * *',
      'sweep prod': '37 3 * * 0',
      'nightly-sync eu': '17 2 * * *',
      'sweep eu': '37 3 * * 0',
      // Of no source.
      'import-prices null': '47 1 * * *',
    };
    expect(await crons()).toEqual(bySettings);
    await desk.run([
      'schedule',
      'set',
      'nightly-sync',
      '--cron',
      '30 1 * * *',
      '--tz',
      'Europe/Berlin',
      '--source',
      'prod',
    ]);
    expect(await crons()).toEqual({ ...bySettings, 'nightly-sync prod': '30 1 * * *' });
    await desk.run(['schedule', 'remove', 'sweep']);
    expect(await crons()).toEqual({
      ...bySettings,
      'nightly-sync prod': '30 1 * * *',
      'sweep prod': null,
      'sweep eu': null,
    });
    const { schedules, workers } = await desk.read<ScheduleList>(['schedule', 'list']);
    expect(schedules.filter(({ in_queue }) => in_queue).map(({ job }) => job)).toEqual([
      'nightly-sync',
      'nightly-sync',
      'import-prices',
    ]);
    expect(workers).toEqual([]);
    await desk.run(['schedule', 'set', 'sweep']);
    await desk.run(['schedule', 'set', 'nightly-sync']);
    expect(await crons()).toEqual(bySettings);
    const text = (await desk.run(['schedule', 'list'])).stdout;
    expect(text).toContain('no worker is running: `tokenhouse worker` starts one');
  });

  it('wrong words end in one line and exit code 2, before the queue is asked', async () => {
    const desk = deskOf(await houseOf({ rows: 20 }), { REDIS_URL: 'redis://127.0.0.1:1' });
    const cases = [
      [['schedule', 'set', 'nightly-sync', '--cron', '61 2 * * *'], '--cron must be cron of five fields'],
      [
        ['schedule', 'set', 'nightly-sync', '--cron', '1 2 * * *', '--tz', 'Mars/Base'],
        '--tz must be a time zone',
      ],
      [['schedule', 'set', 'nightly-sync', '--tz', 'UTC'], '--tz needs --cron'],
      [['schedule', 'remove', 'hourly'], 'one of nightly-sync, sweep'],
      [['schedule', 'list', '--source', 'nobody'], '--source'],
      [['jobs', 'list', '--state', 'lost'], 'active, waiting'],
    ] as const;
    for (const [args, word] of cases) {
      const { code, stderr } = await desk.run([...args]);
      expect({ args, code, stderr }).toMatchObject({
        code: EXIT.usage,
        stderr: expect.stringContaining(word),
      });
    }
    for (const [name, value, word] of [
      ['SCHEDULE', 'daily', 'SCHEDULE must be cron of five fields'],
      ['SCHEDULE', '* *', 'SCHEDULE must be cron of five fields'],
      ['SWEEP_SCHEDULE', '0 0 31 2 *', 'SWEEP_SCHEDULE must be cron'],
      ['SCHEDULE_TZ', 'Nowhere', 'SCHEDULE_TZ must be a time zone'],
      ['QUEUE_NAME', 'a:b', 'QUEUE_NAME must be of letters'],
    ] as const) {
      const { code, stderr } = await desk.run(['schedule', 'list'], { env: { [name]: value } });
      expect({ code, stderr }).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining(word) });
    }
  });

  it('run-now and worker --once do what the schedule would; jobs tells of it', async () => {
    const desk = deskOf(await houseOf({ rows: 300 }), { SCHEDULE: 'off', SWEEP_SCHEDULE: 'off' });
    const { stdout, stderr } = await desk.run(['schedule', 'run-now', 'nightly-sync']);
    expect(stdout).toMatch(/^openai: job \d+\n$/);
    expect(stderr).toContain('no worker is there to take it');
    expect((await desk.run(['schedule', 'run-now', 'nightly-sync'])).stdout).toContain(
      'waits or runs already',
    );
    const [waiting] = await desk.read<JobList[]>(['jobs', 'list']);
    expect(waiting).toMatchObject({ job: 'nightly-sync', state: 'waiting' });

    const worker = await desk.run(['worker', '--once']);
    expect(worker.code).toBe(EXIT.landed);
    const [done] = await desk.read<JobList[]>(['jobs', 'list', '--state', 'completed']);
    expect(done).toMatchObject({ job_id: waiting?.job_id, result: { rows_inserted: 300 } });
    const shown = (await desk.run(['jobs', 'show', String(done?.job_id)])).stdout;
    expect(shown).toMatch(/run starts, attempt 1[\s\S]*landed: 300 new/);
    expect((await desk.run(['jobs', 'list'])).stdout).toContain('landed, 300 new');
    expect(await compare(desk.house)).toEqual(complete(desk.house.emulator));
  });

  it('a failed job is shown, tried again, and not again once it has ended; --once says that a run failed', async () => {
    const desk = deskOf(await houseOf({ rows: 50 }), { SCHEDULE: 'off', SWEEP_SCHEDULE: 'off' });
    const refused = { kind: 'status', status: 401, headers: {}, body: '{}' } as const;
    desk.house.emulator.faults.rules = [everyNth(1, refused)];
    await desk.run(['schedule', 'run-now', 'nightly-sync']);
    expect((await desk.run(['worker', '--once'])).code).toBe(EXIT.failed);
    const [failed] = await desk.read<JobList[]>(['jobs', 'list', '--state', 'failed']);
    expect(failed?.failed_reason).toContain('OPENAI_API_KEY');
    desk.house.emulator.faults.rules = [];
    const id = String(failed?.job_id);
    expect((await desk.run(['jobs', 'retry', id])).stdout).toBe(`job ${id} is back in the queue\n`);
    expect((await desk.run(['worker', '--once'])).code).toBe(EXIT.landed);
    const again = await desk.run(['jobs', 'retry', id]);
    expect(again).toMatchObject({ code: EXIT.failed, stderr: expect.stringContaining('only a failed one') });
    expect(await desk.run(['jobs', 'cancel', id])).toMatchObject({ code: EXIT.failed });
    expect(await desk.run(['jobs', 'show', '4711'])).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('there is no job 4711'),
    });
  });

  it('backfill --queue waits for a worker; without it, it goes through the queue while a worker has the warehouse', async () => {
    const house = await livingHouse({ rows: 1_500, faults: { latencyMs: 60 } });
    const desk = deskOf(house, {
      SCHEDULE: 'off',
      SWEEP_SCHEDULE: 'off',
      PAGE_SIZE: '20',
      WAIT_SECONDS: '0',
    });
    const queued = await desk.run(['backfill', '--since', '2d', '--queue']);
    expect(queued.stdout).toMatch(/openai: queued as job \d+; `tokenhouse jobs show/);
    const worker = tokenhouse(house, ['worker'], desk.env);
    await said(worker, 'run starts');
    await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(10);

    const other = await desk.run(['backfill', '--since', '1d']);
    expect(other.stdout).toContain(
      `worker ${worker.child.pid} has the warehouse open: the backfill goes through the queue`,
    );
    expect(other.code).toBe(EXIT.landed);
    house.emulator.faults.latencyMs = 0;
    const ended = () => desk.read<JobList[]>(['jobs', 'list', '--state', 'completed']);
    await expect.poll(async () => (await ended()).length, LONG).toBe(2);
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(EXIT.landed);
    // Nobody has it now: the command does it itself.
    const own = await desk.run(['backfill', '--since', '1d']);
    expect(own.stdout).toContain('openai: landed');
    expect(await compare(house)).toEqual(complete(house.emulator));
  });

  it('every command of the queue has examples in its help', async () => {
    const desk = deskOf(await houseOf({ rows: 20 }));
    for (const args of [['worker'], ['schedule'], ['schedule', 'set'], ['jobs'], ['jobs', 'cancel']]) {
      const { stdout } = await desk.run([...args, '--help']);
      expect(stdout).toContain(`tokenhouse ${args.join(' ')}`);
      expect(stdout).toContain('Examples:');
    }
  });
});
