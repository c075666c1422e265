/** `npm run simulate -- --histories N [--from SEED] [--walkers MOST]`: as many seeded histories as wanted. */
import { parseArgs } from 'node:util';
import { playHistory } from './histories.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    walkers: { type: 'string', default: '8' },
  },
});
const first = Number(values.from);
const count = Number(values.histories);
const totals = { rows: 0, runs: 0, crashes: 0, gaps: 0, requests: 0 };
let failed = 0;
for (let seed = first; seed < first + count; seed += 1) {
  try {
    const report = await playHistory(seed, Number(values.walkers));
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += report[key];
  } catch (error) {
    failed += 1;
    console.error(`seed ${seed}`);
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    if (failed >= 10) break;
  }
}
console.log(JSON.stringify({ histories: count, failed, ...totals }));
process.exitCode = failed === 0 ? 0 : 1;
