/**
 * `npm run bench`: speed and memory of the main job, as figures and as ratios within one run. Nothing is asserted.
 * The emulator runs in a process of its own, so that it is not what is measured.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const program = join(root, 'src', 'cli', 'tokenhouse.js');
const { values } = parseArgs({ options: { rows: { type: 'string', default: '200000' } } });
const rowsLarge = Number(values.rows);
const rowsSmall = rowsLarge / 4;

interface Emulated {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

async function emulate(options: readonly string[]): Promise<Emulated> {
  const child = spawn(process.execPath, [program, 'emulate', '--json', '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const line of createInterface({ input: child.stdout })) {
    text += line;
    if (line === '}') break;
  }
  const { baseUrl } = JSON.parse(text) as { baseUrl: string };
  return {
    baseUrl,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

interface Measured {
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly rowsInserted: number;
  readonly requests: number;
}

async function sync(baseUrl: string, folder: string, options: readonly string[] = []): Promise<Measured> {
  const peakFile = join(folder, 'peak');
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'peak-memory.ts'), program, 'sync', '--json', ...options],
    {
      cwd: folder,
      env: {
        ...process.env,
        OPENAI_BASE_URL: baseUrl,
        OPENAI_API_KEY: 'bench',
        WAREHOUSE: join(folder, 'bench.duckdb'),
        REQUESTS_PER_MINUTE: '1000000',
        PEAK_FILE: peakFile,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'exit');
  const seconds = (performance.now() - started) / 1000;
  const [report] = JSON.parse(Buffer.concat(chunks).toString()) as [
    { rows_inserted: number; requests: number },
  ];
  const peakMegabytes = Number(await readFile(peakFile, 'utf8')) / 1024;
  return { seconds, peakMegabytes, rowsInserted: report.rows_inserted, requests: report.requests };
}

/** The loop every SDK has: a page at a time, the last id as cursor, nothing kept. Loses ties; here for its speed. */
async function bareWalk(baseUrl: string): Promise<{ seconds: number; requests: number; rows: number }> {
  const started = performance.now();
  const ids = new Set<string>();
  let requests = 0;
  for (let after: string | null = null; ; ) {
    const url = `${baseUrl}/chat/completions?order=desc&limit=100${after === null ? '' : `&after=${after}`}`;
    const response = await fetch(url, { headers: { authorization: 'Bearer bench' } });
    const page = (await response.json()) as { data: { id: string }[]; has_more: boolean };
    requests += 1;
    for (const row of page.data) ids.add(row.id);
    after = page.data.at(-1)?.id ?? null;
    if (!page.has_more || after === null) break;
  }
  return { seconds: (performance.now() - started) / 1000, requests, rows: ids.size };
}

const round = (value: number, digits = 1) => Number(value.toFixed(digits));
const folders: string[] = [];
const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'tokenhouse-bench-'));
  folders.push(made);
  return made;
};

const figures: Record<string, number> = {};
for (const [name, rows] of [
  ['small', rowsSmall],
  ['large', rowsLarge],
] as const) {
  const api = await emulate(['--rows', String(rows), '--days', '29']);
  const place = await folder();
  const first = await sync(api.baseUrl, place);
  figures[`${name}_rows`] = first.rowsInserted;
  figures[`${name}_peak_megabytes`] = round(first.peakMegabytes);
  figures[`${name}_rows_per_second`] = round(first.rowsInserted / first.seconds, 0);
  const again = await sync(api.baseUrl, place);
  figures[`${name}_second_run_seconds`] = round(again.seconds, 2);
  if (name === 'large') {
    const bare = await bareWalk(api.baseUrl);
    figures['bare_walk_rows_per_second'] = round(bare.rows / bare.seconds, 0);
    figures['sync_time_over_bare_walk'] = round(first.seconds / bare.seconds, 2);
  }
  await api.stop();
}
figures['peak_large_over_small'] = round(
  (figures['large_peak_megabytes'] ?? 0) / (figures['small_peak_megabytes'] ?? 1),
  2,
);
figures['second_run_large_over_small'] = round(
  (figures['large_second_run_seconds'] ?? 0) / (figures['small_second_run_seconds'] ?? 1),
  2,
);

const ties = await emulate(['--rows', '5000', '--rate', '5']);
const safe = await sync(ties.baseUrl, await folder());
const losing = await bareWalk(ties.baseUrl);
await ties.stop();
figures['ties_requests_over_losing_loop'] = round(safe.requests / losing.requests, 2);
figures['ties_rows_lost'] = 5_000 - safe.rowsInserted;
figures['ties_rows_lost_by_losing_loop'] = 5_000 - losing.rows;

for (const made of folders) await rm(made, { recursive: true, force: true });
console.log(JSON.stringify(figures, null, 2));
