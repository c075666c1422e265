/** What is measured and what serves it, each in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const root = join(import.meta.dirname, '..', '..');
const program = join(root, 'src', 'cli', 'tokenhouse.js');

/** A folder in the system's temporary one, removed at the end: `await using`. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tokenhouse-bench-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function outputOf(child: ChildProcess, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  const text = Buffer.concat(chunks).toString();
  if (text === '')
    throw new Error(`${what} ended with ${child.exitCode ?? child.signalCode} and said nothing`);
  return text;
}

export interface Emulated extends AsyncDisposable {
  readonly baseUrl: string;
}

/** `tokenhouse emulate` on a free port. */
export async function emulate(options: readonly string[]): Promise<Emulated> {
  const child = spawn(process.execPath, [program, 'emulate', '--json', '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { baseUrl } = await objectFrom<{ baseUrl: string }>(createInterface({ input: child.stdout }));
  return { baseUrl, [Symbol.asyncDispose]: () => stopped(child) };
}

/** The next JSON object of a stream of lines: on one line, or ended by a brace on a line of its own. */
async function objectFrom<T>(lines: Interface): Promise<T> {
  let text = '';
  for await (const line of lines) {
    text += line;
    if (line === '}' || /^\{.*\}$/.test(text)) return JSON.parse(text) as T;
  }
  throw new Error(`it ended before it was ready: ${text}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export interface GrowingServer extends Emulated {
  /** Lets so many new rows turn up, all of them within the settle window. */
  grow(rows: number): Promise<void>;
}

/** A server that has a few rows, and more when told to. */
export async function growingServer(rows: number): Promise<GrowingServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'growing-server.ts'), String(rows)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { baseUrl } = JSON.parse((await lines.next()).value as string) as { baseUrl: string };
  return {
    baseUrl,
    async grow(more) {
      child.stdin.write(`${more}\n`);
      await lines.next();
    },
    [Symbol.asyncDispose]: () => stopped(child),
  };
}

export interface Synced {
  /** Of the whole process: start-up and publishing are in it. */
  readonly seconds: number;
  /** Of the run alone, by its own clock. */
  readonly runSeconds: number;
  readonly peakMegabytes: number;
  readonly rowsInserted: number;
  readonly requests: number;
}

/**
 * `tokenhouse sync`, or another command that runs one, at its defaults, as a process of its own.
 *
 * @param folder holds the warehouse, `bench.duckdb`, and its copy.
 * @throws when the run does not land.
 */
export async function sync(
  baseUrl: string,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  command: readonly string[] = ['sync'],
): Promise<Synced> {
  const peakFile = join(folder, 'peak');
  await rm(peakFile, { force: true });
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'peak-memory.ts'), program, ...command, '--json'],
    {
      cwd: folder,
      env: {
        ...process.env,
        OPENAI_BASE_URL: baseUrl,
        OPENAI_API_KEY: 'bench',
        WAREHOUSE: join(folder, 'bench.duckdb'),
        REQUESTS_PER_MINUTE: '1000000',
        PEAK_FILE: peakFile,
        LOG_LEVEL: 'warn',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const text = await outputOf(child, 'sync');
  const seconds = (performance.now() - started) / 1000;
  const [report] = JSON.parse(text) as [
    { status: string; rows_inserted: number; requests: number; elapsed_ms: number; error?: string },
  ];
  if (report.status !== 'landed') throw new Error(`the run has ${report.status}: ${report.error ?? ''}`);
  return {
    seconds,
    runSeconds: report.elapsed_ms / 1000,
    peakMegabytes: Number(await readFile(peakFile, 'utf8')) / 1024,
    rowsInserted: report.rows_inserted,
    requests: report.requests,
  };
}

/** A script of this folder that prints one JSON object. */
export async function script<T>(name: string, ...options: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await outputOf(child, name)) as T;
}
