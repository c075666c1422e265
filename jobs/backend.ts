/** Where the queue is kept: Redis, PostgreSQL or an embedded PostgreSQL. Everything else in jobs/ is the same for all three. */
import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  type Processor,
  Queue,
  type RedisQueueBackend,
  runMigrations,
  type Telemetry,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import pg from 'pg';
import { parseRedisUrl } from '../src/config/redis-url.ts';
import type { QueueSettings } from '../src/config.ts';
import { TransientError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { type EmbeddedQueue, openEmbedded } from './embedded.ts';
import { queueError } from './queue-errors.ts';
import { connectRedis, describeTarget, prefixOf, untilReady } from './redis-connection.ts';

export type BackendKind = 'redis' | 'postgres' | 'embedded';

/** What `worker` waits for and a `command` does not: a server that is away. */
export type BackendRole = 'worker' | 'command';

export interface Backend {
  readonly kind: BackendKind;
  /** For people: where, without a password. */
  readonly label: string;
  openQueue<Data, Result, Name extends string>(name: string): Queue<Data, Result, Name>;
  openWorker<Data, Result, Name extends string>(
    name: string,
    processor: Processor<Data, Result, Name>,
    options: Omit<WorkerOptions, 'connection' | 'prefix' | 'telemetry'>,
  ): Worker<Data, Result, Name>;
  /** @throws {TransientError} when the server does not answer. */
  ping(): Promise<void>;
  /** After all queues and workers of it are closed. */
  close(): Promise<void>;
}

export interface BackendQuestion {
  readonly settings: QueueSettings;
  /** WAREHOUSE: the embedded queue lies beside it. */
  readonly warehousePath: string;
  readonly role: BackendRole;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly telemetry?: Telemetry;
}

/** Jobs that wait, workers that listen and one for each query that runs meanwhile. */
const POSTGRES_CONNECTIONS_MAX = 12;
const CONNECT_MS_MAX = 5_000;
/** A worker asks again after this long at the latest, should a notification be lost. */
const POSTGRES_BLOCK_SECONDS = 10;
/** PGlite's one session hands no notification on: the worker has to ask. */
const EMBEDDED_BLOCK_SECONDS = 1;

/**
 * Connects, and brings the tables of a PostgreSQL up to date.
 *
 * @throws {TransientError} when the server does not answer; {@link TerminalError} when it refuses: both name the setting.
 */
export async function openBackend(question: BackendQuestion): Promise<Backend> {
  const { settings, warehousePath, log, signal } = question;
  if (settings.redisUrl !== null) return openRedis(settings.redisUrl, question);
  if (settings.postgresUrl !== null) {
    const pool = { connectionString: settings.postgresUrl, options: '-c search_path=bullmq' };
    return openPostgres('postgres', labelOf(settings.postgresUrl), pool, null, question);
  }
  const embedded = await openEmbedded(warehousePath, log, signal);
  return openPostgres('embedded', `embedded in ${warehousePath}.queue`, embedded.pool, embedded, question);
}

async function openRedis(url: string, { role, telemetry }: BackendQuestion): Promise<Backend> {
  const target = parseRedisUrl(url);
  const connection = connectRedis(target, role === 'worker' ? 'worker' : 'queue');
  await untilReady(connection);
  // Also BullMQ's type, but for private members of another copy of the same class.
  const shared = {
    connection: connection as unknown as ConnectionOptions,
    prefix: prefixOf(target),
    ...(telemetry === undefined ? {} : { telemetry }),
  };
  return {
    kind: 'redis',
    label: describeTarget(target),
    openQueue: (name) => quiet(new Queue(name, shared)),
    openWorker: (name, processor, options) => new Worker(name, processor, { ...options, ...shared }),
    async ping() {
      // A worker's connection would wait with the answer until its server is back.
      if (connection.status !== 'ready') {
        throw new TransientError('Redis does not answer (REDIS_URL); trying again');
      }
      try {
        await connection.ping();
      } catch (error) {
        throw queueError(error, 'REDIS_URL');
      }
    },
    async close() {
      connection.disconnect();
    },
  };
}

async function openPostgres(
  kind: 'postgres' | 'embedded',
  label: string,
  config: pg.PoolConfig,
  embedded: EmbeddedQueue | null,
  { telemetry }: BackendQuestion,
): Promise<Backend> {
  const pool = new pg.Pool({
    ...config,
    max: POSTGRES_CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    // A server that vanished is else noticed after two hours.
    keepAlive: true,
  });
  // Each queue and worker listens.
  pool.setMaxListeners(0);
  // An idle connection that breaks; what runs on one gets an error of its own.
  pool.on('error', () => {});
  const close = async () => {
    await pool.end();
    await embedded?.close();
  };
  try {
    if (kind === 'postgres') await migrate(pool);
    else await pool.query('select 1');
  } catch (error) {
    await close();
    throw queueError(error, 'QUEUE_URL');
  }
  const factory = cappedFactory(kind === 'embedded' ? EMBEDDED_BLOCK_SECONDS : POSTGRES_BLOCK_SECONDS);
  const shared = {
    connection: pool as unknown as ConnectionOptions,
    ...(telemetry === undefined ? {} : { telemetry }),
  };
  const drainDelay = kind === 'embedded' ? EMBEDDED_BLOCK_SECONDS : POSTGRES_BLOCK_SECONDS / 2;
  return {
    kind,
    label,
    openQueue: (name) => quiet(new Queue(name, shared, factory)),
    openWorker: (name, processor, options) =>
      new Worker(name, processor, { drainDelay, ...options, ...shared }, factory),
    async ping() {
      try {
        await pool.query('select 1');
      } catch (error) {
        throw queueError(error, 'QUEUE_URL');
      }
    },
    close,
  };
}

async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client as unknown as Parameters<typeof runMigrations>[0]);
  } finally {
    client.release();
  }
}

/**
 * BullMQ's PostgreSQL backend, which asks again no later than after `seconds`. By itself it may wait an hour for a notification:
 * with a job due tomorrow in the queue, one added now would lie there so long when its notification is lost.
 */
function cappedFactory(seconds: number): BackendFactory<RedisQueueBackend> {
  const capped: typeof createPostgresBackend = (...args) => {
    const backend = createPostgresBackend(...args);
    Object.defineProperty(backend, 'maximumBlockTimeout', { get: () => seconds });
    return backend;
  };
  // The queue's methods are the same whichever backend is below; naming one type spares a parameter on everything in jobs/.
  return capped as unknown as BackendFactory<RedisQueueBackend>;
}

/** Errors of a connection come as rejected calls as well. Without a listener the event would end the process. */
function quiet<Q extends Queue>(queue: Q): Q {
  queue.on('error', () => {});
  return queue;
}

function labelOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `PostgreSQL at ${host || 'a local socket'}${pathname.length > 1 ? `, database ${pathname.slice(1)}` : ''}`;
}
