/**
 * The queue without a server: PostgreSQL compiled to WebAssembly (PGlite) in a folder beside the warehouse. One process has it
 * open and lets the others of this machine in through a Unix socket; when that process goes, another one takes its place.
 */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runMigrations } from 'bullmq';
import pg from 'pg';
import { SettingsError, TerminalError, TransientError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { type FileLock, takeFileLock } from '../src/warehouse/engine/file-lock.ts';

/** The schema BullMQ keeps its tables in. */
const SCHEMA = 'bullmq';
/** What `pg` calls the socket of port 5432. */
const SOCKET_NAME = '.s.PGSQL.5432';
/** An address of a Unix socket holds 108 bytes, 104 on macOS. */
const SOCKET_PATH_MAX = 100;
/** Starting takes 1 to 4 s, the first time in a folder longest. */
const OPEN_MS_MAX = 60_000;
const POLL_MS = 200;
const CONNECTIONS_MAX = 100;

export interface EmbeddedQueue {
  /** For `pg.Pool`. Stays right when another process takes over. */
  readonly pool: pg.PoolConfig;
  close(): Promise<void>;
}

/** @param warehousePath WAREHOUSE; the folder is that with `.queue` behind it. */
export async function openEmbedded(
  warehousePath: string,
  log: Log,
  signal: AbortSignal,
): Promise<EmbeddedQueue> {
  if (process.platform === 'win32') {
    throw new SettingsError('the embedded queue does not run on Windows: set REDIS_URL or QUEUE_URL');
  }
  const folder = await folderOf(warehousePath);
  const member = new Member(folder, await socketFolderOf(folder), log);
  try {
    await member.join(AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS_MAX)]));
  } catch (error) {
    await member.leave();
    signal.throwIfAborted();
    if (!(error instanceof DOMException)) throw error;
    throw new TransientError(
      `the embedded queue in ${folder} is held by another process that does not answer: try again, or end that process`,
    );
  }
  return {
    pool: {
      host: member.socketFolder,
      port: 5432,
      user: 'postgres',
      database: 'postgres',
      options: `-c search_path=${SCHEMA}`,
    },
    close: () => member.leave(),
  };
}

async function folderOf(warehousePath: string): Promise<string> {
  const folder = `${warehousePath}.queue`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Jobs name sources and hold errors, and the socket asks for no password: who may enter the folder may use the queue.
    await chmod(folder, 0o700).catch(() => undefined);
    return await realpath(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new TerminalError(
      `the folder ${folder} of the embedded queue cannot be made (${code}): set WAREHOUSE to a place that may be written to, or REDIS_URL or QUEUE_URL`,
      { cause: error },
    );
  }
}

/** The folder itself, or where its path is too long for a socket one in the temporary folder that is ours alone. */
async function socketFolderOf(folder: string): Promise<string> {
  if (Buffer.byteLength(join(folder, SOCKET_NAME)) <= SOCKET_PATH_MAX) return folder;
  const { uid } = userInfo();
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const short = join(tmpdir(), `tokenhouse-${uid}-${name}`);
  await mkdir(short, { recursive: true, mode: 0o700 });
  const found = await lstat(short);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new TerminalError(
      `${short} is not a folder of this user alone: remove it, or set WAREHOUSE to a shorter path`,
    );
  }
  return short;
}

/** One process's part in it: the one that has the folder open, or one that is let in. */
class Member {
  readonly socketFolder: string;
  readonly #folder: string;
  readonly #log: Log;
  readonly #leaving = new AbortController();
  #host: Host | null = null;
  #watch: Socket | null = null;
  #taking: Promise<void> = Promise.resolve();
  #left: Promise<void> | null = null;

  constructor(folder: string, socketFolder: string, log: Log) {
    this.#folder = folder;
    this.socketFolder = socketFolder;
    this.#log = log;
  }

  async join(signal: AbortSignal): Promise<void> {
    const socketPath = join(this.socketFolder, SOCKET_NAME);
    for (;;) {
      signal.throwIfAborted();
      const lock = await takeFileLock(join(this.#folder, 'lock'));
      if (lock !== null) {
        this.#host = await startHost(this.#folder, socketPath, lock);
        this.#log.debug({ folder: this.#folder }, 'embedded queue opened');
        return;
      }
      const watch = await dial(socketPath);
      if (watch !== null) {
        this.#watch = watch;
        watch.once('close', () => this.#takeOver());
        return;
      }
      await sleep(POLL_MS, undefined, { signal });
    }
  }

  leave(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  async #leave(): Promise<void> {
    this.#leaving.abort();
    this.#watch?.destroy();
    await this.#taking.catch(() => undefined);
    await this.#host?.close();
  }

  #takeOver(): void {
    this.#watch = null;
    if (this.#leaving.signal.aborted) return;
    this.#taking = this.join(this.#leaving.signal).catch((error: unknown) => {
      if (!this.#leaving.signal.aborted) this.#log.error({ err: error }, 'the embedded queue is gone');
    });
  }
}

interface Host {
  close(): Promise<void>;
}

async function startHost(folder: string, socketPath: string, lock: FileLock): Promise<Host> {
  try {
    // Some megabytes of WebAssembly, which only the process that hosts the queue needs.
    const { PGlite } = await import('@electric-sql/pglite');
    const { PGLiteSocketServer } = await import('@electric-sql/pglite-socket');
    // Left behind by a process that was killed.
    await rm(socketPath, { force: true });
    const db = await PGlite.create(join(folder, 'postgres'));
    const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections: CONNECTIONS_MAX });
    await server.start();
    await prepare(socketPath);
    // All connections share one session, so what a connection asks for at its start is not heard.
    await db.exec(`set search_path to ${SCHEMA}`);
    return {
      async close() {
        await server.stop();
        await db.close();
        await rm(socketPath, { force: true });
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw new TerminalError(
      `the embedded queue in ${folder} cannot be opened (${error instanceof Error ? error.name : 'unknown error'}): remove that folder, its schedules come back from the settings; or set REDIS_URL or QUEUE_URL`,
      { cause: error },
    );
  }
}

async function prepare(socketPath: string): Promise<void> {
  const client = new pg.Client({
    host: join(socketPath, '..'),
    port: 5432,
    user: 'postgres',
    database: 'postgres',
  });
  await client.connect();
  try {
    await runMigrations(client as unknown as Parameters<typeof runMigrations>[0]);
  } finally {
    await client.end();
  }
}

/** @returns the connection, or null when nobody listens. */
function dial(socketPath: string): Promise<Socket | null> {
  return new Promise((done) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.off('error', refuse);
      socket.on('error', () => socket.destroy());
      socket.unref();
      done(socket);
    });
    const refuse = () => done(null);
    socket.once('error', refuse);
  });
}
