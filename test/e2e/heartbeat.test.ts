/** HEARTBEAT_URL, from the command line and from the worker. */
import { expect, test } from 'vitest';
import { everyNth } from '../../src/emulator/faults.ts';
import { EXIT } from '../../src/errors.ts';
import { livingHouse } from '../jobs/processes.ts';
import { houseOf } from '../support/house.ts';
import { switchOf } from '../support/webhook.ts';

const LANDED = 'GET /ping/canary-secret?rid=canary-token';
const FAILED = 'GET /ping/canary-secret/fail?rid=canary-token';

test('a sync gives one beat, of several sources too, and fails when one of them has; a backfill gives none', async () => {
  const house = await houseOf({ rows: 60 });
  const { url, asked } = await switchOf();
  const env = {
    HEARTBEAT_URL: url,
    SOURCES: 'one,two',
    ONE_API_KEY: 'k1',
    TWO_API_KEY: 'k2',
    RETRIES_MAX: '0',
  };
  expect((await house.sync({ env })).code).toBe(EXIT.landed);
  expect(asked).toEqual([LANDED]);
  expect((await house.reread({ env })).code).toBe(EXIT.landed);
  expect(asked).toHaveLength(1);
  house.emulator.quirks.apiKey = 'k1';
  const failed = await house.sync({
    env: { ...env, LOG_LEVEL: 'trace', LOG_FORMAT: 'json' },
    args: ['--days', '40'],
  });
  expect(failed.code).toBe(EXIT.failed);
  expect(asked).toEqual([LANDED, FAILED]);
  expect(failed.stderr).not.toMatch(/canary/);
  const aborted = await house.sync({ env, signal: AbortSignal.abort() }).catch(() => null);
  expect(aborted).toBeNull();
  expect(asked).toHaveLength(2);
});

test('a switch that is not there changes nothing of what the run came to', async () => {
  const house = await houseOf({ rows: 30 });
  const { url } = await switchOf(() => 404);
  const ended = await house.sync({ env: { HEARTBEAT_URL: url } });
  expect(ended.code).toBe(EXIT.landed);
  expect(ended.stderr).toContain('HEARTBEAT_URL answered with status 404');
});

test('a worker beats when its sync landed, and fails when it is not tried again', async () => {
  const house = await livingHouse({ rows: 40 });
  const { url, asked } = await switchOf();
  const env = { HEARTBEAT_URL: url, SCHEDULE: 'off', SWEEP_SCHEDULE: 'off' };
  const now = async (): Promise<number> => {
    expect((await house.tokenhouse(['schedule', 'run-now', 'nightly-sync'], { env })).code).toBe(EXIT.landed);
    return (await house.tokenhouse(['worker', '--once'], { env })).code;
  };
  expect(await now()).toBe(EXIT.landed);
  expect(asked).toEqual([LANDED]);
  house.emulator.faults.rules = [everyNth(1, { kind: 'status', status: 401, headers: {}, body: '{}' })];
  expect(await now()).toBe(EXIT.failed);
  expect(asked).toEqual([LANDED, FAILED]);
});
