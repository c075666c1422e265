import { randomUUID } from 'node:crypto';
import { link, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { BusyError, TerminalError } from '../../errors.ts';
import { keepFilesPrivate, makeFolderForReaders } from '../../permissions.ts';
import { applyMarts } from '../editions.ts';
import { Leases } from '../leases.ts';
import { identify, migrate, refuseCopy, refuseForeign } from '../migrate.ts';
import { damagedFile, damagedLog, notDuckDb, refuseDamagedLog } from './damage.ts';
import { engineErrorKind, lockHolder, shownMessage, translated } from './engine-error.ts';
import { Held } from './held.ts';
import { CHECKPOINT_THRESHOLD } from './log.ts';
import { Mutex } from './mutex.ts';
import { reopeningBy, untilFree, whileReopening } from './reopening.ts';
import { Session, type Statements } from './session.ts';

/**
 * Files attached in this process, at most one instance each.
 *
 * DuckDB's lock on a file is a POSIX one: it belongs to the process, a second instance on the same file is not refused
 * (committed rows were lost that way), and opening and closing the file by any other means gives the lock up. So:
 * one table of all attachments, `fromCache` (whose instances share DuckDB's own list of open files), and node:fs never
 * opens a warehouse; stat, link and rename do not.
 */

export interface AttachOptions {
  readonly path: string;
  readonly readOnly: boolean;
  /** With `readOnly`: what this process has attached for writing is shared too, and it is given back in a moment. */
  readonly sharesWriter: boolean;
  /** Such as `512MB`. Of several handles on one file the first one's counts. */
  readonly memoryLimit: string;
  readonly nowMs: () => number;
  /** Of one that only reads: its SQL may reach other files. Never together with SQL of somebody else. */
  readonly reachesFiles?: boolean;
}

export interface Attachment {
  readonly path: string;
  /** Another one after {@link renew}. */
  readonly instance: DuckDBInstance;
  /** Transactions that write take turns: DuckDB would fail one of two that meet. */
  readonly writes: Mutex;
  /** Leases on the sources that runs of this process are writing. */
  readonly leases: Leases;
}

interface Entry extends Attachment {
  instance: DuckDBInstance;
  readonly options: AttachOptions;
  /** Connections to the instance. */
  readonly sessions: Set<Session>;
  readonly readOnly: boolean;
  /** All of its handles are. */
  isBrief: boolean;
  /** Tells the file from one that has taken its place since, as a published copy does; empty when it is written to. */
  readonly file: string;
  handles: number;
}

const attached = new Set<Entry>();
/** Opening and closing one at a time, as `attached` is read and written around awaits. */
const turns = new Mutex();

/**
 * Attaches the file as `dest`, or shares what is attached already. Writable: creates a missing file and migrates.
 *
 * @returns the attachment, or who holds the file.
 * @throws {TerminalError} for a file that is not a warehouse of this program, or (read only) is missing.
 */
export function attach(options: AttachOptions): Promise<Attachment | Held> {
  return turns.run(async () => {
    const path = await canonicalPath(options.path);
    const file = options.readOnly ? await fileOf(path, options.reachesFiles === true) : '';
    const known = [...attached].filter((entry) => entry.path === path);
    const others = known.filter(({ readOnly }) => readOnly !== options.readOnly);
    const writer = options.readOnly && options.sharesWriter ? others[0] : undefined;
    if (others.length > 0 && writer === undefined) {
      return new Held(
        process.pid,
        others.every(({ isBrief }) => isBrief),
      );
    }
    const shared = writer ?? known.find((entry) => entry.file === file);
    if (shared !== undefined) {
      shared.handles++;
      shared.isBrief &&= options.sharesWriter;
      return shared;
    }
    const reopening = await reopeningBy(path);
    if (reopening !== null) return reopening;
    const instance = await openInstance(path, options);
    if (instance instanceof Held) return instance;
    const begun = await reopeningBy(path);
    if (begun !== null) {
      // Just then: it goes back to the run that is under way.
      instance.closeSync();
      return begun;
    }
    const entry = {
      path,
      file,
      instance,
      options,
      sessions: new Set<Session>(),
      readOnly: options.readOnly,
      isBrief: options.sharesWriter,
      writes: new Mutex(),
      leases: new Leases(),
      handles: 1,
    };
    attached.add(entry);
    return entry;
  });
}

/** Gives back one handle; the last one closes the file, which writes the WAL into it. Close its connections first. */
export function detach(attachment: Attachment): Promise<void> {
  return turns.run(async () => {
    const entry = [...attached].find((one) => one === attachment);
    if (entry === undefined || --entry.handles > 0) return;
    attached.delete(entry);
    entry.instance.closeSync();
  });
}

/**
 * Closes an instance that DuckDB calls invalidated and attaches the file anew, for all that share it; their next statements find the
 * new one. Does nothing when somebody has done so already.
 *
 * @param broken the instance that failed.
 * @throws {BusyError} when another process was faster.
 */
export function renew(attachment: Attachment, broken: DuckDBInstance): Promise<void> {
  return turns.run(async () => {
    const entry = [...attached].find((one) => one === attachment);
    if (entry === undefined || entry.instance !== broken) return;
    for (const session of entry.sessions) await session.lose();
    broken.closeSync();
    const instance = await openInstance(entry.path, entry.options);
    if (instance instanceof Held) {
      throw new BusyError(`another process has taken the warehouse ${entry.path}`, instance.pid);
    }
    entry.instance = instance;
  });
}

/**
 * Closes the file and opens it again, where one handle with one session is all there is: what DuckDB knows of each row group is in memory
 * as long as a file is open, and in no limit (100 to 150 MB of a million rows).
 *
 * @throws {BusyError} when another program has taken it, and keeps it.
 */
export function reopen(attachment: Attachment, session: Session): Promise<void> {
  return turns.run(async () => {
    const entry = [...attached].find((one) => one === attachment);
    if (entry === undefined || entry.handles > 1 || entry.sessions.size > 1) return;
    await session.without(async () => {
      await whileReopening(entry.path, async () => {
        entry.instance.closeSync();
        entry.instance = await untilFree(entry.path, () => openInstance(entry.path, entry.options));
      });
    });
  });
}

/**
 * As {@link reopen}, with all else that the instance has attached left in place. `sessions` are all there may be, and none of them is
 * within a transaction.
 *
 * @param statements of one of them; its unqualified names are those of the file afterwards.
 * @returns whether it was done.
 * @throws {BusyError} as there: nothing is attached as `dest` then.
 */
export function reattach(
  attachment: Attachment,
  sessions: readonly Session[],
  statements: Statements,
): Promise<boolean> {
  return turns.run(async () => {
    const entry = [...attached].find((one) => one === attachment);
    if (entry === undefined || entry.handles > 1 || entry.sessions.size > sessions.length) return false;
    return await whileReopening(entry.path, async () => {
      await statements.run('detach', undefined, 'use memory; detach dest');
      await untilFree(
        entry.path,
        async () => (await attachAs(entry.instance, entry.path, entry.readOnly)) ?? entry,
      );
      await statements.run('use dest', undefined, 'use dest');
    });
  });
}

/** Whether this process reads the file, under whatever name: of its own locks DuckDB knows by name only. */
export const isAttached = ({ dev, ino }: { readonly dev: number; readonly ino: number }): boolean =>
  [...attached].some(({ file }) => file.startsWith(`${dev} ${ino} `));

/** A connection whose unqualified names are those of the file. */
export async function connect(instance: DuckDBInstance): Promise<Session> {
  const entry = [...attached].find((one) => one.instance === instance);
  const open = async (): Promise<DuckDBConnection> => {
    const connection = await (entry?.instance ?? instance).connect();
    try {
      await connection.run('use dest');
      return connection;
    } catch (error) {
      connection.closeSync();
      throw translated(error, 'use dest');
    }
  };
  const session: Session = new Session(await open(), open, () => entry?.sessions.delete(session));
  entry?.sessions.add(session);
  return session;
}

/** One name a file, whatever links lead to it: the folder's real path, or the file's where it exists. */
async function canonicalPath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch {
    // It does not exist yet. Its folder may not either: then there is no link to follow.
    const folder = await realpath(dirname(absolute)).catch(() => dirname(absolute));
    return join(folder, basename(absolute));
  }
}

