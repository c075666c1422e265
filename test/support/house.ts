/**
 * The whole house in one test: the emulator over HTTP, the command line in this process, a DuckDB file in a folder of
 * its own. One clock for all of it, which stands still unless a test moves it.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import type { EmulatorOptions } from '../../src/emulator/options.ts';
import type { SqlRow } from '../../src/warehouse/engine/session.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { rows as rowsOf, temporaryWarehouse } from '../warehouse/support.ts';
import { launched, type Started, started } from './shell.ts';
import { TextSink } from './streams.ts';

/** 2025-06-15T15:06:40Z */
export const NOW = 1_750_000_000;
/** The newest generated row's `created`: older than the settle window. */
export const NEWEST = NOW - 7_200;

/** Half of a short run is compiling it; this cache is the tests' own. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(tmpdir(), 'tokenhouse-compile-cache') };

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const reportShape = z.object({
  source: z.string(),
  status: z.string(),
  exit_code: z.number(),
  run_id: z.string().optional(),
  rows_read: z.number().default(0),
  rows_inserted: z.number().default(0),
  rows_updated: z.number().default(0),
  rows_rejected: z.number().default(0),
  rows_deleted: z.number().default(0),
  pages: z.number().default(0),
  requests: z.number().default(0),
  unproven_seconds: z.number().default(0),
  gaps: z
    .array(z.object({ kind: z.string(), from: z.string(), rows_missing_estimate: z.number().nullable() }))
    .default([]),
  error: z.string().optional(),
});
export type Report = z.infer<typeof reportShape>;

export interface Synced extends Ended {
  /** Of the only source; of the first one when there are several. */
  readonly report: Report;
}

export interface RunSettings {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface House {
  readonly emulator: Emulator;
  /** The DuckDB file. */
  readonly path: string;
  /** Server's and client's clock, Unix seconds. */
  now: number;
  /** What the command needs to find the emulator and the file. */
  environment(more?: Readonly<Record<string, string>>): Record<string, string>;
  tokenhouse(args: readonly string[], settings?: RunSettings): Promise<Ended>;
  /** The same as a process of its own, with the machine's clock: give `--since`, as the rows are of 2025. */
  start(args: readonly string[], settings?: Pick<RunSettings, 'env'>): Started;
  /** `tokenhouse sync --json`. */
  sync(settings?: RunSettings): Promise<Synced>;
  /** `tokenhouse backfill --json --reread` of everything. */
  reread(settings?: RunSettings): Promise<Synced>;
  /** Opens the file for reading, asks, closes. */
  query(sql: string): Promise<readonly SqlRow[]>;
}

/**
 * Its warehouse is there, and empty; remove the file to have a command make it.
 *
 * @param options of the emulator; its clock is the house's.
 */
export async function houseOf(options: EmulatorOptions = {}): Promise<House> {
  const path = await temporaryWarehouse('priced');
  // A developer's own .env must not reach a test.
  const envFile = join(dirname(path), 'empty.env');
  writeFileSync(envFile, '');
  const clock = { now: NOW };
  const emulator = await startEmulator({
    nowSeconds: () => clock.now,
    ...options,
    generate: { endSeconds: NEWEST, ...options.generate },
  });
  onTestFinished(() => emulator.close());
  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    OPENAI_BASE_URL: emulator.baseUrl,
    OPENAI_API_KEY: 'any',
    WAREHOUSE: path,
    REQUESTS_PER_MINUTE: '1000000',
    // A copy after every sync of every test would double their time; those of the copy set it to nothing, which is the default.
    PUBLISH_TO: 'none',
    ...more,
  });
  const tokenhouse = async (args: readonly string[], { env, signal }: RunSettings = {}): Promise<Ended> => {
    const [stdout, stderr] = [new TextSink(), new TextSink()];
    const code = await runProgram(['--settings', envFile, ...args], COMMANDS, {
      environment: environment(env),
      stdout,
      stderr,
      signal: signal ?? new AbortController().signal,
      now: () => clock.now * 1000,
    });
    return { code, stdout: stdout.text, stderr: stderr.text };
  };
  const ran = async (args: readonly string[], settings: RunSettings = {}): Promise<Synced> => {
    const ended = await tokenhouse([...args, ...(settings.args ?? [])], settings);
    return { ...ended, report: reportOf(ended) };
  };
  return {
    emulator,
    path,
    get now() {
      return clock.now;
    },
    set now(second: number) {
      clock.now = second;
    },
    environment,
    tokenhouse,
    start: (args, { env } = {}) =>
      started(process.execPath, [...launched, '--settings', envFile, ...args], {
        env: { ...COMPILE_CACHE, ...environment(env) },
      }),
    sync: (settings) => ran(['--json', 'sync'], settings),
    reread: (settings) => ran(['--json', 'backfill', '--since', '1970-01-01', '--reread'], settings),
    query: (sql) => query(path, sql),
  };
}

