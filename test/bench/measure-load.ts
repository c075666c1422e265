/** Parts `a` and `g`: a first sync of many rows against DuckDB's own bulk load of them, and against the loop every SDK has. */
import { join } from 'node:path';
import { type Figures, higher, lower, median } from './figures.ts';
import { bareWalk } from './list-walk.ts';
import { writeNdjson } from './ndjson.ts';
import { emulate, script, sync, temporaryFolder } from './processes.ts';
import type { Sizes } from './sizes.ts';

/** In turns, so that a slow minute of the machine meets all of them. */
export async function measureLoad({ loadRows, loadRounds }: Sizes): Promise<Figures> {
  await using folder = await temporaryFolder();
  await using api = await emulate(['--rows', String(loadRows), '--days', '29']);
  const file = join(folder.path, 'rows.ndjson');
  await writeNdjson(api.baseUrl, file);
  const seconds = { bulk: [] as number[], published: [] as number[], alone: [] as number[] };
  for (let round = 0; round < loadRounds; round += 1) {
    await using place = await temporaryFolder();
    const bulk = await script<{ seconds: number; rows: number }>(
      'bulk-load.ts',
      file,
      join(place.path, 'bulk.duckdb'),
    );
    // A plain walk loses a few rows: both are put to the same number.
    seconds.bulk.push((bulk.seconds * loadRows) / bulk.rows);
    await using first = await temporaryFolder();
    seconds.published.push((await sync(api.baseUrl, first.path)).seconds);
    await using second = await temporaryFolder();
    seconds.alone.push((await sync(api.baseUrl, second.path, { PUBLISH_TO: 'none' })).seconds);
  }
  const loop = await bareWalk(api.baseUrl);
  const [bulk, published, alone] = [median(seconds.bulk), median(seconds.published), median(seconds.alone)];
  return {
    bulk_load_over_sync: higher(bulk / published, { unit: 'ratio of seconds', wanted: 0.4 }),
    bulk_load_over_sync_without_publishing: higher(bulk / alone, { unit: 'ratio of seconds', wanted: 0.4 }),
    load_rows_per_second: higher(loadRows / published, { unit: 'rows/s' }),
    sync_over_bare_loop: lower(published / loop.seconds, { unit: 'ratio of seconds' }),
    bare_loop_rows_lost: lower(loadRows - loop.rows, { unit: 'rows' }),
  };
}