/** Of those that share an instance: one file, and one mode. */
async function fileOf(path: string, reachesFiles: boolean): Promise<string> {
  const found = await stat(path).catch(() => null);
  return `${found?.dev} ${found?.ino} ${reachesFiles}`;
}

async function openInstance(path: string, options: AttachOptions): Promise<DuckDBInstance | Held> {
  const found = await lookAt(path);
  if (options.readOnly && found !== 'file') throw missing(path);
  if (found !== 'file') await create(path, found, options);
  const instance = await newInstance(path, options);
  try {
    const held = options.readOnly
      ? await attachReadOnly(instance, path, options.reachesFiles === true)
      : await attachWritable(instance, path, options.nowMs);
    if (held !== null) instance.closeSync();
    return held ?? instance;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

const missing = (path: string): TerminalError =>
  new TerminalError(
    `there is no warehouse at ${path}: run \`tokenhouse sync\` first, or set WAREHOUSE to where it is.`,
  );

/** Every instance has its own memory: `fromCache` shares only named files. */
function newInstance(path: string, { memoryLimit, readOnly }: AttachOptions): Promise<DuckDBInstance> {
  keepFilesPrivate();
  return DuckDBInstance.fromCache(':memory:', {
    memory_limit: memoryLimit,
    // Full row groups of an insert are written when they are full, not gathered up to five.
    write_buffer_row_group_count: '1',
    // Commits of a sync are many and small: a second thread takes a fifth more of the processor and gains no time.
    ...(readOnly ? {} : { threads: '1' }),
    // A checkpoint puts small row groups together: in the middle of a load that is done again and again.
    max_vacuum_tasks: '0',
    checkpoint_threshold: CHECKPOINT_THRESHOLD,
    // Where a large sort spills; the default is `.tmp` in the working directory.
    temp_directory: `${path}.tmp`,
    // An unknown file must not make DuckDB fetch an extension from the network.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
}

/**
 * A fifteenth of DuckDB's own, and less than the default of BATCH_ROWS: the columns of a full row group go straight into the file when
 * a batch is inserted, and not through the log and a checkpoint as well, which took more than half of all loading time.
 */
const ROW_GROUP_ROWS = 8_192;

/**
 * DuckDB's own default is the format of 1.0, in which each checkpoint reads what it knows of every row group and writes it anew: of
 * 10 million rows 0.9 s after a run with 100 new ones, in this one 0.1 s. DuckDB 1.4 and newer open it. A file of the older format
 * is brought to this one.
 */
export const STORAGE = "storage_version 'v1.4.0'";

type Found = 'file' | 'nothing' | 'no bytes';

/** By path only: see above. */
async function lookAt(path: string): Promise<Found> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new TerminalError(`the warehouse ${path} cannot be reached: ${error.code ?? 'unknown reason'}`);
  });
  if (found?.isDirectory()) throw new TerminalError(`${path} is a folder: set WAREHOUSE to a file.`);
  // A device looks like an empty file, and would be replaced by one.
  if (found !== null && !found.isFile()) {
    throw new TerminalError(`${path} is no regular file: set WAREHOUSE to a file.`);
  }
  if (found !== null) return found.size === 0 ? 'no bytes' : 'file';
  if ((await stat(`${path}.wal`).catch(() => null)) !== null) {
    // DuckDB would delete it on creating the file, and with it whatever it holds.
    throw new TerminalError(
      `${path}.wal is there but ${path} is not: put the file back, or move the .wal away.`,
    );
  }
  return 'nothing';
}

/**
 * A new warehouse, made beside and put in place whole: a process killed in between leaves nothing that the next one
 * cannot open (DuckDB refuses a file whose header was not written to the end).
 */
async function create(path: string, found: 'nothing' | 'no bytes', options: AttachOptions): Promise<void> {
  const beside = `${path}.new-${process.pid}-${randomUUID().slice(0, 8)}`;
  try {
    // The folder is not the warehouse's alone: the published copy lies there as well.
    await makeFolderForReaders(dirname(path));
    const instance = await newInstance(beside, options);
    try {
      const held = await attachAs(instance, beside, false);
      if (held !== null) throw new TerminalError(`${beside} is held by another process`);
      await inSession(instance, async (statements) => {
        await migrate(statements, path, options.nowMs);
      });
    } finally {
      instance.closeSync();
    }
    await (found === 'nothing' ? linkOrRename(beside, path) : rename(beside, path));
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw new TerminalError(`the warehouse ${path} cannot be created: ${String(error.code)}`);
    }
    throw error;
  } finally {
    await rm(beside, { force: true });
    await rm(`${beside}.wal`, { force: true });
  }
}

