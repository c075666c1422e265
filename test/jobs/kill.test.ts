import { readdir } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { addRun } from '../../jobs/add-run.ts';
import { listJobs } from '../../jobs/inspect.ts';
import { livingWorkers } from '../../jobs/worker-record.ts';
import { EXIT } from '../../src/errors.ts';
import { compare, complete } from '../support/house.ts';
import { describeWithRedis } from '../support/programs.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { livingHouse, NO_STALLS, OVERLAPS, queuesOf, quickWorker, said, tokenhouse } from './processes.ts';
import { ownQueueName } from './support.ts';

const LONG = { timeout: 60_000, interval: 100 };

describeWithRedis('workers that die, and a Redis that does', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });

  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    REDIS_URL: redis.url,
    QUEUE_NAME: ownQueueName(),
    SCHEDULE: 'off',
    SWEEP_SCHEDULE: 'off',
    PAGE_SIZE: '20',
    BATCH_ROWS: '100',
    ...more,
  });

  it('two workers and the command line at once, workers killed on the way: nothing lost, nothing twice, one run at a time', async () => {
    const house = await livingHouse({ rows: 1_500, faults: { latencyMs: 15 } });
    const env = environment({ SCHEDULE: '* * * * * *', WAIT_SECONDS: '20' });
    let other = quickWorker(house, env);
    let one = quickWorker(house, env);
    await Promise.all([said(one, 'ready'), said(other, 'ready')]);
    const commands = [1, 2, 3].map(() => tokenhouse(house, ['sync', '--json'], env));
    for (const at of [20, 45, 70]) {
      await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(at);
      one.child.kill('SIGKILL');
      await one.ended;
      one = other;
      other = quickWorker(house, env);
    }
    for (const { ended } of commands) expect((await ended).code).toBe(EXIT.landed);
    await using queues = await queuesOf(house, env);
    const before = await queues.runs.getCompletedCount();
    // Ticks go on to become runs, by workers that are left.
    await expect.poll(() => queues.runs.getCompletedCount(), LONG).toBeGreaterThan(before + 1);
    for (const worker of [one, other]) worker.child.kill('SIGTERM');
    await Promise.all([one.ended, other.ended]);
    expect(await compare(house)).toEqual(complete(house.emulator));
    expect(await house.query(OVERLAPS)).toEqual([{ n: 0 }]);
    const schedulers = await queues.ticks.getJobSchedulers();
    expect(schedulers.map(({ key }) => key)).toEqual(['nightly-sync.openai']);
  });

  it('a worker killed in mid-run: another one takes its job over at once and reads one batch again at the most', async () => {
    const house = await livingHouse({ rows: 1_200, faults: { latencyMs: 25 } });
    const env = environment({ CONCURRENCY: '1', ...NO_STALLS });
    await using queues = await queuesOf(house, env);
    const { id } = await addRun(queues.runs, { name: 'nightly-sync', data: { source: 'openai' } });
    const first = quickWorker(house, env);
    await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(25);
    expect(await listJobs(queues, ['active'], 10)).toMatchObject([{ id, isProcessGone: false }]);
    first.child.kill('SIGKILL');
    await first.ended;
    // At once, long before the queue takes the job for stalled; and who lists the workers sees none.
    expect(await listJobs(queues, ['active'], 10)).toMatchObject([{ id, isProcessGone: true }]);
    expect(await livingWorkers(queues.records, Date.now())).toEqual([]);
    const requestsBefore = house.emulator.requestCount;
    const second = quickWorker(house, env);
    await expect.poll(() => queues.runs.getJobState(id), LONG).toBe('completed');
    // Of the dead nothing is left; the living one is there.
    expect(await readdir(`${house.path}.workers`)).toHaveLength(1);
    second.child.kill('SIGTERM');
    await second.ended;
    expect(await readdir(`${house.path}.workers`)).toEqual([]);
    expect(await compare(house)).toEqual(complete(house.emulator));
    const ideal = 1_200 / 20;
    // The second cut of a page is read again: some 1.25 requests a page at this rate.
    expect(requestsBefore + (house.emulator.requestCount - requestsBefore)).toBeLessThan(ideal * 1.6 + 15);
    const job = await queues.runs.getJob(id);
    expect(job?.attemptsMade).toBe(1);
  });

  it('Redis killed and restarted in mid-run: the run lands, and what it was told is not lost', async () => {
    const house = await livingHouse({ rows: 1_500, faults: { latencyMs: 30 } });
    const own = await startRedis();
    const env = environment({ REDIS_URL: own.url, SCHEDULE: '17 2 * * *' });
    const queues = await queuesOf(house, env);
    const { id } = await addRun(queues.runs, { name: 'nightly-sync', data: { source: 'openai' } });
    await queues.close();
    const worker = quickWorker(house, env);
    await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(15);
    await own.kill();
    const before = house.emulator.requestCount;
    await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(before + 20);
    await own.restart();
    await using after = await queuesOf(house, env);
    await expect.poll(() => after.runs.getJobState(id), LONG).toBe('completed');
    // A further one is taken: the worker is back.
    const next = await addRun(after.runs, { name: 'nightly-sync', data: { source: 'openai' } });
    await expect.poll(() => after.runs.getJobState(next.id), LONG).toBe('completed');
    worker.child.kill('SIGTERM');
    await worker.ended;
    expect(await compare(house)).toEqual(complete(house.emulator));
    expect(await house.query(OVERLAPS)).toEqual([{ n: 0 }]);
    expect((await after.ticks.getJobSchedulers()).map(({ key }) => key)).toEqual(['nightly-sync.openai']);
  });

  it('SIGTERM while a page is on its way: the run commits and goes back into the queue, the process ends in time', async () => {
    const house = await livingHouse({ rows: 2_000, faults: { latencyMs: 40 } });
    const env = environment({ SHUTDOWN_SECONDS: '10' });
    await using queues = await queuesOf(house, env);
    const { id } = await addRun(queues.runs, { name: 'nightly-sync', data: { source: 'openai' } });
    const worker = tokenhouse(house, ['worker'], env);
    await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(20);
    // From now on no page is answered before the process is told to end.
    house.emulator.faults.latencyMs = 120_000;
    const asked = house.emulator.requestCount;
    await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(asked);
    const toldMs = performance.now();
    worker.child.kill('SIGTERM');
    const end = await worker.ended;
    expect(end).toMatchObject({ code: EXIT.landed, signal: null });
    expect(performance.now() - toldMs).toBeLessThan(10_000);
    expect(await queues.runs.getJobState(id)).toBe('waiting');
    const { lost, twice, falselyProven } = await compare(house);
    expect(lost.length).toBeLessThan(2_000);
    expect({ twice, falselyProven }).toEqual({ twice: 0, falselyProven: [] });

    house.emulator.faults.latencyMs = 0;
    const drained = await tokenhouse(house, ['worker', '--once'], env).ended;
    expect(drained.code).toBe(EXIT.landed);
    expect(await compare(house)).toEqual(complete(house.emulator));
  });

  it('Redis away at the start is told, by its setting and without its password, and waited for', async () => {
    const house = await livingHouse({ rows: 20 });
    const own = await startRedis();
    await own.stop();
    const env = environment({ REDIS_URL: own.url.replace('//', '//:canary-password@') });
    const worker = tokenhouse(house, ['worker'], { ...env });
    const told = await said(worker, 'trying again');
    expect(told).toContain('REDIS_URL');
    expect(told).not.toContain('canary-password');
    const command = await tokenhouse(house, ['jobs', 'list'], env).ended;
    expect(command.code).toBe(EXIT.failed);
    expect(command.stderr).toContain('REDIS_URL');
    expect(command.stderr).not.toContain('    at ');
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(EXIT.interrupted);
  });
});
