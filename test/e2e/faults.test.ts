/** What goes wrong at the API: the sync gets through or fails resumably, and nothing is lost. */
import { describe, expect, it } from 'vitest';
import { everyNth, failing, nextRequests, rateLimited } from '../../src/emulator/faults.ts';
import type { EmulatorOptions } from '../../src/emulator/options.ts';
import type { Quirks } from '../../src/emulator/quirks.ts';
import { EXIT, TokenhouseError } from '../../src/errors.ts';
import { syncDirectly } from '../support/direct-sync.ts';
import { compare, complete, houseOf, NEWEST, NOW } from '../support/house.ts';

const ROWS = 240;
const RUNS_MAX = 12;

/** Now and then the row that the walk is about to go on from is deleted, and so is one below it. */
function deadCursor(quirks: Partial<Quirks>): EmulatorOptions {
  let cursors = 0;
  return {
    quirks,
    onRequest: (_n, { store }, { query }) => {
      const after = query.get('after');
      if (after === null || ++cursors % 4 !== 0) return;
      const ids = store.ids();
      const below = ids[ids.indexOf(after) + 30];
      store.delete(after);
      if (below !== undefined) store.delete(below);
    },
  };
}
const withFaults = (...rules: NonNullable<EmulatorOptions['faults']>['rules'] & object): EmulatorOptions => ({
  faults: { rules },
});

/** A run may fail this often; then the next one goes on. */
const CASES: readonly (readonly [trouble: string, failuresMax: number, options: EmulatorOptions])[] = [
  ['cursors that die with 404', 0, deadCursor({})],
  ['cursors that die with 400', 0, deadCursor({ unknownAfter: 'bad-request' })],
  ['cursors that die with an empty page', 0, deadCursor({ unknownAfter: 'empty-page' })],
  [
    'cursors that die with an empty page that says more follow',
    0,
    deadCursor({ unknownAfter: 'empty-page', hasMore: 'always-true' }),
  ],
  ['cursors that die with the first page again', 0, deadCursor({ unknownAfter: 'first-page' })],
  ['cursors that die where no completion can be retrieved', 0, deadCursor({ retrieve: 'not-allowed' })],
  ['replies without has_more and ids', 0, { preset: 'gateway' }],
  ['a server that ignores limit', 0, { quirks: { limit: 'ignored' } }],
  ['a server that refuses the page size', 0, { quirks: { limitMax: 10 } }],
  [
    '429 with retry-after in seconds',
    0,
    withFaults(everyNth(4, rateLimited({ kind: 'seconds', seconds: 20 }))),
  ],
  [
    '429 with retry-after-ms',
    0,
    withFaults(everyNth(4, rateLimited({ kind: 'milliseconds', milliseconds: 900 }))),
  ],
  [
    '429 with retry-after as a date',
    0,
    withFaults(everyNth(4, rateLimited({ kind: 'date', at: new Date((NOW + 30) * 1000) }))),
  ],
  ['429 without a word', 0, withFaults(everyNth(4, rateLimited()))],
  ['500 now and then', 0, withFaults(everyNth(3, failing(500)))],
  ['503 again and again: more than the retries', 4, withFaults(nextRequests(12, failing(503), 5))],
  ['bodies cut in the middle of the connection', 0, withFaults(everyNth(4, { kind: 'cut-connection' }))],
  ['bodies cut in the middle of the JSON', 0, withFaults(everyNth(4, { kind: 'cut-json' }))],
  ['empty bodies', 0, withFaults(everyNth(4, { kind: 'empty' }))],
  ['connections that are reset', 0, withFaults(everyNth(4, { kind: 'reset' }))],
  ['requests that are never answered', 0, withFaults(nextRequests(2, { kind: 'silence' }, 7))],
  ["a proxy's page in HTML", 3, withFaults(nextRequests(3, { kind: 'html' }, 6))],
  ['403 in the middle of the walk', 2, withFaults(nextRequests(2, failing(403), 6))],
];

describe('trouble at the API', () => {
  it.each(CASES)('%s: at most %i failed runs, every row once in the end', async (_, failuresMax, options) => {
    const house = await houseOf({ rows: ROWS, ...options, generate: { ratePerSecond: 3 } });
    let failures = 0;
    for (let run = 0; ; run += 1) {
      expect(run).toBeLessThan(RUNS_MAX);
      const result = await syncDirectly({
        baseUrl: house.emulator.baseUrl,
        path: house.path,
        nowSeconds: NOW,
        pageSize: 20,
        batchRows: 40,
        settings: { requestTimeoutSeconds: 0.4 },
      }).catch((error: unknown) => {
        if (!(error instanceof TokenhouseError)) throw error;
        return null;
      });
      const { falselyProven, twice } = await compare(house);
      expect({ falselyProven, twice }).toEqual({ falselyProven: [], twice: 0 });
      if (result === null) failures += 1;
      else {
        expect(result).toMatchObject({ status: 'landed', unprovenSeconds: 0 });
        break;
      }
    }
    expect(failures).toBeLessThanOrEqual(failuresMax);
    if (failuresMax > 0) expect(failures).toBeGreaterThan(0);
    expect(await compare(house)).toMatchObject({ lost: [], twice: 0, unreported: [] });
    const statuses = await house.query(
      'select status, count(*) as n from sync.runs group by status order by status',
    );
    expect(statuses).toEqual([
      ...(failures > 0 ? [{ status: 'failed', n: BigInt(failures) }] : []),
      { status: 'landed', n: 1n },
    ]);
  });
});

describe('rows that show up late', () => {
  it('within the settle window: the next run has them, without a flag', async () => {
    const house = await houseOf({
      rows: 2_000,
      faults: { visibilityDelaySeconds: 15, lateShare: 0.2, lateSeconds: 900 },
      generate: { ratePerSecond: 1, endSeconds: NOW },
    });
    const first = await house.sync();
    expect(first.code).toBe(EXIT.landed);
    const before = await compare(house);
    expect(before.lost.length).toBeGreaterThan(50);
    expect(before.falselyProven).toEqual([]);
    house.now += 3_600;
    const second = await house.sync();
    expect(second.code).toBe(EXIT.landed);
    expect(second.report.rows_inserted).toBe(before.lost.length);
    expect(await compare(house)).toEqual(complete(house.emulator));
  });

  it('later than that: a sweep has them', async () => {
    const house = await houseOf({ rows: 200 });
    await house.sync();
    house.emulator.store.add({ id: 'very-late', created: NEWEST - 350 });
    expect((await house.sync()).report.rows_inserted).toBe(0);
    expect((await house.reread()).report).toMatchObject({ rows_inserted: 1, rows_updated: 0 });
    expect(await compare(house)).toEqual(complete(house.emulator));
  });

  it('arriving while the walk runs: this run or the next one has them', async () => {
    let made = 0;
    const house = await houseOf({
      rows: 600,
      generate: { ratePerSecond: 2 },
      onRequest: (_n, { store }) => {
        house.now += 1;
        store.add(Array.from({ length: 7 }, () => ({ id: `new-${++made}`, created: house.now })));
      },
    });
    await house.sync({ env: { PAGE_SIZE: '20' } });
    expect((await compare(house)).falselyProven).toEqual([]);
    house.now += 3_600;
    const madeBefore = made;
    await house.sync({ env: { PAGE_SIZE: '20' } });
    const { lost, falselyProven } = await compare(house);
    expect(falselyProven).toEqual([]);
    expect(lost.every((id) => Number(id.slice(4)) > madeBefore)).toBe(true);
  });
});
