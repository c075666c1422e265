/** Part `b`: what a run adds to the time the server takes. */
import { join } from 'node:path';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { type Figures, lower } from './figures.ts';
import { emulate, sync, temporaryFolder } from './processes.ts';
import type { Sizes } from './sizes.ts';

const LATENCY_MS = 50;

/**
 * One request at a time, by the run's own clock: start-up, publishing and the making of the file are outside. Few ties: a row
 * in 100 s.
 */
export async function measureLatency({ latencyRows }: Sizes): Promise<Figures> {
  await using folder = await temporaryFolder();
  await using api = await emulate([
    ...['--rows', String(latencyRows), '--rate', '0.01', '--latency-ms', String(LATENCY_MS)],
  ]);
  const path = join(folder.path, 'bench.duckdb');
  await (await openWarehouse({ path, content: 'full', waitSeconds: 0, prices: priceParts(null) })).close();
  const run = await sync(api.baseUrl, folder.path, { CONCURRENCY: '1', PUBLISH_TO: 'none' });
  return {
    sequential_wall_over_latency: lower((run.runSeconds * 1000) / (run.requests * LATENCY_MS), {
      unit: `run / (requests x ${LATENCY_MS} ms)`,
      wanted: 1.03,
    }),
  };
}
