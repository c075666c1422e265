/** Two processes and one warehouse. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { compare, complete, type Ended, houseOf, reportOf } from '../support/house.ts';

const SYNC = ['--json', 'sync', '--since', '2025-06-01'];
const SMALL = { PAGE_SIZE: '20', BATCH_ROWS: '20' };

describe('two syncs at once on one warehouse', () => {
  it('the second waits, says for whom, and then finds nothing left to do', async () => {
    let second = (_n: number): void => {};
    const house = await houseOf({
      rows: 400,
      generate: { ratePerSecond: 5 },
      onRequest: (n) => second(n),
      faults: { latencyMs: 25 },
    });
    const one = house.start(SYNC, { env: SMALL });
    const other = await new Promise<ReturnType<typeof house.start>>((resolve) => {
      second = (n) => {
        if (n === 2) resolve(house.start(SYNC, { env: SMALL }));
      };
    });
    const [first, later] = await Promise.all([one.ended, other.ended]);
    expect([first.code, later.code]).toEqual([EXIT.landed, EXIT.landed]);
    expect(reportOf(first).rows_inserted).toBe(400);
    expect(reportOf(later)).toMatchObject({ rows_inserted: 0, rows_updated: 0 });
    expect(later.stderr).toContain(`"pid":${one.child.pid}`);
    expect(await compare(house)).toEqual(complete(house.emulator));
    expect(await house.query('select distinct status from sync.runs')).toEqual([{ status: 'landed' }]);
  });

  it('with --wait 0 the second ends at once, names the process, and the first is not disturbed', async () => {
    const refusals: Ended[] = [];
    const house = await houseOf({
      rows: 200,
      generate: { ratePerSecond: 5 },
      onRequest: async (n) => {
        if (n === 3) refusals.push(await house.tokenhouse(['--json', 'sync', '--wait', '0']));
      },
    });
    const one = house.start(SYNC, { env: SMALL });
    const first = await one.ended;
    expect(refusals).toMatchObject([
      { code: EXIT.failed, stdout: expect.stringContaining(`in use by process ${one.child.pid}`) },
    ]);
    expect(first.code).toBe(EXIT.landed);
    expect(await compare(house)).toEqual(complete(house.emulator));
  });
});

it('while a run is under way `status` tells how far it is; when it has ended, nothing of it is left', async () => {
  const answers: Ended[] = [];
  const house = await houseOf({
    rows: 800,
    generate: { ratePerSecond: 0.1 },
    onRequest: async (n) => {
      count = n;
      if (n !== asked) return;
      answers.push(
        await house.tokenhouse(['--json', 'status'], { env: copy }),
        await house.tokenhouse(['status'], { env: copy }),
      );
    },
  });
  let [count, asked] = [0, 0];
  const copy = { PUBLISH_TO: join(dirname(house.path), 'copy.published.duckdb') };
  const env = { ...SMALL, ...copy, CONCURRENCY: '2' };
  await house.start(SYNC, { env }).ended;
  house.emulator.faults.latencyMs = 60;
  asked = count + 20;
  const again = house.start(['--json', 'backfill', '--since', '2025-06-01', '--reread'], { env });
  expect((await again.ended).code).toBe(EXIT.landed);
  const [told, shown] = answers;
  expect(JSON.parse(told?.stdout ?? '')).toMatchObject({
    running: [{ source: 'openai', kind: 'backfill', walkers: expect.any(Number), rows: expect.any(Number) }],
  });
  expect(shown?.stdout).toMatch(/^Running: backfill of openai · [\d,]+ rows · .* · at 2025-06-15/m);
  expect(existsSync(`${house.path}.progress`)).toBe(false);
});
