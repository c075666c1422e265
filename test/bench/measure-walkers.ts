/** Part `k`: walkers side by side against one, at a server that takes its time. */
import { type Figures, higher, lower } from './figures.ts';
import { emulate, type Synced, sync, temporaryFolder } from './processes.ts';
import type { Sizes } from './sizes.ts';

const LATENCY = ['--latency-ms', '50', '--days', '20'];
const PAGES = { PAGE_SIZE: '20', PUBLISH_TO: 'none', SYNC_DAYS: '40' };

/** @param reread what the first run has read, a second time. */
async function walked(baseUrl: string, concurrency: number): Promise<{ first: Synced; reread: Synced }> {
  await using folder = await temporaryFolder();
  const environment = { ...PAGES, CONCURRENCY: String(concurrency) };
  const first = await sync(baseUrl, folder.path, environment);
  const reread = await sync(baseUrl, folder.path, environment, ['backfill', '--since', '40d', '--reread']);
  return { first, reread };
}

export async function measureWalkers({ walkersRows }: Sizes): Promise<Figures> {
  await using api = await emulate(['--rows', String(walkersRows), ...LATENCY]);
  const one = await walked(api.baseUrl, 1);
  const eight = await walked(api.baseUrl, 8);
  await using plain = await emulate(['--rows', String(walkersRows / 4), ...LATENCY, '--plain']);
  const plainOne = await walked(plain.baseUrl, 1);
  const plainEight = await walked(plain.baseUrl, 8);
  return {
    walkers_first_speedup: higher(one.first.runSeconds / eight.first.runSeconds, {
      unit: 'one walker / eight, first sync',
      wanted: 7,
    }),
    walkers_first_requests: lower(eight.first.requests / one.first.requests, {
      unit: 'requests of eight / of one',
      wanted: 1.25,
    }),
    walkers_reread_speedup: higher(one.reread.runSeconds / eight.reread.runSeconds, {
      unit: 'one walker / eight, read again',
      wanted: 7.5,
    }),
    walkers_plain_speedup: higher(plainOne.first.runSeconds / plainEight.first.runSeconds, {
      unit: 'one walker / eight, one model',
      wanted: 1.8,
    }),
  };
}
