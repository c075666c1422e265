import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { queueError } from '../../jobs/queue-errors.ts';
import {
  connectRedis,
  describeTarget,
  prefixOf,
  type RedisClient,
  type RedisRole,
  untilReady,
} from '../../jobs/redis-connection.ts';
import { parseRedisUrl } from '../../src/config/redis-url.ts';
import { TerminalError, TransientError } from '../../src/errors.ts';
import { selfSigned } from '../support/certificate.ts';
import { describeWithRedis } from '../support/programs.ts';
import { type RedisOptions, type RedisServer, startRedis } from '../support/redis.ts';
import { removedLater } from '../support/server.ts';

const ACL = ['user default off', 'user loader on >c@nary/1 ~* &* +@all'];
const LOGIN = 'loader:c%40nary%2F1';

test.each([
  ['redis://loader:canary@host/2', 'Redis at host:6379, database 2'],
  ['rediss://:canary@[::1]:7000', 'Redis at [::1]:7000 with TLS'],
  ['redis+unix://:canary@/run/redis.sock', 'Redis at /run/redis.sock'],
  [
    'redis+sentinel://:canary@one,two/main?sentinelPassword=canary',
    'Redis main of the Sentinels one:26379, two:26379',
  ],
  ['rediss+cluster://:canary@one', 'Redis Cluster at one:6379 with TLS'],
])('%s is described without its password', (url, text) => {
  expect(describeTarget(parseRedisUrl(url))).toBe(text);
});

describeWithRedis('a job of BullMQ is added and done', () => {
  test('over a plain connection, in the database of the URL', async () => {
    const server = await startRedis();
    await doesAJob(`${server.url}/3`);
    const client = opened(new Redis(server.url));
    expect(await client.dbsize()).toBe(0);
    await client.select(3);
    expect((await client.keys('*')).every((key) => key.startsWith('tokenhouse:jobs:'))).toBe(true);
  });

  test('as a user of its own, whose password has to be encoded', async () => {
    const { port } = await startRedis({ config: ACL });
    await doesAJob(`redis://${LOGIN}@127.0.0.1:${port}`);
  });

  test('with a password alone', async () => {
    const { port } = await startRedis({ config: ['requirepass canary'] });
    await doesAJob(`redis://:canary@127.0.0.1:${port}`);
  });

  test('over a Unix socket', async () => {
    const folder = removedLater(await mkdtemp(join(tmpdir(), 'tokenhouse-socket-')));
    await startRedis({ config: [`unixsocket ${folder}/redis.sock`, 'requirepass canary'] });
    await doesAJob(`redis+unix://:canary@${folder}/redis.sock?db=1`);
  });

  test('with the primary that a Sentinel names, both with a login', async () => {
    const { port, sentinel } = await sentinelAndServer();
    await doesAJob(
      `redis+sentinel://${LOGIN}@127.0.0.1:1,127.0.0.1:${sentinel}/main/2?sentinelPassword=other`,
    );
    const client = opened(new Redis({ port, username: 'loader', password: 'c@nary/1', db: 2 }));
    expect(await client.dbsize()).toBeGreaterThan(0);
  });

  test('on a Cluster', async () => {
    const { port } = await cluster(['requirepass canary']);
    await doesAJob(`redis+cluster://:canary@127.0.0.1:1,127.0.0.1:${port}`);
  });
});

