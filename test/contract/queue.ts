/** What holds of jobs and schedules whichever queue is below: run for Redis, PostgreSQL and the embedded one. */
import { describe, expect, it } from 'vitest';
import { addRun } from '../../jobs/add-run.ts';
import { cancelJob, listJobs, retryJob, showJob } from '../../jobs/inspect.ts';
import type { RunJob } from '../../jobs/payloads.ts';
import { jobStates } from '../../jobs/pending.ts';
import { overrideSchedule, reconcile, resetSchedule, wantedSchedules } from '../../jobs/schedules.ts';
import { livingWorkers } from '../../jobs/worker-record.ts';
import { everyNth } from '../../src/emulator/faults.ts';
import type { EmulatorOptions } from '../../src/emulator/options.ts';
import { type Crew, crewOf, ownQueueName, type QueueKind } from '../jobs/support.ts';
import { compare, complete, type House, houseOf, NEWEST } from '../support/house.ts';

const LONG = { timeout: 30_000, interval: 50 };
const NIGHTLY: RunJob = { name: 'nightly-sync', data: { source: 'openai' } };
const backfillOf = (more: object = {}): RunJob => ({
  name: 'backfill',
  data: {
    source: 'openai',
    since: NEWEST - 86_400,
    until: null,
    reread: false,
    withMessages: false,
    ...more,
  },
});

