/**
 * Parts `e` and `h`: what a run with few new rows costs in a warehouse that holds many, and how fast a question is answered
 * there. Each warehouse begins with a sync of a server that has a few rows, so that its scope and coverage are a real
 * run's; the rows held are made in the engine, within what is covered: a run has the settle window to read, and no more.
 */
import { join } from 'node:path';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { type Figures, lower, median } from './figures.ts';
import { makingRows } from './made-rows.ts';
import { type GrowingServer, growingServer, sync, temporaryFolder } from './processes.ts';
import type { Sizes } from './sizes.ts';

const NEW_ROWS = 100;

const fileIn = (folder: string) => join(folder, 'bench.duckdb');

async function hold(rows: number, folder: string, api: GrowingServer): Promise<void> {
  await sync(api.baseUrl, folder, { PUBLISH_TO: 'none' });
  await using warehouse = await openWarehouse({
    path: fileIn(folder),
    content: 'full',
    waitSeconds: 0,
    memoryLimit: '6GB',
  });
  await warehouse.query("set memory_limit = '6GB'");
  // An hour before now: outside of the settle window.
  const now = new Date(Date.now() - 3_600_000).toISOString();
  for (const sql of makingRows({ rows, now, days: 29, source: "'openai'" })) await warehouse.query(sql);
}

/** @returns the median seconds of some runs, of the whole process, each with 100 rows more. */
async function grownRuns(
  api: GrowingServer,
  folder: string,
  runs: number,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const seconds: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await api.grow(NEW_ROWS);
    const synced = await sync(api.baseUrl, folder, environment);
    if (synced.rowsInserted !== NEW_ROWS)
      throw new Error(`${synced.rowsInserted} rows instead of ${NEW_ROWS}`);
    seconds.push(synced.seconds);
  }
  return median(seconds);
}

interface Held {
  readonly alone: number;
  readonly published: number;
}

async function heldRuns(rows: number, folder: string, runs: number): Promise<Held> {
  await using api = await growingServer(10);
  await hold(rows, folder, api);
  const alone = await grownRuns(api, folder, runs, { PUBLISH_TO: 'none' });
  // The first copy is made as a whole, at the cost of all rows: not what a run costs.
  await sync(api.baseUrl, folder);
  // Runs of a night or of an hour find a spare file that has rested; these follow each other at once.
  return { alone, published: await grownRuns(api, folder, runs, { PUBLISH_SPARE_MINUTES: '0' }) };
}

/** Median milliseconds of five times. */
async function timed(path: string, sql: string): Promise<number> {
  await using warehouse = await openWarehouse({ path, content: 'full', waitSeconds: 0, readOnly: true });
  const times: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const started = performance.now();
    await warehouse.query(sql);
    times.push(performance.now() - started);
  }
  return median(times);
}

export async function measureHeld({ heldRows: [fewer, more], heldRuns: runs }: Sizes): Promise<Figures> {
  await using few = await temporaryFolder();
  const small = await heldRuns(fewer, few.path, runs);
  await using many = await temporaryFolder();
  const large = await heldRuns(more, many.path, runs);
  const mart = await timed(
    join(many.path, 'bench.published.duckdb'),
    'select created_date, model, sum(total_tokens) from marts.usage_daily group by all',
  );
  const plain = await timed(
    fileIn(many.path),
    "select (created_at at time zone 'UTC')::date, model, sum(total_tokens) from main.completion_usage group by all",
  );
  return {
    new_rows_many_held_over_few: lower(large.alone / small.alone, { unit: 'ratio of seconds', wanted: 1.2 }),
    new_rows_many_held_over_few_published: lower(large.published / small.published, {
      unit: 'ratio of seconds',
      wanted: 1.2,
    }),
    new_rows_many_held_seconds: lower(large.alone, { unit: 's' }),
    new_rows_many_held_published_seconds: lower(large.published, { unit: 's' }),
    daily_usage_mart_ms: lower(mart, { unit: 'ms', wanted: 100 }),
    daily_usage_plain_ms: lower(plain, { unit: 'ms' }),
  };
}
