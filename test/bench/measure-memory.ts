/** Part `f`: whether the memory of a first sync, publishing included, grows with the rows. */
import { type Figures, higher, lower } from './figures.ts';
import { emulate, type Synced, sync, temporaryFolder } from './processes.ts';
import type { Sizes } from './sizes.ts';

async function firstSync(rows: number): Promise<Synced> {
  await using folder = await temporaryFolder();
  await using api = await emulate(['--rows', String(rows), '--days', '29']);
  return await sync(api.baseUrl, folder.path);
}

export async function measureMemory({ memoryRows }: Sizes): Promise<Figures> {
  const [fewer, more] = memoryRows;
  const small = await firstSync(fewer);
  const large = await firstSync(more);
  return {
    peak_large_over_small: lower(large.peakMegabytes / small.peakMegabytes, {
      unit: 'ratio of MB',
      wanted: 1.15,
    }),
    peak_large_megabytes: lower(large.peakMegabytes, { unit: 'MB' }),
    peak_small_megabytes: lower(small.peakMegabytes, { unit: 'MB' }),
    large_rows_per_second: higher(more / large.seconds, { unit: 'rows/s' }),
  };
}
