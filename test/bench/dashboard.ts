/**
 * How long the dashboard's page takes on a large published copy: `node test/bench/dashboard.ts --copy FILE`. Nothing is asserted.
 *
 * Each address is asked of a server of its own, so that neither the copy is open nor anything kept: the time until the answer is
 * whole, once more when it is kept, and where there is a Chromium the first contentful paint. `bench:reports --dir` makes a copy.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createLog } from '../../src/log.ts';
import { dashboardPlugin } from '../../src/web/dashboard/dashboard.ts';
import { createReader } from '../../src/web/dashboard/reader.ts';
import { createHttpServer } from '../../src/web/server.ts';
import { chromiumPath } from '../support/programs.ts';

const { values } = parseArgs({
  options: { copy: { type: 'string' }, memory: { type: 'string', default: '512MB' } },
});
if (values.copy === undefined) throw new Error('--copy FILE: which published copy');
const to = values.copy;

const ADDRESSES = [
  '/',
  '/?range=7d',
  '/?range=all&by=model_family',
  '/?by=metadata',
  '/?by=metadata&key=customer&top=50',
  '/?range=all&by=service_tier&top=20',
  '/?range=7d&compare=before&metadata.team=search',
  '/values?key=customer&q=c-1',
];

const log = createLog({ level: 'silent', format: 'json', color: false }, process.stderr, false);

async function serving<T>(work: (url: string) => Promise<T>): Promise<T> {
  // The warehouse itself is never looked at where there is a copy.
  const path = `${to}.none`;
  const reader = createReader({
    warehouse: { path, memoryLimit: values.memory, content: 'full', waitSeconds: 0, pricesFile: null },
    publish: { to, content: 'none', spareMinutes: null },
    log,
  });
  const server = createHttpServer({
    settings: { host: '127.0.0.1', port: 0, token: null },
    metrics: { contentType: 'text/plain', text: async () => '' },
    checks: [],
    plugins: [
      dashboardPlugin({
        reader,
        configured: null,
        settleSeconds: 1_800,
        budgetUsd: 1_000,
        showsText: false,
        schedule: { cron: null, timeZone: 'UTC' },
        nowMs: Date.now,
        log,
      }),
    ],
    log,
  });
  try {
    return await work((await server.listen()).url);
  } finally {
    await server.close();
    await reader.close();
  }
}

async function asked(address: string): Promise<{ milliseconds: number; bytes: number }> {
  const started = performance.now();
  const reply = await fetch(address);
  const { length } = await reply.text();
  if (reply.status !== 200) throw new Error(`${reply.status} of ${address}`);
  return { milliseconds: Math.round(performance.now() - started), bytes: length };
}

console.log(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, DUCKDB_MEMORY_LIMIT ${values.memory}`);
for (const address of ADDRESSES) {
  await serving(async (url) => {
    const first = await asked(url + address);
    const again = await asked(url + address);
    const size = `${Math.round(first.bytes / 1000)} kB`;
    console.log(`${address}: ${first.milliseconds} ms, kept ${again.milliseconds} ms, ${size}`);
  });
}

if (chromiumPath !== null) {
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    await serving(async (url) => {
      const page = await browser.newPage();
      await page.goto(`${url}/`);
      const paint = await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime",
      );
      console.log(`/: first contentful paint ${Math.round(Number(paint))} ms`);
    });
  } finally {
    await browser.close();
  }
}
