/** `status --check`: what monitoring gets. */
import { expect, test } from 'vitest';
import { CHECK_EXIT, EXIT } from '../../src/errors.ts';
import type { Batch, Gap } from '../../src/sync/ports.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { completion, observe, range, SCOPE, temporaryPath } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

const HOUR = 3_600;
const DAY = 86_400;
const env = {
  SOURCES: 'test',
  TEST_API_KEY: 'sk-canary-1234',
  TEST_BASE_URL: SCOPE,
  TEST_RETENTION_DAYS: '30',
};
const GAP: Gap = {
  ...range(T0 - DAY, T0 - DAY),
  kind: 'dense',
  rowsSeen: 100,
  rowsMissingEstimate: 7.4,
  detail: 'tried',
};

/** Landed at T0 and read in full until then, unless it is told otherwise. */
const landed = (fields: Partial<Batch> = {}): Promise<string> =>
  filled({
    items: [observe(completion('chatcmpl-a', T0))],
    covered: [range(T0 - 40 * DAY, T0)],
    end: { status: 'landed', finishedAtMs: T0 * 1000, unprovenSeconds: 0, error: null },
    ...fields,
  });

const check = (path: string, hoursLater: number, more: Readonly<Record<string, string>> = {}) =>
  run(['status', '--check', '--warehouse', path], { env: { ...env, ...more }, now: T0 + hoursLater * HOUR });

test('fresh and whole until ALERT_AFTER_HOURS, then stale; near expiry outranks that', async () => {
  const path = await landed();
  const fresh = await check(path, 36);
  expect(fresh).toEqual({
    code: CHECK_EXIT.ok,
    stdout: 'ok: test landed 2025-01-01T00:00:00Z; no gaps; nothing expires soon\n',
    stderr: '',
  });
  const late = await check(path, 37);
  expect(late.code).toBe(CHECK_EXIT.stale);
  expect(late.stdout).toBe('stale: test: no run has landed for 37 h, since 2025-01-01 00:00:00Z\n');
  expect((await check(path, 37, { ALERT_AFTER_HOURS: '48' })).code).toBe(CHECK_EXIT.ok);
  const expiring = await check(path, 26 * 24);
  expect(expiring.code).toBe(CHECK_EXIT.expiry_near);
  expect(expiring.stdout).toMatch(
    /^expiry near: test: .* in 4\.0 days, .*; test: no run has landed for .*\n$/,
  );
  expect((await check(path, 26 * 24, { ALERT_EXPIRY_DAYS: '3' })).code).toBe(CHECK_EXIT.stale);
});

test('gaps and items that no run could read are gaps, and stale outranks them; a script gets each trouble', async () => {
  const path = await landed({
    items: [observe(completion('chatcmpl-a', T0)), observe({ id: 'bad', object: 'chat.completion' })],
    covered: [range(T0 - 40 * DAY, T0 - DAY - 1), range(T0 - DAY + 1, T0)],
    gaps: [GAP],
  });
  const found = await check(path, 1);
  expect(found.code).toBe(CHECK_EXIT.gaps);
  expect(found.stdout).toBe(
    'gaps: test: open gaps: 1 dense of 1 s, 1 item not readable; see `tokenhouse gaps`\n',
  );
  const late = await run(['--json', 'status', '--check', '--warehouse', path], {
    env: { ...env, SOURCES: 'test,eu', EU_API_KEY: 'k' },
    now: T0 + 40 * HOUR,
  });
  expect(late.code).toBe(CHECK_EXIT.stale);
  expect(JSON.parse(late.stdout)).toMatchObject({
    check: 'stale',
    exit_code: CHECK_EXIT.stale,
    troubles: [
      { kind: 'stale', source: 'test' },
      { kind: 'stale', source: 'eu', reason: 'no run has ever landed' },
      { kind: 'gaps', source: 'test' },
    ],
  });
});

test('a source that is configured no more is not waited for; without a key expiry is said not to be known', async () => {
  const path = await landed({ gaps: [GAP] });
  const gone = await check(path, 1, { SOURCES: 'eu', EU_API_KEY: 'k' });
  expect(gone.stdout).toBe('stale: eu: no run has ever landed\n');
  const whole = await landed();
  const { code, stdout } = await run(['status', '--check', '--warehouse', whole], { now: T0 });
  expect(code).toBe(CHECK_EXIT.ok);
  expect(stdout).toContain('what expires is not known');
});

test('what cannot be told is neither of them: no warehouse, one that is held, wrong settings, a wrong flag', async () => {
  const missing = await temporaryPath();
  const none = await check(missing, 1);
  expect(none.code).toBe(CHECK_EXIT.unknown);
  expect(none.stdout).toMatch(/^unknown: there is no warehouse at .*\n$/);

  const path = await landed();
  await using _held = await openWarehouse({ path, content: 'full', waitSeconds: 0 });
  const held = await check(path, 1, { WAIT_SECONDS: '0', PUBLISH_TO: 'none' });
  expect(held.code).toBe(CHECK_EXIT.unknown);
  expect(held.stdout).toMatch(/^unknown: the warehouse .* is in use by .*\n$/);

  const wrong = await check(path, 1, { ALERT_AFTER_HOURS: 'many', SYNC_DAYS: 'x' });
  expect(wrong.code).toBe(CHECK_EXIT.unknown);
  expect(wrong.stdout.split('\n')).toHaveLength(2);
  expect(wrong.stdout).toContain('ALERT_AFTER_HOURS must be');
  const noFile = await run(['--settings', `${missing}.env`, 'status', '--check'], { env });
  expect(noFile.code).toBe(CHECK_EXIT.unknown);
  for (const args of [
    ['status', '--check', '--nonsense'],
    ['status', '--nonsense', '--check'],
  ]) {
    expect((await run(args, { env })).code).toBe(CHECK_EXIT.unknown);
  }
  expect((await run(['status', '--nonsense'], { env })).code).toBe(EXIT.usage);
  expect((await run(['status', '--check', '--help'], { env })).code).toBe(EXIT.landed);
});