describeWithRedis('with TLS', () => {
  const authorities = getCACertificates('default');
  let tls: readonly string[];

  beforeAll(async () => {
    const { certificate, key } = await selfSigned();
    tls = [
      `tls-cert-file ${certificate}`,
      `tls-key-file ${key}`,
      `tls-ca-cert-file ${certificate}`,
      'tls-auth-clients no',
    ];
    // What NODE_EXTRA_CA_CERTS does to a process from its start.
    setDefaultCACertificates([...authorities, readFileSync(certificate, 'utf8')]);
  });
  afterAll(() => setDefaultCACertificates(authorities));

  /** Its port takes TLS, and nothing else does. */
  const startTls = (config: readonly string[], options: Pick<RedisOptions, 'mode'> = {}) =>
    startRedis({ ...options, tls, config });

  test('a job of BullMQ is added and done on a server', async () => {
    const { port } = await startTls(ACL);
    await doesAJob(`rediss://${LOGIN}@localhost:${port}?family=4`);
  });

  test('… on a Cluster', async () => {
    const { port } = await startTls([...CLUSTER, 'tls-cluster yes']);
    await takeAllSlots(opened(new Redis({ port, tls: {} })));
    await doesAJob(`rediss+cluster://127.0.0.1:${port}`);
  });

  test('… with the primary that a Sentinel names', async () => {
    const { port } = await startTls([]);
    const monitor = ['tls-replication yes', `sentinel monitor main 127.0.0.1 ${port} 1`];
    const sentinel = await startTls(monitor, { mode: 'sentinel' });
    await doesAJob(`rediss+sentinel://127.0.0.1:${sentinel.port}/main`);
  });

  test('a certificate that nobody vouches for is told of, and not trusted', async () => {
    const stranger = await selfSigned();
    const files = [`tls-cert-file ${stranger.certificate}`, `tls-key-file ${stranger.key}`];
    const { port } = await startRedis({ tls: [...files, 'tls-auth-clients no'] });
    expect(await failure(`rediss://localhost:${port}?family=4`)).toMatchObject({
      constructor: TerminalError,
      message: expect.stringMatching(/certificate is not accepted.*REDIS_URL.*NODE_EXTRA_CA_CERTS/),
    });
  });

  test('a connection without it is told that it may be asked for', async () => {
    const { port } = await startTls([]);
    expect(await failure(`redis://127.0.0.1:${port}`)).toMatchObject({
      constructor: TransientError,
      message: expect.stringMatching(/asks for TLS|speaks TLS/),
    });
  });
});