export function reportOf({ stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>): Report {
  if (stdout === '') throw new Error(`the command printed no report: ${stderr}`);
  const [report] = z.array(reportShape).parse(JSON.parse(stdout));
  if (report === undefined) throw new Error('the report is empty');
  return report;
}

const openToRead = (path: string) =>
  openWarehouse({ path, content: 'full', waitSeconds: 10, readOnly: true });

async function query(path: string, sql: string): Promise<readonly SqlRow[]> {
  await using warehouse = await openToRead(path);
  return await rowsOf(warehouse, sql);
}

/** How the warehouse stands to what the server has. */
export interface Comparison {
  readonly rows: number;
  /** Ids the server has and the warehouse lacks. */
  readonly lost: readonly string[];
  /** Rows beyond one of each (source, id). */
  readonly twice: number;
  /** Ids the warehouse has and the server lacks. */
  readonly foreign: readonly string[];
  /** Lost ids whose second coverage calls read in full: never allowed, whatever happened. */
  readonly falselyProven: readonly string[];
  /** Lost ids whose second no open gap reports. */
  readonly unreported: readonly string[];
}

const NOTHING_WRONG: Omit<Comparison, 'rows'> = {
  lost: [],
  twice: 0,
  foreign: [],
  falselyProven: [],
  unreported: [],
};
/** Every row of the server once, and nothing else. */
export const complete = (emulator: Emulator): Comparison => ({ ...NOTHING_WRONG, rows: emulator.store.size });

export async function compare({ path, emulator }: Pick<House, 'path' | 'emulator'>): Promise<Comparison> {
  await using warehouse = await openToRead(path);
  const held = (await warehouse.query('select id from main.completions')).rows.map(([id]) => String(id));
  const ranges = async (table: string): Promise<readonly { from: number; to: number }[]> =>
    (await warehouse.query(`select from_second, to_second from ${table}`)).rows.map(([from, to]) => ({
      from: Number(from),
      to: Number(to),
    }));
  const covered = secondsTest(await ranges('sync.coverage'));
  const inGap = secondsTest(await ranges('(from sync.gaps where resolved_at is null)'));
  const { store } = emulator;
  const ids = new Set(held);
  const lost = [...store.rows()].filter((row) => !ids.has(store.idOf(row)));
  const idsOf = (rows: typeof lost) => rows.map((row) => store.idOf(row));
  return {
    rows: held.length,
    lost: idsOf(lost),
    twice: held.length - ids.size,
    foreign: [...ids].filter((id) => store.find(id) === null),
    falselyProven: idsOf(lost.filter((row) => covered(store.createdOf(row)))),
    unreported: idsOf(lost.filter((row) => !inGap(store.createdOf(row)))),
  };
}

const secondsTest =
  (ranges: readonly { from: number; to: number }[]) =>
  (second: number): boolean =>
    ranges.some(({ from, to }) => from <= second && second <= to);

/** The pages an ideal walk needs. */
export const idealRequests = (rows: number, pageSize: number): number => Math.ceil(rows / pageSize);
