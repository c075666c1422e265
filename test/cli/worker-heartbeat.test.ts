import { expect, onTestFinished, test } from 'vitest';
import { createHeartbeat } from '../../src/cli/worker-heartbeat.ts';
import { loadConfig } from '../../src/config.ts';
import { failing, nextRequests } from '../../src/emulator/faults.ts';
import { keepHealth } from '../../src/observe/health.ts';
import { houseOf } from '../support/house.ts';
import { SILENT } from '../support/run-in-house.ts';
import { switchOf } from '../support/webhook.ts';

test('a source that lands is no sign of life while the newest sync of another one failed, unless that one has no schedule', async () => {
  const house = await houseOf({ rows: 30 });
  const { url, asked } = await switchOf();
  const env = { SOURCES: 'one,two', ONE_API_KEY: 'k1', TWO_API_KEY: 'k2', RETRIES_MAX: '0' };
  const nowMs = () => house.now * 1000;
  const beatsWith = (scheduled: readonly string[]) => {
    const config = loadConfig(house.environment({ ...env, HEARTBEAT_URL: url }));
    const health = keepHealth({ warehouse: config.warehouse, nowMs });
    onTestFinished(() => health.close());
    const rhythmOf = (source: string) =>
      scheduled.includes(source) ? { afterHours: 36, cron: null, timeZone: 'UTC' } : null;
    return createHeartbeat({ config, health, nowMs, log: SILENT, rhythmOf });
  };
  await house.sync({ env });
  await beatsWith(['one', 'two']).landed('one');
  expect(asked).toHaveLength(1);
  // In the middle of a run, so that the warehouse has it.
  house.emulator.faults.rules = [nextRequests(99, failing(500), 1)];
  house.now += 60;
  await house.sync({ env, args: ['--days', '40', '--source', 'two'] });
  expect(await house.query("select count(*) as n from sync.runs where status = 'failed'")).toEqual([
    { n: 1n },
  ]);
  await beatsWith(['one', 'two']).landed('one');
  expect(asked).toHaveLength(1);
  await beatsWith(['one']).landed('one');
  await beatsWith(['one', 'two']).landed('two');
  expect(asked).toHaveLength(3);
  house.emulator.faults.rules = [];
  house.now += 60;
  await house.sync({ env });

  // Before it began: only who ran it knows.
  const beats = beatsWith(['one', 'two']);
  beats.failed('two');
  await beats.settled();
  await beats.landed('one');
  expect(asked.slice(3)).toEqual([expect.stringContaining('/fail')]);
  await beats.landed('two');
  await beats.landed('one');
  expect(asked).toHaveLength(6);
  house.now += 40 * 3_600;
  await beatsWith(['one', 'two']).landed('two');
  expect(asked).toHaveLength(6);
});
