/** `REDIS_URL` as a connection for BullMQ: one server, a Unix socket, Sentinels or a Cluster. */
import type { ConnectionOptions } from 'node:tls';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress, RedisTarget } from '../src/config/redis-url.ts';
import { queueError } from './queue-errors.ts';

/**
 * `worker` lives for months: it waits for a Redis that is away and goes on by itself. `queue` is a command's, with a
 * person or a script waiting: what fails, fails within seconds.
 */
export type RedisRole = 'queue' | 'worker';
export type RedisClient = Redis | Cluster;

/** Without the one that would change the type of every reply. */
type Options = Omit<RedisOptions, 'replyMapping'>;

const CONNECT_SECONDS_MAX = 5;
/** Above the 10 s for which BullMQ lets a listener wait. */
const COMMAND_SECONDS_MAX = 15;
/** Short enough to be back soon after a restart, long enough not to hammer a Redis that loads its data. */
const RECONNECT_SECONDS_MAX = 5;

/**
 * A connection that BullMQ takes as it is. Whoever makes it closes it (`disconnect()`): BullMQ leaves it open.
 *
 * @returns it connects by itself. What goes wrong with it comes as events and as rejected commands, for `queueError` to translate.
 */
export function connectRedis(target: RedisTarget, role: RedisRole): RedisClient {
  const client =
    target.kind === 'cluster'
      ? clusterOf(target, role)
      : new Redis({ ...optionsOf(role), ...placeOf(target) });
  // BullMQ listens as well. This one keeps ioredis from printing what nobody listens to yet.
  client.on('error', () => {});
  return client;
}

/**
 * Waits until it serves, or for the first thing that goes wrong.
 *
 * @throws {TransientError} when trying again may help; {@link TerminalError} for a refused password, a certificate, … In
 * either case the connection is closed.
 */
export async function untilReady(client: RedisClient): Promise<void> {
  if (client.status === 'ready') return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Of a Sentinel or a node that failed; the error that follows says only that all of them did.
  let detail: unknown = null;
  const fail = (error?: unknown): void => reject(error ?? new Error('Connection is closed.'));
  const listeners = [
    ['ready', resolve],
    ['error', fail],
    ['end', fail],
    ['sentinelError', (error: unknown) => (detail = error)],
    ['node error', (error: unknown) => (detail ??= error)],
  ] as const;
  for (const [event, listener] of listeners) client.on(event, listener);
  try {
    await promise;
  } catch (error) {
    client.disconnect();
    throw queueError(detail ?? error, 'REDIS_URL');
  } finally {
    for (const [event, listener] of listeners) client.off(event, listener);
  }
}

/** BullMQ's prefix of keys. All keys of a Cluster's script must be on one node, which what stands in braces decides. */
export const prefixOf = (target: RedisTarget): string =>
  target.kind === 'cluster' ? '{tokenhouse}' : 'tokenhouse';

/** For logs and `doctor`: where, without who and with what password. */
export function describeTarget(target: RedisTarget): string {
  if (target.kind === 'socket') return `Redis at ${target.path}${databaseText(target.db)}`;
  const tls = target.tls ? ' with TLS' : '';
  switch (target.kind) {
    case 'server':
      return `Redis at ${addressText(target.address)}${databaseText(target.db)}${tls}`;
    case 'sentinel':
      return `Redis ${target.name} of the Sentinels ${addressesText(target.sentinels)}${databaseText(target.db)}${tls}`;
    case 'cluster':
      return `Redis Cluster at ${addressesText(target.nodes)}${tls}`;
  }
}

const addressText = ({ host, port }: RedisAddress): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
const addressesText = (addresses: readonly RedisAddress[]): string => addresses.map(addressText).join(', ');
const databaseText = (db: number): string => (db === 0 ? '' : `, database ${db}`);

/** What holds for every connection, wherever it goes. */
function optionsOf(role: RedisRole): Options {
  const common = { connectTimeout: CONNECT_SECONDS_MAX * 1_000, connectionName: 'tokenhouse' };
  if (role === 'queue') {
    return {
      ...common,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_SECONDS_MAX * 1_000,
      retryStrategy: null,
      sentinelRetryStrategy: () => null,
    };
  }
  return {
    ...common,
    // BullMQ insists: a command waits for as long as Redis is away.
    maxRetriesPerRequest: null,
    retryStrategy: reconnectDelay,
    sentinelRetryStrategy: reconnectDelay,
    // After a failover the old primary is a replica that takes no writes: connect anew and send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  };
}

/** Milliseconds: doubling from 100, with a fifth of jitter, as every worker comes back at once. */
const reconnectDelay = (times: number): number =>
  Math.min(100 * 2 ** Math.min(times, 10), RECONNECT_SECONDS_MAX * 1_000) * (0.9 + Math.random() * 0.2);

function placeOf(target: Exclude<RedisTarget, { kind: 'cluster' }>): Options {
  const login = loginOf(target.login);
  if (target.kind === 'socket') return { path: target.path, db: target.db, ...login };
  const tls = target.tls ? { tls: TLS } : {};
  const reached = { ...login, ...tls, family: target.family, db: target.db };
  if (target.kind === 'server') return { ...target.address, ...reached };
  return {
    ...reached,
    ...(target.tls ? { sentinelTLS: TLS, enableTLSForSentinelMode: true } : {}),
    sentinels: [...target.sentinels],
    name: target.name,
    ...(target.sentinelLogin === null
      ? {}
      : {
          sentinelUsername: target.sentinelLogin.username ?? undefined,
          sentinelPassword: target.sentinelLogin.password,
        }),
  };
}

/** Certificates are checked as Node does it; a private authority goes to NODE_EXTRA_CA_CERTS. */
const TLS: ConnectionOptions = {};

const loginOf = (login: { username: string | null; password: string } | null): Options =>
  login === null ? {} : { username: login.username ?? undefined, password: login.password };

function clusterOf(target: Extract<RedisTarget, { kind: 'cluster' }>, role: RedisRole): Cluster {
  const { retryStrategy: _, sentinelRetryStrategy: __, ...options } = optionsOf(role);
  return new Cluster([...target.nodes], {
    clusterRetryStrategy: role === 'queue' ? () => null : reconnectDelay,
    redisOptions: {
      ...options,
      ...loginOf(target.login),
      family: target.family,
      ...(target.tls ? { tls: TLS } : {}),
    },
    // Names are checked against the certificate, so they must not have been looked up before.
    ...(target.tls ? { dnsLookup: (host, done) => done(null, host) } : {}),
  });
}
