/** `tokenhouse doctor`: whether the queue that the settings name can be relied on. Writes nothing to it. */
import pg from 'pg';
import { parseRedisUrl } from '../src/config/redis-url.ts';
import type { QueueSettings } from '../src/config.ts';
import { TokenhouseError } from '../src/errors.ts';
import { type Probe, probe } from '../src/health/probe.ts';
import { type QueueSetting, queueError } from './queue-errors.ts';
import { connectRedis, describeTarget, type RedisClient, untilReady } from './redis-connection.ts';

export async function probeQueue({
  redisUrl,
  postgresUrl,
}: Pick<QueueSettings, 'redisUrl' | 'postgresUrl'>): Promise<Probe> {
  if (redisUrl !== null) return await orFailed('REDIS_URL', () => probeRedis(redisUrl));
  if (postgresUrl !== null) return await orFailed('QUEUE_URL', () => probePostgres(postgresUrl));
  return probe('queue', 'skipped', 'embedded beside the warehouse: neither REDIS_URL nor QUEUE_URL is set');
}

async function orFailed(setting: QueueSetting, ask: () => Promise<Probe>): Promise<Probe> {
  try {
    return await ask();
  } catch (error) {
    const told = queueError(error, setting);
    if (!(told instanceof TokenhouseError)) throw error;
    // Our sentences say what is wrong, a colon, and the remedy.
    const [what = '', ...mend] = told.message.split(': ');
    return probe('queue', 'failed', what, mend.join(': ') || `check ${setting}`);
  }
}

async function probeRedis(url: string): Promise<Probe> {
  const target = parseRedisUrl(url);
  const client = connectRedis(target, 'queue');
  try {
    await untilReady(client);
    const nodes = client.isCluster
      ? (client as Extract<RedisClient, { nodes: unknown }>).nodes('master')
      : [client];
    const found = await Promise.all(nodes.map(askRedis));
    return judgeRedis(describeTarget(target), found);
  } finally {
    client.disconnect();
  }
}

/** What a Redis says of itself; null: it does not say, as a managed one may. */
export interface RedisFacts {
  readonly product: 'Redis' | 'Valkey' | 'Dragonfly';
  readonly version: string;
  readonly isReplica: boolean;
  readonly evictionPolicy: string | null;
  readonly persistence: 'aof' | 'snapshots' | 'none' | null;
  readonly latencyMs: number;
}

async function askRedis(client: RedisClient): Promise<RedisFacts> {
  const startedAt = performance.now();
  await client.ping();
  const latencyMs = performance.now() - startedAt;
  const info = fieldsOf(await client.info());
  const save = await configOf(client, 'save');
  const isAppending = info.get('aof_enabled') === '1';
  const [product, version] = productOf(info);
  return {
    product,
    version,
    isReplica: info.get('role') === 'slave',
    evictionPolicy: info.get('maxmemory_policy') ?? (await configOf(client, 'maxmemory-policy')),
    persistence: isAppending ? 'aof' : save === null ? null : save === '' ? 'none' : 'snapshots',
    latencyMs,
  };
}

function productOf(info: ReadonlyMap<string, string>): [RedisFacts['product'], string] {
  const valkey = info.get('valkey_version');
  if (valkey !== undefined) return ['Valkey', valkey];
  const dragonfly = info.get('dragonfly_version');
  if (dragonfly !== undefined) return ['Dragonfly', dragonfly.replace(/^df-v?/, '')];
  return ['Redis', info.get('redis_version') ?? ''];
}

const fieldsOf = (info: string): ReadonlyMap<string, string> =>
  new Map(info.split(/\r?\n/).map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1)]));

/** null: CONFIG is forbidden, as it is on most managed servers. */
async function configOf(client: RedisClient, name: string): Promise<string | null> {
  try {
    const reply = await client.config('GET', name);
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : null;
  } catch {
    return null;
  }
}

/** The worst of what the nodes say; each way a queue is lost says how to mend it. */
export function judgeRedis(where: string, nodes: readonly RedisFacts[]): Probe {
  const failed = nodes.map(faultOf).find((fault) => fault !== null);
  if (failed !== undefined) return probe('queue', 'failed', `${where}: ${failed.what}`, failed.mend);
  const doubts = nodes.map(doubtOf).find((doubt) => doubt !== null);
  if (doubts !== undefined) return probe('queue', 'warn', `${where}: ${doubts.what}`, doubts.mend);
  const [first] = nodes;
  const latency = Math.max(...nodes.map(({ latencyMs }) => latencyMs));
  const kept = nodes.some(({ persistence }) => persistence === null)
    ? 'persistence unknown (CONFIG is forbidden)'
    : nodes.some(({ persistence }) => persistence === 'snapshots')
      ? 'kept by snapshots'
      : 'kept by append-only file';
  const policy = nodes.some(({ evictionPolicy }) => evictionPolicy === null) ? 'unknown' : 'noeviction';
  return probe(
    'queue',
    'ok',
    `${where}: ${first?.product} ${first?.version}, ${latencyText(latency)}, maxmemory-policy ${policy}, ${kept}`,
  );
}

