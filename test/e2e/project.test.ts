/** A project key names no project: only the reply tells when it was exchanged for one of another project. */
import { expect, it } from 'vitest';
import { failing, withProbability } from '../../src/emulator/faults.ts';
import { EXIT } from '../../src/errors.ts';
import { houseOf, NEWEST } from '../support/house.ts';

it('a key of another project is noticed, and that project’s rows are read from the start', async () => {
  const house = await houseOf({ rows: 50, generate: { ratePerSecond: 1 }, quirks: { project: 'proj_one' } });
  expect((await house.sync()).report.rows_inserted).toBe(50);

  // The same settings, another project behind them: its rows lie in seconds that are covered for the first one.
  house.emulator.quirks.project = 'proj_two';
  house.emulator.store.add({ id: 'of-the-other-project', created: NEWEST - 40 });
  house.now += 60;
  const report = (await house.sync()).report;
  expect(report.rows_inserted).toBe(1);

  const scopes = await house.query('select distinct scope from sync.coverage order by scope');
  expect(scopes.map(({ scope }) => String(scope).replace(/.* /, ''))).toEqual([
    'answering-project=proj_one',
    'answering-project=proj_two',
  ]);
  // A night without an answer hides nothing of what is known.
  house.now += 60;
  house.emulator.faults.rules.push(withProbability(1, failing(401)));
  expect((await house.sync()).code).toBe(EXIT.failed);
  const { sources } = JSON.parse((await house.tokenhouse(['--json', 'status'])).stdout);
  expect(sources[0].scope).toContain('proj_two');
  // What a dry run tells is about the project that answered last.
  const dry = await house.tokenhouse(['--json', 'backfill', '--since', '2d', '--dry-run']);
  expect(JSON.parse(dry.stdout)[0].uncovered_seconds).toBeLessThan(86_400);
});
