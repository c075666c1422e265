import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runningObject } from '../../src/cli/status-report.ts';
import { runningText } from '../../src/cli/status-text.ts';
import { ownProcess } from '../../src/process-identity.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import { completion, completionId, observe, range, SCOPE, temporaryPath } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

const DAY = 86_400;
/** The settings of the source that `filled` makes. */
const env = {
  SOURCES: 'test',
  TEST_API_KEY: 'sk-canary-1234',
  TEST_BASE_URL: SCOPE,
  TEST_RETENTION_DAYS: '30',
};

const synced = () =>
  filled({
    items: [
      observe(completion('chatcmpl-a', T0)),
      observe({ id: 'chatcmpl-bad', object: 'chat.completion' }),
    ],
    covered: [range(T0 - 40 * DAY, T0 - 11 * DAY), range(T0 - 10 * DAY, T0)],
    gaps: [
      {
        ...range(T0 - 10 * DAY - 1, T0 - 10 * DAY - 1),
        kind: 'dense',
        rowsSeen: 100,
        rowsMissingEstimate: 7.4,
        detail: 'tried',
      },
    ],
    checkpoint: { lastSyncedId: completionId('chatcmpl-a'), lastSyncedAt: unixSeconds(T0) },
    oldestServedAt: unixSeconds(T0 - 29 * DAY),
    end: { status: 'landed', finishedAtMs: T0 * 1000 + 90_000, unprovenSeconds: DAY - 1, error: null },
  });

test('a script learns of coverage, holes, gaps, lag and what expires next', async () => {
  const path = await synced();
  const { code, stdout, stderr } = await run(['status', '--json', '--warehouse', path], {
    env,
    now: T0 + 3600,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [source] = JSON.parse(stdout).sources;
  expect(source).toMatchObject({
    source: 'test',
    configured: true,
    scope: SCOPE,
    scope_changed: false,
    last_synced_id: 'chatcmpl-a',
    last_synced_at: '2025-01-01T00:00:00Z',
    checkpoint_age_seconds: 3600,
    rows: 1,
    covered_from: '2024-11-22T00:00:00Z',
    covered_to: '2025-01-01T00:00:00Z',
    holes: 1,
    hole_seconds: DAY - 1,
    unread_seconds: 1800,
    gaps: [{ kind: 'dense', gaps: 1, seconds: 1, rows_missing_estimate: 7.4 }],
    rejected: 1,
    oldest_served_at: '2024-12-03T00:00:00Z',
    oldest_served_seen_at: expect.stringMatching(/Z$/),
    retention_days: 30,
    oldest_unread_at: '2024-12-21T00:00:01Z',
    days_until_oldest_unread_expires: 18.9,
    expired_unread_seconds: 0,
  });
  expect(source.runs).toHaveLength(1);
  expect(source.runs[0]).toMatchObject({ status: 'landed', elapsed_seconds: 90, unproven_seconds: DAY - 1 });
});

test('a person sees the same on some lines, with a bar in ASCII where there is no terminal', async () => {
  const path = await synced();
  const { stdout } = await run(['status', '--warehouse', path], { env, now: T0 + 3600 });
  expect(stdout).toContain('chatcmpl-a of 2025-01-01 00:00:00Z, 1 h old');
  expect(stdout).toContain('1 hole of 24 h in between');
  expect(stdout).toContain('1 dense (1 s, some 7 rows missing); see `tokenhouse gaps`');
  expect(stdout).toContain('in 18.9 days: unread since 2024-12-21 00:00:01Z');
  expect(stdout).toMatch(/last 30 days +#{18}!#{10}\+ {2}2024-12-03 to 2025-01-01\n/);
  expect(stdout).not.toContain('\u001b');
});

test('a terminal gets blocks and colour, and NO_COLOR takes the colour away', async () => {
  const path = await synced();
  const args = ['status', '--warehouse', path];
  const { stdout } = await run(args, { env, isTty: true });
  expect(stdout).toContain('████');
  expect(stdout).toContain('\u001b[1mtest');
  const plain = await run(args, { env: { ...env, NO_COLOR: '1' }, isTty: true });
  expect(plain.stdout).toContain('████');
  expect(plain.stdout).not.toContain('\u001b');
  const sentences = plain.stdout.split('\n').filter((line) => line.startsWith('  '));
  expect(Math.max(...sentences.map((line) => [...line].length))).toBeLessThanOrEqual(80);
});

test('without a key everything is shown but when something expires', async () => {
  const path = await synced();
  const { code, stdout } = await run(['status', '--warehouse', path], { now: T0 });
  expect(code).toBe(0);
  expect(stdout).toContain('expiry        not known: the settings of this source cannot be read');
  const json = JSON.parse((await run(['status', '--json', '--warehouse', path])).stdout);
  expect(json.sources[0]).toMatchObject({ configured: null, retention_days: null, rows: 1 });
});

test('a source that was never synced, and one whose settings list something else now, are shown as such', async () => {
  const path = await synced();
  const more = { ...env, SOURCES: 'test,eu', EU_API_KEY: 'k', TEST_BASE_URL: 'https://elsewhere.example/v1' };
  const { stdout } = await run(['status', '--warehouse', path], { env: more });
  expect(stdout).toMatch(/\neu\n {2}never synced +run `tokenhouse sync`\n/);
  expect(stdout).toContain('now list something else');
});

test('expired and expiring seconds are told plainly', async () => {
  const path = await synced();
  const { stdout } = await run(['status', '--warehouse', path], { env, now: T0 + 60 * DAY });
  expect(stdout).toContain('expiring now: unread since');
  expect(stdout).toContain('24 h had expired before they were read');
});

test('a missing warehouse is one line, and none is made', async () => {
  const path = await temporaryPath();
  for (const command of ['status', 'gaps', 'runs']) {
    const { code, stdout, stderr } = await run([command, '--warehouse', path], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^tokenhouse: there is no warehouse at .*tokenhouse sync.*\n$/);
  }
  expect(existsSync(path)).toBe(false);
});

test('a run under way is told with its walkers, its pages and the time left, to a person and to a script', () => {
  const of = {
    source: 'openai',
    kind: 'sync',
    started_at_ms: T0 * 1000,
    updated_at_ms: (T0 + 10) * 1000,
    rows: 4_000,
    pages: 40,
    walkers: 4,
    pages_left: 60.4,
    reached_at: T0 - 600,
    process: ownProcess(),
  };
  expect(runningText(of)).toMatch(
    /^Running: sync of openai · 4,000 rows · 40 pages · 400 rows\/s · 4 walkers · at .* · 39% · 15 s left$/,
  );
  expect(runningObject(of)).toMatchObject({ walkers: 4, pages: 40, pages_left: 60, seconds_left: 15 });
});
