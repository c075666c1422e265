/** ALERT_WEBHOOK, from the command line on. */
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { type House, houseOf, NEWEST } from '../support/house.ts';
import { webhookOf } from '../support/webhook.ts';

const DAY = 86_400;

function addDense(house: House, second: number): void {
  house.emulator.store.add(
    Array.from({ length: 250 }, (_, index) => {
      const id = `d-${second}-${index}`;
      const raw = `{"id":"${id}","object":"chat.completion","created":${second},"model":"m","choices":[]}`;
      return { id, created: second, raw };
    }),
  );
}

test('a run with nothing to tell posts nothing; one that fails posts once, and ends as it would', async () => {
  const house = await houseOf({ rows: 60 });
  const { url, posts } = await webhookOf();
  const env = { ALERT_WEBHOOK: url, ENDPOINT: 'openai', RETRIES_MAX: '0' };
  expect((await house.sync({ env })).code).toBe(EXIT.landed);
  expect(posts).toEqual([]);
  house.emulator.quirks.apiKey = 'another key';
  const failed = await house.sync({ env, args: ['--days', '40'] });
  expect(failed.code).toBe(EXIT.failed);
  expect(posts.map(({ alert }) => alert)).toMatchObject([
    { kind: 'run_failed', source: 'openai', severity: 'critical', fields: { error: 'TerminalError' } },
  ]);
  expect(`${failed.stdout}${failed.stderr}`).not.toContain('canary-secret');
});

test('a gap is told of in the night it is found, and not every night', async () => {
  const house = await houseOf({ rows: 60 });
  const { url, posts } = await webhookOf();
  const env = { ALERT_WEBHOOK: url, ENDPOINT: 'openai' };
  addDense(house, NEWEST - 30);
  expect((await house.sync({ env })).code).toBe(EXIT.unproven);
  expect(posts.map(({ alert }) => alert.kind)).toEqual(['gap_found']);
  expect(posts[0]?.alert.fields).toMatchObject({ gaps: 1, seconds: 1, kinds: '1 dense' });
  house.now += DAY;
  await house.sync({ env });
  expect(posts).toHaveLength(1);
  house.now += DAY;
  addDense(house, house.now - 7_200);
  await house.sync({ env });
  expect(posts.map(({ alert }) => alert.kind)).toEqual(['gap_found', 'gap_found']);
  expect(posts[1]?.alert.fields).toMatchObject({ gaps: 1 });
  expect(posts[1]?.alert.key).not.toBe(posts[0]?.alert.key);
});

test('what is about to expire is told of, from as many days on as is set', async () => {
  const house = await houseOf({ rows: 60 });
  const { url, posts } = await webhookOf();
  const env = { ALERT_WEBHOOK: url, ENDPOINT: 'openai' };
  await house.sync({ env });
  // The API fails for a month less three days: each run fails, and at the end the first unread second is near its end.
  house.emulator.quirks.apiKey = 'another key';
  house.now += 20 * DAY;
  await house.sync({ env });
  expect(posts.map(({ alert }) => alert.kind)).toEqual(['run_failed']);
  house.now += 7 * DAY;
  await house.sync({ env });
  expect(posts.slice(1).map(({ alert }) => alert.kind)).toEqual(['run_failed', 'expiry_near']);
  expect(posts[2]?.alert).toMatchObject({ severity: 'warning', key: 'expiry_near/openai/2025-06-15' });
  await house.sync({ env: { ...env, ALERT_EXPIRY_DAYS: '1' } });
  expect(posts.slice(3).map(({ alert }) => alert.kind)).toEqual(['run_failed']);
});

test('a webhook that refuses is a warning, and the exit code that of the run', async () => {
  const house = await houseOf({ rows: 30 });
  addDense(house, NEWEST - 30);
  const { url, posts } = await webhookOf(() => 404);
  const ended = await house.sync({ env: { ALERT_WEBHOOK: url, LOG_FORMAT: 'json' } });
  expect(ended.code).toBe(EXIT.unproven);
  expect(posts).toHaveLength(1);
  expect(ended.stderr).toContain('ALERT_WEBHOOK answered with status 404: check the URL');
  expect(ended.stderr).not.toMatch(/canary/);
});