/** A link fails where another process was faster, and its file stays; file systems without links get a rename. */
async function linkOrRename(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    await rename(from, to);
  }
}

/** A connection that is left open keeps the file, whatever is closed after it. */
async function inSession(
  instance: DuckDBInstance,
  work: (statements: Statements) => Promise<void>,
): Promise<void> {
  const session = await connect(instance);
  try {
    await session.exclusive(work);
  } finally {
    await session.close();
  }
}

async function attachReadOnly(
  instance: DuckDBInstance,
  path: string,
  reachesFiles: boolean,
): Promise<Held | null> {
  const held = await attachAs(instance, path, true);
  if (held !== null) return held;
  await refuseDamagedLog(path);
  await inSession(instance, async (statements) => {
    const file = await identify(statements);
    refuseForeign(file, path);
    if (file.kind === 'empty') throw missing(path);
    if (reachesFiles) return;
    // Whoever may run SQL here must not read other files with it, nor switch that back on.
    await statements.run(
      'lock',
      undefined,
      'set enable_external_access = false; set lock_configuration = true',
    );
  });
  return null;
}

async function attachWritable(
  instance: DuckDBInstance,
  path: string,
  nowMs: () => number,
): Promise<Held | null> {
  // Looked at read only first: writable, DuckDB would write another program's WAL into its file on closing.
  const held = await attachAs(instance, path, true);
  if (held !== null) return held;
  await refuseDamagedLog(path);
  await inSession(instance, async (statements) => {
    const file = await identify(statements);
    refuseForeign(file, path);
    refuseCopy(file, path);
    await statements.run('detach', undefined, 'use memory; detach dest');
  });
  const heldNow = await attachAs(instance, path, false);
  if (heldNow !== null) return heldNow;
  await inSession(instance, async (statements) => {
    await migrate(statements, path, nowMs);
    await applyMarts(statements, nowMs);
  });
  return null;
}

