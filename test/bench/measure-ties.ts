/** Part `c`: what not losing rows costs at five rows a second, where every page ends within a second. */
import { type Figures, lower } from './figures.ts';
import { bareWalk } from './list-walk.ts';
import { emulate, sync, temporaryFolder } from './processes.ts';
import type { Sizes } from './sizes.ts';

export async function measureTies({ tiesRows }: Sizes): Promise<Figures> {
  await using folder = await temporaryFolder();
  await using api = await emulate(['--rows', String(tiesRows), '--rate', '5']);
  const safe = await sync(api.baseUrl, folder.path, { PUBLISH_TO: 'none' });
  const losing = await bareWalk(api.baseUrl);
  return {
    ties_requests_over_losing_loop: lower(safe.requests / losing.requests, { unit: 'ratio of requests' }),
    ties_rows_lost: lower(tiesRows - safe.rowsInserted, { unit: 'rows', wanted: 0 }),
    ties_rows_lost_by_losing_loop: lower(tiesRows - losing.rows, { unit: 'rows' }),
  };
}
