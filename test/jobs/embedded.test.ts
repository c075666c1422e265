import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openEmbedded } from '../../jobs/embedded.ts';
import { compare, complete } from '../support/house.ts';
import { temporaryPath } from '../warehouse/support.ts';
import { livingHouse, NO_STALLS, quickWorker, said, tokenhouse } from './processes.ts';
import { silentLog } from './support.ts';

const LONG = { timeout: 60_000, interval: 200 };

async function open(path: string) {
  const queue = await openEmbedded(path, silentLog(), new AbortController().signal);
  onTestFinished(() => queue.close());
  return queue;
}

async function ask(pool: pg.PoolConfig, sql: string): Promise<unknown> {
  const client = new pg.Client(pool);
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

describe('the embedded queue', () => {
  it('one who has it open lets others in; when he goes, another takes over, and what was written is there', async () => {
    const path = await temporaryPath();
    const first = await open(path);
    const second = await open(path);
    await ask(second.pool, 'create table public.kept as select 7 as n');
    await first.close();
    await expect
      .poll(() => ask(second.pool, 'select n from public.kept').catch(() => null), LONG)
      .toEqual([{ n: 7 }]);
    const { mode } = await stat(`${path}.queue`);
    // No password is asked: who may enter the folder may use the queue.
    expect(mode & 0o077).toBe(0);
  });

  it('a path too long for a socket gets one elsewhere', async () => {
    const path = await temporaryPath();
    const deep = join(path, '..', 'a'.repeat(60), 'b'.repeat(60));
    await mkdir(deep, { recursive: true });
    const queue = await open(join(deep, 'w.duckdb'));
    expect(await ask(queue.pool, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(String(queue.pool.host).length).toBeLessThan(100);
  });

  it('a folder that cannot be opened is named, with the way out', async () => {
    const path = await temporaryPath();
    await mkdir(join(`${path}.queue`, 'postgres'), { recursive: true });
    await writeFile(join(`${path}.queue`, 'postgres', 'PG_VERSION'), 'garbage');
    await expect(open(path)).rejects.toThrow(/remove that folder.*or set REDIS_URL or QUEUE_URL/);
    const file = await temporaryPath();
    await writeFile(`${file}.queue`, 'in the way');
    await expect(open(file)).rejects.toThrow(`${file}.queue`);
  });

  it('the worker that hosts it is killed in mid-run: another one has the queue, the job and the schedule', async () => {
    const house = await livingHouse({ rows: 1_000, faults: { latencyMs: 30 } });
    const env = {
      SCHEDULE: '17 2 * * *',
      SWEEP_SCHEDULE: 'off',
      PAGE_SIZE: '20',
      BATCH_ROWS: '100',
      ...NO_STALLS,
    };
    const host = quickWorker(house, env);
    await said(host, 'ready');
    const queued = await tokenhouse(house, ['schedule', 'run-now', 'nightly-sync'], env).ended;
    expect(queued.code).toBe(0);
    await expect.poll(() => house.emulator.requestCount, LONG).toBeGreaterThan(15);
    host.child.kill('SIGKILL');
    await host.ended;
    const active = await house.tokenhouse(['jobs', 'list'], { env });
    expect(active.stdout).toContain('interrupted, process gone; the next worker goes on with it');
    await said(quickWorker(house, env), 'run ends');
    const { stdout: jobs } = await tokenhouse(house, ['--json', 'jobs', 'list', '--state', 'completed'], env)
      .ended;
    expect(JSON.parse(jobs)).toHaveLength(1);
    const { stdout } = await tokenhouse(house, ['--json', 'schedule', 'list'], env).ended;
    expect(JSON.parse(stdout).schedules).toMatchObject([
      { job: 'nightly-sync', in_queue: true },
      { job: 'sweep' },
    ]);
    expect(await compare(house)).toEqual(complete(house.emulator));
  });
});