async function attachAs(instance: DuckDBInstance, path: string, readOnly: boolean): Promise<Held | null> {
  const connection = await instance.connect();
  try {
    await connection.run("set global TimeZone = 'UTC'");
    const quoted = path.replaceAll("'", "''");
    const mode = readOnly ? 'read_only' : `${STORAGE}, row_group_size ${ROW_GROUP_ROWS}`;
    await connection.run(`attach '${quoted}' as dest (type duckdb, ${mode})`);
    return null;
  } catch (error) {
    if (engineErrorKind(error) === 'locked') return new Held(lockHolder(error));
    throw unopened(error, path);
  } finally {
    connection.closeSync();
  }
}

function unopened(error: unknown, path: string): Error {
  const message = shownMessage(error);
  const damaged = damagedLog(message, path) ?? damagedFile(message, path);
  if (damaged !== null) return damaged;
  if (message.includes('not a valid DuckDB database file')) {
    return notDuckDb(path);
  }
  if (message.includes('database file with version number')) {
    return new TerminalError(
      `${path} is a file of another DuckDB version, which this one cannot read: nothing was changed. Update Tokenhouse.`,
    );
  }
  if (/permission denied|corrupt|encrypt|read-only/i.test(message)) {
    return new TerminalError(`the warehouse ${path} cannot be opened: ${message}`);
  }
  return translated(error, `opening ${path}`);
}
