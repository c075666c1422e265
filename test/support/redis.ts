/** A real redis-server, as the README asks for it: what is written is kept, and nothing is evicted. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisServerPath } from './programs.ts';
import { onFreePort, removedLater, Server } from './server.ts';

export interface RedisOptions {
  /** Lines of redis.conf; they win over those given here. */
  readonly config?: readonly string[];
  /** A free one when absent. */
  readonly port?: number;
  /** Of the data; a new one when absent. */
  readonly dir?: string;
  readonly mode?: 'server' | 'sentinel';
  /** Lines that name certificate and key: then the port takes TLS and nothing else. */
  readonly tls?: readonly string[];
}

export interface RedisServer {
  /** Without a password: whoever sets one knows it. */
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** After `stop` or `kill` or from running: same port, same data. */
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
}

// Written to disk before the answer: a test that kills the server may count on what it was told.
const DURABLE = ['appendonly yes', 'appendfsync always', 'save ""', 'maxmemory-policy noeviction'];

export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  return options.port === undefined
    ? await onFreePort((port) => startOn(port, options))
    : await startOn(options.port, options);
}

async function startOn(port: number, options: RedisOptions): Promise<RedisServer> {
  if (redisServerPath === null) throw new Error('redis-server is not installed');
  const isSentinel = options.mode === 'sentinel';
  const dir = options.dir ?? removedLater(await mkdtemp(join(tmpdir(), 'tokenhouse-redis-')));
  const ports = options.tls === undefined ? [`port ${port}`] : ['port 0', `tls-port ${port}`];
  const lines = [
    ...ports,
    ...(options.tls ?? []),
    'bind 127.0.0.1',
    `dir ${dir}`,
    'daemonize no',
    'logfile ""',
  ];
  const conf = join(dir, 'redis.conf');
  const all = [...lines, ...(isSentinel ? [] : DURABLE), ...(options.config ?? [])];
  await writeFile(conf, `${all.join('\n')}\n`);
  const server = new Server({
    path: redisServerPath,
    args: isSentinel ? [conf, '--sentinel'] : [conf],
    cwd: dir,
    user: null,
    ready: isSentinel ? /\+monitor master/ : /Ready to accept connections/,
    stopSignal: 'SIGTERM',
  });
  await server.start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
  };
}