export function queueContract(kind: QueueKind): void {
  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    ...kind.environment(),
    QUEUE_NAME: ownQueueName(),
    ...more,
  });
  const newHouse = async (options: EmulatorOptions): Promise<House> => {
    const house = await houseOf(options);
    await kind.prepare?.(house);
    return house;
  };
  const ended = async ({ queues }: Crew, id: string): Promise<string> => {
    await expect
      .poll(() => queues.runs.getJob(id).then((job) => job?.getState()), LONG)
      .toMatch(/completed|failed/);
    return String(await (await queues.runs.getJob(id))?.getState());
  };
  const runsOf = (house: House) =>
    house.query('select kind, status, rows_inserted, requests from sync.runs order by started_at, run_id');

  describe('schedules', () => {
    it('the nightly sync fires by its schedule, twice, and the second run reads only what is new', async () => {
      const house = await newHouse({ rows: 300, generate: { ratePerSecond: 5 } });
      const crew = await crewOf(house, environment({ SCHEDULE: '* * * * * *' }));
      await crew.hire();
      const landed = () => crew.queues.runs.getCompleted();
      await expect.poll(async () => (await landed()).length, LONG).toBeGreaterThanOrEqual(1);
      const requestsBefore = house.emulator.requestCount;
      house.now += 600;
      house.emulator.store.add(
        Array.from({ length: 7 }, (_, n) => ({ id: `new-${n}`, created: NEWEST + 60 + n })),
      );
      const before = (await landed()).length;
      await expect.poll(async () => (await landed()).length, LONG).toBeGreaterThan(before + 1);
      const rows = await house.query(
        'select rows_inserted as n from sync.runs where rows_inserted > 0 order by started_at',
      );
      expect(rows.map(({ n }) => Number(n))).toEqual([300, 7]);
      const requests = house.emulator.requests.slice(requestsBefore);
      const below = requests.filter(
        ({ query }) => query.get('order') === 'desc' && query.get('after') !== null,
      );
      // Not down the list again: the newest rows, and never what lies below them.
      expect(below.length).toBeLessThan(requests.length);
      expect(await compare(house)).toEqual(complete(house.emulator));
    });

    it('20 restarts leave one schedule a job, and another setting changes it in place', async () => {
      const house = await newHouse({ rows: 20 });
      const env = environment({ SCHEDULE: '17 2 * * *', SWEEP_SCHEDULE: '37 3 * * 0' });
      const crew = await crewOf(house, env);
      for (let restart = 0; restart < 20; restart += 1) {
        const worker = await crew.hire();
        await worker.close();
      }
      const held = await crew.queues.ticks.getJobSchedulers();
      expect(held.map(({ key, pattern, tz }) => ({ key, pattern, tz })).toSorted(byKey)).toEqual([
        { key: 'nightly-sync.openai', pattern: '17 2 * * *', tz: 'UTC' },
        { key: 'sweep.openai', pattern: '37 3 * * 0', tz: 'UTC' },
      ]);
      expect(await crew.queues.ticks.getDelayedCount()).toBe(2);

      const wanted = await wantedSchedules(
        ['openai'],
        { ...crew.config.jobs, syncCron: '5 1 * * *', sweepCron: null },
        crew.queues.records,
      );
      expect(await reconcile(crew.queues.ticks, wanted)).toEqual({
        added: [],
        changed: ['nightly-sync.openai'],
        removed: ['sweep.openai'],
      });
      expect((await crew.queues.ticks.getJobSchedulers()).map(({ pattern }) => pattern)).toEqual([
        '5 1 * * *',
      ]);
      expect(await crew.queues.ticks.getDelayedCount()).toBe(1);
    });

    it('a schedule set by a command outlives restarts, and is taken back', async () => {
      const house = await newHouse({ rows: 20 });
      const crew = await crewOf(house, environment({ SCHEDULE: '17 2 * * *' }));
      const { records, ticks } = crew.queues;
      await overrideSchedule(records, {
        job: 'nightly-sync',
        source: 'openai',
        cron: '30 1 * * *',
        timeZone: 'Europe/Berlin',
      });
      for (let restart = 0; restart < 2; restart += 1) await (await crew.hire()).close();
      const [held] = await ticks.getJobSchedulers();
      expect(held).toMatchObject({ pattern: '30 1 * * *', tz: 'Europe/Berlin' });
      await resetSchedule(records, { job: 'nightly-sync', source: 'openai' });
      await crew.hire();
      expect((await ticks.getJobSchedulers())[0]).toMatchObject({ pattern: '17 2 * * *', tz: 'UTC' });
    });

    it('a queue that lost its schedules gets them back from a worker that runs', async () => {
      const house = await newHouse({ rows: 20 });
      const crew = await crewOf(house, environment({ SCHEDULE: '17 2 * * *' }));
      await crew.hire();
      await crew.queues.ticks.obliterate({ force: true });
      for (const { key } of await crew.queues.ticks.getJobSchedulers()) {
        await crew.queues.ticks.removeJobScheduler(key);
      }
      await expect
        .poll(async () => (await crew.queues.ticks.getJobSchedulers()).map(({ key }) => key), LONG)
        .toEqual(['nightly-sync.openai']);
    });
  });

  describe('runs', () => {
    it('a second run of the same is not added while the first waits or runs, and is afterwards', async () => {
      const house = await newHouse({ rows: 60 });
      const crew = await crewOf(house, environment());
      const first = await addRun(crew.queues.runs, NIGHTLY);
      expect(await addRun(crew.queues.runs, NIGHTLY)).toEqual({ id: first.id, isNew: false });
      expect((await addRun(crew.queues.runs, backfillOf())).isNew).toBe(true);
      expect((await addRun(crew.queues.runs, backfillOf({ since: NEWEST - 90_000 }))).isNew).toBe(true);
      const worker = await crew.hire();
      expect(await worker.drained(AbortSignal.timeout(30_000))).toBe(0);
      expect((await addRun(crew.queues.runs, NIGHTLY)).isNew).toBe(true);
    });

    it('the result, progress and log of a run are in its job; its data holds no key', async () => {
      const house = await newHouse({ rows: 500, faults: { latencyMs: 300 } });
      const crew = await crewOf(house, environment({ OPENAI_API_KEY: 'sk-canary-of-the-queue' }));
      const { id } = await addRun(crew.queues.runs, NIGHTLY);
      await crew.hire();
      expect(await ended(crew, id)).toBe('completed');
      const view = await showJob(crew.queues, id);
      expect(view).toMatchObject({
        name: 'nightly-sync',
        source: 'openai',
        state: 'completed',
        result: { status: 'landed', exit_code: 0, rows_inserted: 500 },
      });
      expect(view.progress).toMatchObject({ rows: expect.any(Number), percent: expect.any(Number) });
      expect(view.log.join('\n')).toMatch(/run starts.*\n.*landed: 500 new/);
      expect(JSON.stringify(view)).not.toContain('canary');
      expect(await jobStates(crew.queues)).toMatchObject({
        [crew.queues.names.runs]: { completed: 1, failed: 0 },
      });
    });

    it('a sweep reads covered seconds once more, the days it is told and no further', async () => {
      const house = await newHouse({ rows: 400, generate: { ratePerSecond: 0.002 } });
      await house.sync();
      const crew = await crewOf(house, environment());
      const { id } = await addRun(crew.queues.runs, { name: 'sweep', data: { source: 'openai', days: 1 } });
      await crew.hire();
      expect(await ended(crew, id)).toBe('completed');
      const [, sweep] = await house.query(
        'select kind, range_from, range_to, rows_read from sync.runs order by started_at',
      );
      expect(sweep?.['kind']).toBe('sweep');
      expect(
        Math.abs(Number(sweep?.['range_to']) - Number(sweep?.['range_from']) - 86_400),
      ).toBeLessThanOrEqual(2);
      expect(Number(sweep?.['rows_read'])).toBeGreaterThan(100);
      expect(Number(sweep?.['rows_read'])).toBeLessThan(400);
    });

    it('a refused key fails at once and for good; retried, it goes on', async () => {
      const house = await newHouse({ rows: 50 });
      const refused = {
        kind: 'status',
        status: 401,
        headers: {},
        body: '{"error":{"message":"no"}}',
      } as const;
      house.emulator.faults.rules = [everyNth(1, refused)];
      const failures: unknown[] = [];
      const crew = await crewOf(house, environment(), { onFailed: (failure) => failures.push(failure) });
      const { id } = await addRun(crew.queues.runs, NIGHTLY);
      await crew.hire();
      expect(await ended(crew, id)).toBe('failed');
      const view = await showJob(crew.queues, id);
      expect(view.attemptsMade).toBe(1);
      expect(view.failedReason).toContain('OPENAI_API_KEY');
      await expect.poll(() => failures, LONG).toMatchObject([{ jobId: id, source: 'openai' }]);
      house.emulator.faults.rules = [];
      await retryJob(crew.queues, id);
      expect(await ended(crew, id)).toBe('completed');
      expect(await compare(house)).toEqual(complete(house.emulator));
    });

    it('a failure that may pass is tried again later and shows meanwhile', async () => {
      const house = await newHouse({ rows: 50 });
      const broken = { kind: 'status', status: 500, headers: {}, body: '' } as const;
      house.emulator.faults.rules = [everyNth(1, broken)];
      const crew = await crewOf(house, environment({ RETRIES_MAX: '0' }));
      const { id } = await addRun(crew.queues.runs, NIGHTLY);
      await crew.hire();
      const delayed = () => listJobs(crew.queues, ['delayed'], 10);
      await expect.poll(async () => (await delayed()).length, LONG).toBe(1);
      const [view] = await delayed();
      expect(view).toMatchObject({ id, attemptsMade: 1, failedReason: expect.stringContaining('500') });
      expect(Number(view?.dueMs) - Date.now()).toBeGreaterThan(10_000);
      house.emulator.faults.rules = [];
      await (await crew.queues.runs.getJob(id))?.promote();
      expect(await ended(crew, id)).toBe('completed');
      expect(await compare(house)).toEqual(complete(house.emulator));
    });

    it('cancelled: one that waits is gone, one at work stops and keeps what it read', async () => {
      const house = await newHouse({ rows: 2_000, faults: { latencyMs: 100 } });
      const failures: unknown[] = [];
      const crew = await crewOf(house, environment({ PAGE_SIZE: '20', BATCH_ROWS: '20' }), {
        onFailed: (failure) => failures.push(failure),
      });
      const running = await addRun(crew.queues.runs, NIGHTLY);
      const waiting = await addRun(crew.queues.runs, backfillOf());
      expect(await cancelJob(crew.queues, waiting.id)).toContain('out of the queue');
      await crew.hire();
      await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(8);
      await cancelJob(crew.queues, running.id);
      expect(await ended(crew, running.id)).toBe('failed');
      expect((await showJob(crew.queues, running.id)).failedReason).toContain('cancelled');
      const { lost, twice, falselyProven } = await compare(house);
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.length).toBeLessThan(2_000);
      expect({ twice, falselyProven }).toEqual({ twice: 0, falselyProven: [] });
      expect(await listJobs(crew.queues, ['active', 'waiting', 'delayed'], 10)).toEqual([]);
      // Nobody is woken for what somebody wanted.
      expect(failures).toEqual([]);
    });

    it('a job of another version or of a source that is not configured fails with a word about it', async () => {
      const house = await newHouse({ rows: 20 });
      const crew = await crewOf(house, environment());
      await crew.hire();
      const foreign = await crew.queues.runs.add('backfill', { source: 'openai', surprise: true } as never);
      const elsewhere = await addRun(crew.queues.runs, { name: 'nightly-sync', data: { source: 'prod' } });
      expect(await ended(crew, String(foreign.id))).toBe('failed');
      expect(await ended(crew, elsewhere.id)).toBe('failed');
      expect((await showJob(crew.queues, String(foreign.id))).failedReason).toContain(
        "the job's data is not as backfill has it",
      );
      expect((await showJob(crew.queues, elsewhere.id)).failedReason).toContain('SOURCES');
      expect(house.emulator.requestCount).toBe(0);
    });
  });

  describe('taking turns', () => {
    it('a long backfill makes way for the nightly sync, goes on afterwards and reads nothing twice', async () => {
      const house = await newHouse({
        rows: 1_500,
        generate: { ratePerSecond: 5 },
        faults: { latencyMs: 40 },
      });
      const crew = await crewOf(
        house,
        environment({ WORKER_CONCURRENCY: '1', PAGE_SIZE: '20', SYNC_DAYS: '1' }),
      );
      const long = await addRun(crew.queues.runs, backfillOf());
      await crew.hire();
      await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(20);
      const nightly = await addRun(crew.queues.runs, NIGHTLY);
      expect(await ended(crew, nightly.id)).toBe('completed');
      expect(await ended(crew, long.id)).toBe('completed');
      const kinds = (await runsOf(house)).map(({ kind, status }) => `${kind} ${status}`);
      expect(kinds.slice(0, 2)).toEqual(['backfill interrupted', 'sync landed']);
      expect(kinds.at(-1)).toBe('backfill landed');
      expect(await compare(house)).toEqual(complete(house.emulator));
    });

    it('a sweep that made way goes on below what it has read', async () => {
      const house = await newHouse({ rows: 2_000, generate: { ratePerSecond: 5 } });
      await house.sync();
      // Long enough that few pages are read until it makes way, on a busy machine too.
      house.emulator.faults.latencyMs = 400;
      const crew = await crewOf(house, environment({ WORKER_CONCURRENCY: '1', PAGE_SIZE: '20' }));
      const sweep = await addRun(crew.queues.runs, { name: 'sweep', data: { source: 'openai', days: 1 } });
      await crew.hire();
      const before = house.emulator.requestCount;
      await expect.poll(() => house.emulator.requestCount - before, LONG).toBeGreaterThan(20);
      const nightly = await addRun(crew.queues.runs, NIGHTLY);
      expect(await ended(crew, nightly.id)).toBe('completed');
      house.emulator.faults.latencyMs = 0;
      expect(await ended(crew, sweep.id)).toBe('completed');
      const sweeps = await house.query(
        "select status, range_to, rows_read from sync.runs where kind = 'sweep' order by started_at",
      );
      expect(sweeps.map(({ status }) => status)).toEqual(['interrupted', 'landed']);
      expect(Number(sweeps[1]?.['range_to'])).toBeLessThan(NEWEST);
      expect(sweeps.reduce((sum, row) => sum + Number(row['rows_read']), 0)).toBeLessThan(3_000);
    });

    it('a worker that leaves puts its run back, and another goes on with it', async () => {
      const house = await newHouse({
        rows: 1_500,
        generate: { ratePerSecond: 5 },
        faults: { latencyMs: 50 },
      });
      const crew = await crewOf(house, environment({ PAGE_SIZE: '20', BATCH_ROWS: '100' }));
      const { id } = await addRun(crew.queues.runs, NIGHTLY);
      const first = await crew.hire();
      await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(15);
      expect(await first.close()).toBe(true);
      expect(await listJobs(crew.queues, ['waiting'], 10)).toMatchObject([{ id, attemptsMade: 0 }]);
      expect(await livingWorkers(crew.queues.records, house.now * 1000)).toEqual([]);
      house.emulator.faults.latencyMs = 0;
      await crew.hire();
      expect(await ended(crew, id)).toBe('completed');
      expect((await runsOf(house)).map(({ status }) => status)).toEqual(['interrupted', 'landed']);
      expect(await compare(house)).toEqual(complete(house.emulator));
    });

    it('a run that lost its job to another worker while it lives is not joined by a second one', async () => {
      const house = await newHouse({
        rows: 1_000,
        generate: { ratePerSecond: 5 },
        faults: { latencyMs: 40 },
      });
      const crew = await crewOf(house, environment({ PAGE_SIZE: '20' }));
      await crew.hire();
      await crew.hire();
      await addRun(crew.queues.runs, NIGHTLY);
      await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(10);
      // As a manual retry of an old job does: past the deduplication.
      const second = await crew.queues.runs.add('nightly-sync', { source: 'openai' });
      expect(await ended(crew, String(second.id))).toBe('completed');
      const overlaps = await house.query(
        `select count(*) as n from sync.runs as a join sync.runs as b
         on a.run_id <> b.run_id and a.started_at < b.started_at and b.started_at < a.finished_at`,
      );
      expect(overlaps).toEqual([{ n: 0n }]);
      expect((await runsOf(house)).map(({ status }) => status)).toEqual(['landed', 'landed']);
      expect(await compare(house)).toEqual(complete(house.emulator));
    });
  });
}

const byKey = (a: { key: string }, b: { key: string }): number => a.key.localeCompare(b.key);