describeWithRedis('what goes wrong is told with its remedy, at once, and without a password', () => {
  let acl: RedisServer;
  let sentinel: number;
  beforeAll(async () => {
    acl = await startRedis({ config: [...ACL, 'user poor on >poor ~other:* +@all -@admin'] });
    ({ sentinel } = await sentinelAndServer());
  });
  const NOBODY = '127.0.0.1:1';
  const REFUSED = /refuses the user or the password in REDIS_URL/;

  test.each<[string, () => string, typeof TerminalError | typeof TransientError, RegExp]>([
    ['no password', () => `redis://${at()}`, TerminalError, /asks for a password: set REDIS_URL/],
    ['a wrong one', () => `redis://loader:canary@${at()}`, TerminalError, REFUSED],
    ['a wrong one of a Cluster', () => `redis+cluster://loader:canary@${at()}`, TerminalError, REFUSED],
    ['no such database', () => `redis://${LOGIN}@${at()}/99`, TerminalError, /number that REDIS_URL ends in/],
    ['no Cluster', () => `redis+cluster://${LOGIN}@${at()}`, TerminalError, /no Cluster: write .*redis:\/\//],
    [
      'nobody there',
      () => `redis://${NOBODY}`,
      TransientError,
      /nobody answers at the host in REDIS_URL.*ECONNREFUSED/,
    ],
    [
      'no such host',
      () => 'redis://nowhere.invalid',
      TransientError,
      /nobody answers at the host in REDIS_URL/,
    ],
    ['no socket', () => '/nowhere/redis.sock', TransientError, /nobody answers .*ENOENT/],
    ['no Cluster there', () => `redis+cluster://${NOBODY}`, TransientError, /REDIS_URL is away/],
    [
      'no Sentinel there',
      () => `redis+sentinel://${NOBODY}/main`,
      TransientError,
      /no Sentinel of REDIS_URL/,
    ],
    [
      'a Sentinel that wants a password',
      () => `redis+sentinel://${LOGIN}@127.0.0.1:${sentinel}/main`,
      TerminalError,
      /a Sentinel refuses the login: put \?sentinelPassword/,
    ],
    [
      'a group that no Sentinel knows',
      () => `redis+sentinel://${LOGIN}@127.0.0.1:${sentinel}/canary?sentinelPassword=other`,
      TerminalError,
      /no group of the name in REDIS_URL/,
    ],
    [
      'a server in place of a Sentinel',
      () => `redis+sentinel://${LOGIN}@${at()}/main?sentinelUsername=loader&sentinelPassword=c%40nary%2F1`,
      TerminalError,
      /a Redis where a Sentinel should be/,
    ],
  ])('%s', async (_title, url, kind, message) => {
    for (const role of ['queue', 'worker'] as const) {
      const startedAt = Date.now();
      const error = await failure(url(), role);
      expect(error.constructor, error.message).toBe(kind);
      expect(error.message).toMatch(message);
      expect(Date.now() - startedAt).toBeLessThan(3_000);
      expect(JSON.stringify([error.message, Object.entries(error.cause ?? {})])).not.toMatch(/c@?nary/);
    }
  });

  const at = (): string => `127.0.0.1:${acl.port}`;

  test('a user without rights', async () => {
    const client = connected(`redis://poor:poor@${at()}`, 'queue');
    const error = await queue(client).add('one', {}).catch(translated);
    expect(error).toMatchObject({
      constructor: TerminalError,
      message: expect.stringMatching(/lacks rights: grant it .*tokenhouse:\*/),
    });
  });

  test('a replica, which takes no writes', async () => {
    const replica = await startRedis({ config: ['replicaof 127.0.0.1 1', 'replica-serve-stale-data yes'] });
    const error = await queue(connected(replica.url, 'queue')).add('one', {}).catch(translated);
    expect(error).toMatchObject({ constructor: TransientError, message: expect.stringMatching(/replica/) });
  });

  test('a node of a Cluster that is asked as if it were alone', async () => {
    const { port } = await cluster([], '0 8000');
    const other = await cluster([], '8001 16383');
    await opened(new Redis({ port })).call('cluster', 'meet', '127.0.0.1', String(other.port));
    await vi.waitFor(
      async () => {
        const error = await queue(connected(`redis://127.0.0.1:${port}`, 'queue'))
          .add('one', {})
          .catch(translated);
        expect(error).toMatchObject({
          constructor: TerminalError,
          message: expect.stringMatching(/node of a Cluster: write it as redis\+cluster:/),
        });
      },
      { timeout: 15_000, interval: 250 },
    );
  });
});

describeWithRedis('a Redis that goes away', () => {
  test('fails a command of the line at once, and a worker goes on by itself once it is back', async () => {
    const server = await startRedis();
    const worker = connected(server.url, 'worker');
    const command = connected(server.url, 'queue');
    await Promise.all([worker.ping(), command.ping()]);
    await server.kill();
    const asked = worker.ping();
    await expect(command.ping()).rejects.toThrow();
    const startedAt = Date.now();
    await server.restart();
    expect(await asked).toBe('PONG');
    expect(Date.now() - startedAt).toBeLessThan(8_000);
  });
});

/** A node alone does not know how it is reached. */
const CLUSTER = ['cluster-enabled yes', 'cluster-announce-ip 127.0.0.1'];

/** A Sentinel with the password `other`, watching one server with users of its own. */
async function sentinelAndServer(): Promise<{ port: number; sentinel: number }> {
  const { port } = await startRedis({ config: ACL });
  const config = [
    'requirepass other',
    `sentinel monitor main 127.0.0.1 ${port} 1`,
    'sentinel auth-user main loader',
    'sentinel auth-pass main c@nary/1',
  ];
  return { port, sentinel: (await startRedis({ mode: 'sentinel', config })).port };
}

async function cluster(config: readonly string[], slots = '0 16383'): Promise<RedisServer> {
  const isWhole = slots === '0 16383';
  const server = await startRedis({ config: [...CLUSTER, ...config] });
  const password = config.length === 0 ? {} : { password: 'canary' };
  await takeAllSlots(opened(new Redis({ port: server.port, ...password })), slots, isWhole);
  return server;
}

async function takeAllSlots(client: Redis, slots = '0 16383', isWhole = true): Promise<void> {
  await client.call('cluster', 'addslotsrange', ...slots.split(' '));
  if (!isWhole) return;
  await vi.waitFor(async () => expect(await client.cluster('INFO')).toContain('cluster_state:ok'), 10_000);
}

/** One job through a queue and a worker of BullMQ. */
async function doesAJob(url: string): Promise<void> {
  const done = Promise.withResolvers<unknown>();
  const target = parseRedisUrl(url);
  const worker = new Worker(
    'jobs',
    async (job) => {
      done.resolve(job.data);
    },
    { connection: connected(url, 'worker'), prefix: prefixOf(target) },
  );
  worker.on('error', done.reject);
  onTestFinished(() => worker.close());
  await queue(connected(url, 'queue'), url).add('one', { source: 'openai' });
  expect(await done.promise).toEqual({ source: 'openai' });
}

function queue(client: RedisClient, url = 'redis://any'): Queue {
  const made = new Queue('jobs', { connection: client, prefix: prefixOf(parseRedisUrl(url)) });
  made.on('error', () => {});
  onTestFinished(() => made.close());
  return made;
}

function connected(url: string, role: RedisRole): RedisClient {
  return opened(connectRedis(parseRedisUrl(url), role));
}

function opened<T extends RedisClient>(client: T): T {
  onTestFinished(() => client.disconnect());
  return client;
}

const translated = (error: unknown): unknown => queueError(error, 'REDIS_URL');

async function failure(url: string, role: RedisRole = 'queue'): Promise<Error> {
  try {
    await untilReady(connected(url, role));
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was wrong');
}
