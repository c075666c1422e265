/**
 * `node test/bench/read-while-sync.ts --seconds 600`: readers open, ask and close the published copy while syncs write the warehouse one after
 * the other. Says how often they read and how often a lock was in their way, which must be never; exits with 1 otherwise.
 * The emulator serves rows that go on arriving, so that each sync has some to load and a copy to publish.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openWarehouse } from '../../src/warehouse/open.ts';

const root = join(import.meta.dirname, '..', '..');
const program = join(root, 'src', 'cli', 'tokenhouse.js');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rows: { type: 'string', default: '50000' },
    rate: { type: 'string', default: '20' },
    reader: { type: 'string' },
  },
});
const secondsTotal = Number(values.seconds);

/** A process that reads until the time is over and says what it met. */
async function read(file: string): Promise<void> {
  const until = performance.now() + secondsTotal * 1000;
  let [reads, errors, last, least, most, slowestMs] = [0, 0, '', Number.MAX_SAFE_INTEGER, 0, 0];
  while (performance.now() < until) {
    const startedMs = performance.now();
    try {
      await using copy = await openWarehouse({ path: file, content: 'full', waitSeconds: 0, readOnly: true });
      const { rows } = await copy.query(
        'select count(*), sum(total_tokens), (select count(*) from main.completions) from main.completion_usage',
      );
      const [usage, , completions] = rows[0] ?? [];
      if (usage !== completions) throw new Error('half a copy');
      const held = Number(completions);
      if (held < most) throw new Error('an older copy after a newer one');
      [least, most] = [Math.min(least, held), held];
      reads += 1;
    } catch (error) {
      errors += 1;
      last = error instanceof Error ? error.message : 'unknown';
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  }
  console.log(
    JSON.stringify({
      reads,
      errors,
      last,
      rows_first: least,
      rows_last: most,
      slowest_ms: Math.round(slowestMs),
    }),
  );
}

async function output(child: ChildProcess): Promise<string> {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return Buffer.concat(chunks).toString();
}

async function emulate(): Promise<{ baseUrl: string; child: ChildProcess }> {
  const child = spawn(
    process.execPath,
    [
      ...[program, 'emulate', '--json', '--port', '0', '--rows', values.rows, '--rate', values.rate],
      ...['--live-minutes', String(Math.ceil(secondsTotal / 60) + 1)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  for await (const line of createInterface({ input: child.stdout })) {
    text += line;
    if (line === '}') break;
  }
  return { baseUrl: (JSON.parse(text) as { baseUrl: string }).baseUrl, child };
}

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenhouse-read-'));
  const api = await emulate();
  const environment = {
    ...process.env,
    OPENAI_BASE_URL: api.baseUrl,
    OPENAI_API_KEY: 'bench',
    WAREHOUSE: join(folder, 'bench.duckdb'),
    REQUESTS_PER_MINUTE: '1000000',
    SETTLE_MINUTES: '0',
    LOG_LEVEL: 'warn',
  };
  const sync = () =>
    spawn(process.execPath, [program, 'sync', '--json'], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  await output(sync());
  const copy = join(folder, 'bench.published.duckdb');
  const readers = [1, 2].map(() =>
    output(
      spawn(process.execPath, [import.meta.filename, '--reader', copy, '--seconds', values.seconds], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    ),
  );
  const until = performance.now() + secondsTotal * 1000;
  let [syncs, failed, rowsLoaded] = [0, 0, 0];
  while (performance.now() < until) {
    const [report] = JSON.parse(await output(sync())) as [{ exit_code: number; rows_inserted?: number }];
    syncs += 1;
    failed += report.exit_code === 0 || report.exit_code === 3 ? 0 : 1;
    rowsLoaded += report.rows_inserted ?? 0;
  }
  const read = (await Promise.all(readers)).map((text) => JSON.parse(text) as { errors: number });
  api.child.kill('SIGTERM');
  await once(api.child, 'exit');
  await rm(folder, { recursive: true, force: true });
  console.log(
    JSON.stringify(
      { seconds: secondsTotal, syncs, syncs_failed: failed, rows_loaded: rowsLoaded, readers: read },
      null,
      2,
    ),
  );
  process.exitCode = failed > 0 || read.some(({ errors }) => errors > 0) ? 1 : 0;
}

await (values.reader === undefined ? measure() : read(values.reader));
