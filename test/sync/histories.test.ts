import { expect, it } from 'vitest';
import { playHistory } from './histories.ts';

// More with `npm run simulate -- --histories 100000`.
const HISTORIES = 1_000;

/** They have failed once, out of 50,000: a list that ends by mistake, a dense second taken for all there is, a walk that ran in circles. */
const ONCE_FAILED = [506_007, 804_364, 812_165];

it.each(ONCE_FAILED)('history %i, which failed once', async (seed) => {
  await playHistory(seed, 1);
});

it(`in ${HISTORIES} seeded histories coverage never claims a second that lacks a row, and the last run completes`, async () => {
  const totals = { crashes: 0, gaps: 0, rows: 0 };
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const report = await playHistory(seed);
    totals.crashes += report.crashes;
    totals.gaps += report.gaps;
    totals.rows += report.rows;
  }
  // The histories must be as wild as they say.
  expect(totals.crashes).toBeGreaterThan(HISTORIES);
  expect(totals.gaps).toBeGreaterThan(HISTORIES);
  expect(totals.rows).toBeGreaterThan(50 * HISTORIES);
}, 120_000);
