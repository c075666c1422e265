/** Probes of this machine: Node, DuckDB, the warehouse and its disk. None of them writes anything. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { WarehouseSettings } from '../../config.ts';
import { BusyError, TokenhouseError } from '../../errors.ts';
import { type Probe, probe } from '../../health/probe.ts';
import { engineVersion } from '../../warehouse/engine/engine.ts';
import { openWarehouse } from '../../warehouse/open.ts';
import { counted } from '../status-text.ts';

/** @param version of Node, with its `v`. */
export function probeNode(version: string): Probe {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return probe('node', 'ok', `Node ${version}`);
  return probe('node', 'failed', `Node ${version} is too old`, 'install Node 22.18 or newer');
}

export async function probeEngine(): Promise<Probe> {
  try {
    return probe('duckdb', 'ok', `DuckDB ${await engineVersion()}`);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown error';
    return probe(
      'duckdb',
      'failed',
      `DuckDB's native library does not run here (${name})`,
      'install again on this machine (`npm ci`): the library depends on system and processor',
    );
  }
}

/** Long enough that one more try is made, after which the holder is known. */
const WAIT_SECONDS = 0.3;

/** Whether a run could write to it. It is opened for reading, so that neither a file is made nor a schema changed. */
export async function probeWarehouse(settings: WarehouseSettings, signal: AbortSignal): Promise<Probe> {
  const path = resolve(settings.path);
  const found = await stat(path).catch(() => null);
  if (found === null || (found.isFile() && found.size === 0)) return probeMissing(path);
  let holder: number | null = null;
  try {
    await using warehouse = await openWarehouse({
      ...settings,
      readOnly: true,
      waitSeconds: WAIT_SECONDS,
      signal,
      onWaiting: (pid) => {
        holder = pid;
      },
    });
    const sources = await warehouse.listSources();
    const rows = sources.reduce((sum, source) => sum + source.rows, 0);
    if (!(await isWritable(path))) {
      return probe('warehouse', 'failed', `${path} may be read but not written`, mendRights(path));
    }
    return probe(
      'warehouse',
      'ok',
      `${path}, ${counted(rows, 'completion')} of ${counted(sources.length, 'source')}`,
    );
  } catch (error) {
    if (signal.aborted) throw error;
    return failedOpening(path, error, holder);
  }
}

async function probeMissing(path: string): Promise<Probe> {
  const folder = await existingFolder(path);
  if (folder !== null && (await isWritable(folder))) {
    return probe('warehouse', 'ok', `${path} is not there yet: the first sync makes it`);
  }
  return probe(
    'warehouse',
    'failed',
    `${path} cannot be made: ${folder ?? dirname(path)} is not a folder to write in`,
    mendRights(path),
  );
}

/** Errors of the warehouse name their remedy themselves, behind what is wrong; null: not this one. */
export function splitRemedy({ message }: TokenhouseError): { what: string; mend: string | null } {
  const [, what = message, mend = null] =
    /^(.*?)[.:] ((?:[Ss]et WAREHOUSE|Update |put (?:the file|a backup) |run `tokenhouse doctor ).*)$/s.exec(
      message,
    ) ?? [];
  return { what, mend };
}

function failedOpening(path: string, error: unknown, holder: number | null): Probe {
  if (error instanceof BusyError) {
    // A run at work is no defect. It is one when no run should be there.
    const who = holder === null ? 'another process' : `process ${holder}`;
    return probe(
      'warehouse',
      'warn',
      `${path} is in use by ${who}: fine when that is a run`,
      'wait for it to end, or end it: what it has committed stays',
    );
  }
  if (!(error instanceof TokenhouseError)) throw error;
  const { what, mend } = splitRemedy(error);
  return probe(
    'warehouse',
    'failed',
    what,
    mend ?? 'set WAREHOUSE to another file, or make this one readable',
  );
}

const mendRights = (path: string): string =>
  `give this user the right to write to ${path} and its folder, or set WAREHOUSE to a place that it may write to`;

const GIB = 1024 ** 3;

/** Room for what a sync adds, for what DuckDB spills beside the file, and for a copy of it. */
export async function probeDisk(settings: WarehouseSettings): Promise<Probe> {
  const path = resolve(settings.path);
  const folder = await existingFolder(path);
  if (folder === null) return probe('disk', 'skipped', 'the folder of the warehouse cannot be reached');
  if (!(await isWritable(folder))) {
    // The write-ahead log and what is spilled lie beside the file.
    return probe('disk', 'failed', `${folder} cannot be written to`, mendRights(path));
  }
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  const needed = Math.max(GIB, 2 * size);
  const what = `${gib(free)} free in ${folder}`;
  if (free >= needed) return probe('disk', 'ok', what);
  return probe(
    'disk',
    'failed',
    `${what}, ${gib(needed)} are needed`,
    `free space there, or set WAREHOUSE to a larger disk${size > 0 ? ' (move the file along)' : ''}`,
  );
}

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

/** The nearest folder above the path that exists: those below it would be made. */
async function existingFolder(path: string): Promise<string | null> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null);
    if (found !== null) return found.isDirectory() ? folder : null;
    if (folder === dirname(folder)) return null;
  }
}

/** By the path only: opening the file would give DuckDB's lock up. */
const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
