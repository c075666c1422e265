import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { everyNth, failing, nextRequests, rateLimited } from '../../src/emulator/faults.ts';
import { keepHealth } from '../../src/observe/health.ts';
import { createMetrics, type MetricsOptions } from '../../src/observe/metrics.ts';
import { packageVersion } from '../../src/package.ts';
import { createHttpServer } from '../../src/web/server.ts';
import { type House, houseOf, NEWEST } from '../support/house.ts';
import { runInHouse, SILENT } from '../support/run-in-house.ts';
import { familiesOf, lineOf, numberOf } from './prometheus.ts';

const DAY = 86_400;

async function measured(house: House, over: Partial<MetricsOptions> = {}) {
  const config = loadConfig(house.environment({ ENDPOINT: 'openai' }));
  const nowMs = () => house.now * 1000;
  const health = keepHealth({ warehouse: config.warehouse, nowMs });
  onTestFinished(() => health.close());
  const metrics = createMetrics({
    nowMs,
    sources: config.sources,
    settleSeconds: 1_800,
    warehousePath: house.path,
    health,
    ...over,
  });
  return { metrics, health };
}

const source = 'openai';

test('a scrape over HTTP parses, each family with its help, named as Prometheus wants them', async () => {
  const house = await houseOf({ rows: 250 });
  const { metrics, health } = await measured(house, {
    jobStates: async () => ({ sync: { waiting: 2, failed: 0 } }),
    published: () => ({ file: { publishedAtMs: 1_000, bytes: 77 }, isStale: true }),
  });
  await runInHouse(house, { environment: { observer: metrics.observer } });
  await health.refresh();
  const server = createHttpServer({
    settings: { host: '127.0.0.1', port: 0, token: null },
    metrics,
    checks: [],
    log: SILENT,
  });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const ours = familiesOf(text).filter(({ name }) => name.startsWith('tokenhouse_'));
  expect(ours.length).toBeGreaterThan(25);
  for (const { name, help, type, metrics: samples } of ours) {
    expect(name).toMatch(/^tokenhouse_[a-z_]+$/);
    expect(help, name).toMatch(/^[A-Z].*[.]$/);
    expect(name.endsWith('_total'), name).toBe(type === 'COUNTER');
    for (const { labels = {} } of samples) expect(Object.keys(labels)).not.toContain('url');
  }
  expect(
    numberOf(text, 'tokenhouse_build_info', { version: packageVersion, node: process.versions.node }),
  ).toBe(1);
  expect(numberOf(text, 'tokenhouse_jobs', { queue: 'sync', state: 'waiting' })).toBe(2);
  expect(numberOf(text, 'tokenhouse_queue_up')).toBe(1);
  expect(numberOf(text, 'tokenhouse_published_bytes')).toBe(77);
  expect(numberOf(text, 'tokenhouse_published_is_stale')).toBe(1);
  expect(numberOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
});

test('rows, pages, requests by status, retries, commits and runs are counted', async () => {
  const house = await houseOf({
    rows: 500,
    faults: {
      rules: [
        nextRequests(1, { kind: 'reset' }),
        everyNth(3, failing(503)),
        nextRequests(1, rateLimited({ kind: 'milliseconds', milliseconds: 1 }), 3),
      ],
    },
  });
  const { metrics } = await measured(house);
  const before = await metrics.text();
  expect(numberOf(before, 'tokenhouse_rows_total', { source, outcome: 'inserted' })).toBe(0);
  const env = { BATCH_ROWS: '200', CONCURRENCY: '1' };
  const { counts } = await runInHouse(house, { env, environment: { observer: metrics.observer } });
  const text = await metrics.text();
  const rows = (outcome: string) => numberOf(text, 'tokenhouse_rows_total', { source, outcome });
  expect(rows('inserted')).toBe(500);
  expect(rows('read')).toBe(counts.rowsRead);
  expect([rows('updated'), rows('rejected')]).toEqual([0, 0]);
  expect(numberOf(text, 'tokenhouse_retries_total', { source })).toBe(counts.retries);
  const requests = (status: string) => numberOf(text, 'tokenhouse_requests_total', { source, status }) ?? 0;
  expect(requests('error')).toBe(1);
  expect(requests('429')).toBe(1);
  expect(requests('503')).toBeGreaterThan(0);
  expect(requests('error') + requests('429') + requests('503')).toBe(counts.retries);
  expect(requests('200') + counts.retries).toBe(counts.requests);
  expect(numberOf(text, 'tokenhouse_pieces_total', { source })).toBeGreaterThan(0);
  expect(numberOf(text, 'tokenhouse_pieces_active', { source })).toBe(0);
  const commit = 'tokenhouse_commit_duration_seconds';
  expect(lineOf(text, `${commit}_count{source="openai"}`)).toBeGreaterThan(2);
  expect(lineOf(text, `${commit}_sum{source="openai"}`)).toBeLessThan(60);
  const committed = lineOf(text, 'tokenhouse_commit_rows_sum{source="openai"}');
  expect(committed).toBeGreaterThanOrEqual(500);
  expect(committed).toBeLessThanOrEqual(counts.rowsRead);
  const run = { source, kind: 'sync' };
  expect(numberOf(text, 'tokenhouse_runs_total', { ...run, status: 'landed' })).toBe(1);
  expect(numberOf(text, 'tokenhouse_runs_total', { ...run, status: 'failed' })).toBe(0);
  expect(numberOf(text, 'tokenhouse_runs_active', run)).toBe(0);
  expect(lineOf(text, 'tokenhouse_run_duration_seconds_count{source="openai",kind="sync"}')).toBe(1);
});

test('lag and expiry grow between two looks at the warehouse', async () => {
  const house = await houseOf({ rows: 250 });
  const { metrics, health } = await measured(house);
  const never = await metrics.text();
  for (const name of ['checkpoint_lag_seconds', 'uncovered_expiry_seconds', 'held_rows']) {
    expect(numberOf(never, `tokenhouse_${name}`, { source })).toBeNull();
  }
  await runInHouse(house);
  await health.refresh();
  const landedAt = house.now;
  house.now += 2 * DAY;
  const text = await metrics.text();
  const state = (name: string) => numberOf(text, `tokenhouse_${name}`, { source });
  expect(state('checkpoint_lag_seconds')).toBe(house.now - NEWEST);
  expect(state('newest_row_age_seconds')).toBe(house.now - NEWEST);
  expect(state('last_landed_run_timestamp_seconds')).toBe(landedAt);
  expect(state('held_rows')).toBe(250);
  expect(state('unread_seconds')).toBe(2 * DAY);
  // The first second that was too young for the last run, less two days.
  expect(state('uncovered_expiry_seconds')).toBeGreaterThan(27 * DAY);
  expect(state('uncovered_expiry_seconds')).toBeLessThan(28 * DAY);
  expect(numberOf(text, 'tokenhouse_open_gaps', { source, kind: 'dense' })).toBe(0);
  expect(numberOf(text, 'tokenhouse_warehouse_bytes')).toBeGreaterThan(10_000);
  expect(numberOf(text, 'tokenhouse_warehouse_read_timestamp_seconds')).toBe(landedAt);
});

test('a source whose rows do not expire has an expiry of +Inf', async () => {
  const house = await houseOf({ rows: 50 });
  const config = loadConfig(house.environment({ ENDPOINT: 'compatible' }));
  const { metrics, health } = await measured(house, { sources: config.sources });
  await runInHouse(house, { env: { ENDPOINT: 'compatible' } });
  await health.refresh();
  expect(numberOf(await metrics.text(), 'tokenhouse_uncovered_expiry_seconds', { source })).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test('a dense second shows as a gap with what is missing', async () => {
  const house = await houseOf();
  house.emulator.store.add(
    Array.from({ length: 300 }, (_, index) => {
      const created = NEWEST - 60;
      return {
        id: `d-${index}`,
        created,
        raw: `{"id":"d-${index}","object":"chat.completion","created":${created},"model":"m","choices":[]}`,
      };
    }),
  );
  const { metrics, health } = await measured(house);
  await runInHouse(house, { environment: { observer: metrics.observer } });
  await health.refresh();
  const text = await metrics.text();
  expect(numberOf(text, 'tokenhouse_open_gaps', { source, kind: 'dense' })).toBe(1);
  expect(numberOf(text, 'tokenhouse_open_gap_seconds', { source, kind: 'dense' })).toBe(1);
  expect(numberOf(text, 'tokenhouse_holes', { source })).toBe(1);
});

test('a queue that fails, or never answers, costs its own samples only', async () => {
  const house = await houseOf();
  for (const jobStates of [() => Promise.reject(new Error('away')), () => new Promise<never>(() => {})]) {
    const { metrics } = await measured(house, { jobStates });
    const startedMs = performance.now();
    const text = await metrics.text();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(familiesOf(text).find(({ name }) => name === 'tokenhouse_jobs')?.metrics ?? []).toEqual([]);
    expect(numberOf(text, 'tokenhouse_queue_up')).toBe(0);
    expect(numberOf(text, 'tokenhouse_pages_total', { source })).toBe(0);
  }
});
