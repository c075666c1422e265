import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { judgeRedis, probeQueue, type RedisFacts } from '../../jobs/doctor-probes.ts';
import type { Probe } from '../../src/health/probe.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { describeWithPostgres, describeWithRedis } from '../support/programs.ts';
import { startRedis } from '../support/redis.ts';

const probeRedis = (redisUrl: string): Promise<Probe> => probeQueue({ redisUrl, postgresUrl: null });
const probePostgres = (postgresUrl: string): Promise<Probe> => probeQueue({ redisUrl: null, postgresUrl });

test('without a server there is nothing to ask', async () => {
  expect(await probeQueue({ redisUrl: null, postgresUrl: null })).toMatchObject({
    name: 'queue',
    status: 'skipped',
    what: expect.stringContaining('embedded beside the warehouse'),
  });
});

describe('what a Redis says of itself', () => {
  const good: RedisFacts = {
    product: 'Redis',
    version: '7.4.0',
    isReplica: false,
    evictionPolicy: 'noeviction',
    persistence: 'aof',
    latencyMs: 0.4,
  };

  test.each<[string, Partial<RedisFacts>, Probe['status'], RegExp]>([
    [
      'all is well',
      {},
      'ok',
      /Redis 7\.4\.0, 0\.4 ms, maxmemory-policy noeviction, kept by append-only file/,
    ],
    ['snapshots will do', { persistence: 'snapshots' }, 'ok', /kept by snapshots/],
    [
      'a managed one that says little',
      { persistence: null, evictionPolicy: null },
      'ok',
      /policy unknown, persistence unknown/,
    ],
    ['Valkey has numbers of its own', { product: 'Valkey', version: '8.0.1' }, 'ok', /Valkey 8\.0\.1/],
    ['too old', { version: '4.0.14' }, 'failed', /too old -> update it/],
    ['old', { version: '6.0.16' }, 'warn', /is old -> update it to 6\.2/],
    ['a replica', { isReplica: true }, 'failed', /replica.* -> let REDIS_URL name the primary/],
    [
      'it evicts',
      { evictionPolicy: 'allkeys-lru' },
      'failed',
      /allkeys-lru.* -> set maxmemory-policy noeviction/,
    ],
    ['it forgets', { persistence: 'none' }, 'warn', /forgets.* -> set appendonly yes/],
    ['it is far away', { latencyMs: 400 }, 'warn', /400 ms .* -> put worker and Redis closer/],
  ])('%s', (_title, facts, status, text) => {
    const judged = judgeRedis('Redis at host:6379', [good, { ...good, ...facts }].toReversed());
    expect(judged.status).toBe(status);
    expect(`${judged.what} -> ${judged.mend}`).toMatch(text);
  });
});

describeWithRedis('a real Redis', () => {
  test('as the README asks for it is well', async () => {
    expect(await probeRedis((await startRedis()).url)).toMatchObject({
      status: 'ok',
      mend: null,
      what: expect.stringMatching(
        /^Redis at 127\.0\.0\.1:\d+: Redis \d.* noeviction, kept by append-only file$/,
      ),
    });
  });

  test('that evicts is a failure, that forgets a warning', async () => {
    const evicting = await startRedis({ config: ['maxmemory-policy allkeys-lru'] });
    expect(await probeRedis(evicting.url)).toMatchObject({ status: 'failed' });
    const forgetting = await startRedis({ config: ['appendonly no'] });
    expect(await probeRedis(forgetting.url)).toMatchObject({ status: 'warn' });
  });

  test('whose CONFIG is forbidden says what it can', async () => {
    const config = ['appendonly no', 'user default on nopass ~* &* +@all -config'];
    const found = await probeRedis((await startRedis({ config })).url);
    expect(found).toMatchObject({ status: 'ok', what: expect.stringContaining('persistence unknown') });
  });

  test('that is a replica, or away, or asks for a password, fails with the remedy', async () => {
    const replica = await startRedis({ config: ['replicaof 127.0.0.1 1'] });
    expect(await probeRedis(replica.url)).toMatchObject({
      status: 'failed',
      what: expect.stringMatching(/replica/),
    });
    const asking = await startRedis({ config: ['requirepass canary'] });
    expect(await probeRedis(asking.url)).toMatchObject({
      status: 'failed',
      what: 'Redis asks for a password',
      mend: 'set REDIS_URL to redis://user:password@host',
    });
    await asking.stop();
    expect(await probeRedis(`redis://:canary@127.0.0.1:${asking.port}`)).toMatchObject({
      status: 'failed',
      mend: expect.stringContaining('start the server'),
    });
  });
});

describeWithPostgres('a real PostgreSQL', () => {
  let server: PostgresServer;
  const as = (user: string, password = 'canary', database = 'postgres'): string =>
    `postgres://${user}:${password}@127.0.0.1:${server.port}/${database}`;

  beforeAll(async () => {
    server = await startPostgres({ password: 'canary' });
    await run("create role guest login password 'canary'");
    await run('create database other');
  });

  async function run(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }

  test('whose user may make the schema is well, and keeps being so once it is there', async () => {
    expect(await probePostgres(server.url)).toMatchObject({
      status: 'ok',
      what: expect.stringMatching(/^PostgreSQL \d.*first worker makes the schema bullmq/),
    });
  });

  test('whose user may not make the schema, or not use it, fails with the remedy', async () => {
    expect(await probePostgres(as('guest'))).toMatchObject({
      status: 'failed',
      mend: 'grant it: grant create on database postgres to …',
    });
    await run('create schema bullmq');
    expect(await probePostgres(as('guest'))).toMatchObject({
      status: 'failed',
      mend: expect.stringMatching(/owner/),
    });
    expect(await probePostgres(server.url)).toMatchObject({
      status: 'ok',
      what: expect.stringMatching(/is there/),
    });
  });

  test.each([
    ['a wrong password', () => as('guest', 'wr0ng'), /refuses the user or the password in QUEUE_URL/],
    [
      'no password',
      () => server.url.replace(':canary@', '@'),
      /refuses the user or the password in QUEUE_URL/,
    ],
    [
      'no such database',
      () => as('guest', 'canary', 'nowhere'),
      /database in QUEUE_URL does not exist -> create it/,
    ],
    ['TLS where there is none', () => `${server.url}?sslmode=require`, /no TLS -> take sslmode out/],
    [
      'nobody there',
      () => 'postgres://u:canary@127.0.0.1:1/db',
      /nobody answers at the host in QUEUE_URL -> start/,
    ],
  ])('%s is told with its remedy', async (_title, url, text) => {
    const found = await probePostgres(url());
    expect(found.status).toBe('failed');
    expect(`${found.what} -> ${found.mend}`).toMatch(text);
    expect(JSON.stringify(found)).not.toMatch(/canary|wr0ng/);
  });
});