interface Finding {
  readonly what: string;
  readonly mend: string;
}

function faultOf({ product, version, isReplica, evictionPolicy }: RedisFacts): Finding | null {
  if (product === 'Redis' && isOlder(version, 5, 0)) {
    return {
      what: `Redis ${version} is too old`,
      mend: 'update it: 5.0 is the oldest that will do, 6.2 is better',
    };
  }
  if (isReplica) return { what: 'a replica, which takes no writes', mend: 'let REDIS_URL name the primary' };
  if (evictionPolicy !== null && evictionPolicy !== 'noeviction') {
    return {
      what: `maxmemory-policy is ${evictionPolicy}: Redis may throw jobs and schedules away`,
      mend: 'set maxmemory-policy noeviction in redis.conf',
    };
  }
  return null;
}

const LATENCY_MS_MAX = 250;

function doubtOf({ product, version, persistence, latencyMs }: RedisFacts): Finding | null {
  if (persistence === 'none') {
    return {
      what: 'it keeps nothing on disk: a restart forgets the queued jobs',
      mend: 'set appendonly yes in redis.conf',
    };
  }
  if (product === 'Redis' && isOlder(version, 6, 2)) {
    return { what: `Redis ${version} is old`, mend: 'update it to 6.2 or newer' };
  }
  if (latencyMs > LATENCY_MS_MAX) {
    return {
      what: `it takes ${latencyText(latencyMs)} to answer`,
      mend: 'put worker and Redis closer together',
    };
  }
  return null;
}

const latencyText = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

function isOlder(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

const SECONDS_MAX = 5;
/** BullMQ's own name for it. */
const SCHEMA = 'bullmq';
const POSTGRES_MAJOR_MIN = 13;

const ABOUT_POSTGRES = `
  select current_setting('server_version') as version,
         current_setting('server_version_num')::int / 10000 as major,
         pg_is_in_recovery() as standby,
         current_database() as database,
         has_database_privilege(current_database(), 'CREATE') as may_create,
         (select has_schema_privilege(oid, 'USAGE') and has_schema_privilege(oid, 'CREATE')
          from pg_namespace where nspname = $1) as may_use`;

interface PostgresFacts {
  readonly version: string;
  readonly major: number;
  readonly standby: boolean;
  readonly database: string;
  readonly may_create: boolean;
  /** null: the schema is not there yet. */
  readonly may_use: boolean | null;
}

async function probePostgres(url: string): Promise<Probe> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tokenhouse doctor',
    connectionTimeoutMillis: SECONDS_MAX * 1_000,
    query_timeout: SECONDS_MAX * 1_000,
  });
  // A connection that is lost in between rejects the query as well.
  client.on('error', () => {});
  try {
    await client.connect();
    const startedAt = performance.now();
    const [facts] = (await client.query<PostgresFacts>(ABOUT_POSTGRES, [SCHEMA])).rows;
    if (facts === undefined) throw new Error('PostgreSQL gave no row');
    return judgePostgres(facts, performance.now() - startedAt);
  } finally {
    await client.end().catch(() => {});
  }
}

function judgePostgres(facts: PostgresFacts, latencyMs: number): Probe {
  const { version, major, standby, database, may_create, may_use } = facts;
  const where = `PostgreSQL ${version.split(' ')[0]}`;
  const fail = (what: string, mend: string): Probe => probe('queue', 'failed', `${where}: ${what}`, mend);
  if (major < POSTGRES_MAJOR_MIN) return fail('too old', `update it to ${POSTGRES_MAJOR_MIN} or newer`);
  if (standby) return fail('a standby, which takes no writes', 'let QUEUE_URL name the primary');
  if (may_use === false) {
    return fail(
      `its user may not write to the schema ${SCHEMA}`,
      `make the user of QUEUE_URL its owner: alter schema ${SCHEMA} owner to …`,
    );
  }
  if (may_use === null && !may_create) {
    return fail(
      `its user may not make the schema ${SCHEMA}`,
      `grant it: grant create on database ${database} to …`,
    );
  }
  const schema =
    may_use === null ? `the first worker makes the schema ${SCHEMA}` : `schema ${SCHEMA} is there`;
  return probe('queue', 'ok', `${where}, ${latencyText(latencyMs)}, ${schema}`);
}
