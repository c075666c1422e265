/** No run has landed for long: what is told of it, when, and by a worker whose queue is not there. */
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Alert } from '../../src/alerts/alerts.ts';
import { type OverdueQuestion, overdueOf, type Watched } from '../../src/alerts/overdue.ts';
import { watchOverdue } from '../../src/alerts/overdue-watch.ts';
import { postAlerts } from '../../src/alerts/post.ts';
import { keepHealth } from '../../src/observe/health.ts';
import { type House, houseOf } from '../support/house.ts';
import { SILENT } from '../support/run-in-house.ts';
import { webhookOf } from '../support/webhook.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RHYTHM = { afterHours: 36, cron: '17 2 * * *', timeZone: 'UTC' };

/** Looks at these times, in hours, where the run that landed last did so at `landed` of them. */
function told(hours: readonly number[], landed: (hour: number) => number | null): number[] {
  let before: Watched | null = null;
  return hours.filter((hour) => {
    const at = landed(hour);
    const question: OverdueQuestion = {
      source: 'prod',
      rhythm: { ...RHYTHM, cron: null },
      landedMs: at === null ? null : at * HOUR,
      before,
      trouble: null,
      isRunning: false,
      nowMs: hour * HOUR,
    };
    const { watched, alert } = overdueOf(question);
    before = watched;
    return alert !== null;
  });
}
const eachHour = (to: number): number[] => Array.from({ length: to + 1 }, (_, hour) => hour);

test('it is told once a day, from the second look after the hours on, and anew after a recovery', () => {
  expect(told(eachHour(90), () => 0)).toEqual([38, 62, 86]);
  expect(told(eachHour(90), (hour) => (hour < 45 ? 0 : 45))).toEqual([38, 83]);
  expect(told(eachHour(90), (hour) => hour)).toEqual([]);
  // Never landed: from the first look on. Not readable for a while: the last that is known.
  expect(told(eachHour(40), () => null)).toEqual([38]);
  expect(told(eachHour(60), (hour) => (hour > 20 ? null : hour))).toEqual([58]);
  // A worker that was off for days has some minutes to run what is due.
  expect(told([0, 100, 100.1], () => 0)).toEqual([]);
});

test('what is told names the time, the cause and a run that goes on', () => {
  const before = { since_ms: 0, landed_ms: 0, overdue_ms: 2 * DAY, told_ms: null };
  const question = { source: 'prod', rhythm: RHYTHM, landedMs: 0, before, isRunning: true, nowMs: 3 * DAY };
  expect(overdueOf({ ...question, trouble: 'the queue is away.' }).alert).toEqual({
    text: 'Tokenhouse: no run of prod has landed for 72 h (the last one landed at 1970-01-01T00:00:00Z); a run is under way; the queue is away: see `tokenhouse status` and `tokenhouse jobs list`',
    kind: 'run_overdue',
    key: 'run_overdue/prod/1970-01-04',
    severity: 'critical',
    source: 'prod',
    at: '1970-01-04T00:00:00Z',
    fields: {
      hours: 72,
      last_landed_at: '1970-01-01T00:00:00Z',
      is_running: 1,
      trouble: 'the queue is away.',
    },
  });
});

function watchOf(house: House, url: string, isScheduled = true) {
  const nowMs = () => house.now * 1000;
  const health = keepHealth({ warehouse: { ...WAREHOUSE, path: house.path }, nowMs });
  const watch = watchOverdue({
    warehouse: house.path,
    sources: ['openai'],
    rhythmOf: () => (isScheduled ? RHYTHM : null),
    health,
    trouble: async () => null,
    post: (alert: Alert, stop) => postAlerts(url, [alert], SILENT, 5, stop),
    nowMs,
    log: SILENT,
  });
  onTestFinished(async () => {
    await watch.close();
    await health.close();
  });
  return watch;
}
const WAREHOUSE = {
  memoryLimit: '512MB',
  content: 'full',
  waitSeconds: 0,
  pricesFile: null,
} as const;

test('a watch tells it once, over restarts too, again when the webhook was away, and after a recovery it is new', async () => {
  const house = await houseOf({ rows: 20 });
  await house.sync();
  let status = 404;
  const { url, posts } = await webhookOf(() => status);
  const watch = watchOf(house, url);
  const at = async (hours: number): Promise<number> => {
    house.now += hours * 3_600;
    await watch.look();
    return posts.length;
  };
  await watch.look();
  expect(await at(37)).toBe(0);
  expect(await at(1)).toBe(1);
  // It was not taken.
  status = 200;
  expect(await at(1)).toBe(2);
  expect(await at(1)).toBe(2);
  const [restarted, off] = [watchOf(house, url), watchOf(house, url, false)];
  await restarted.look();
  await off.look();
  expect(posts).toHaveLength(2);
  expect(posts[1]?.alert).toMatchObject({ kind: 'run_overdue', source: 'openai', fields: { hours: 39 } });
  await house.sync();
  expect(await at(1)).toBe(2);
});

test('a worker that waits for its queue tells it all the same, and with SCHEDULE=off nobody waits', async () => {
  const house = await houseOf({ rows: 20 });
  await house.sync();
  const { url, posts } = await webhookOf();
  // In the range that systems hand out to clients, and nobody listens there.
  const env = { ALERT_WEBHOOK: url, REDIS_URL: 'redis://127.0.0.1:59999', LOG_LEVEL: 'silent' };
  const work = async (more: Readonly<Record<string, string>>, until: () => Promise<void>): Promise<void> => {
    const stop = new AbortController();
    const worker = house.tokenhouse(['worker'], { env: { ...env, ...more }, signal: stop.signal });
    await until();
    stop.abort();
    await worker;
  };
  const noted = async () => expect.poll(() => existsSync(`${house.path}.overdue`)).toBe(true);
  house.now += 40 * 3_600;
  await work({}, noted);
  house.now += 900;
  await work({}, () => expect.poll(() => posts.length).toBe(1));
  expect(posts[0]?.alert.text).toMatch(/no run of openai has landed for 40 h .*waits for its queue/);
  house.now += 2 * 86_400;
  await work({ SCHEDULE: 'off' }, () => new Promise((done) => setTimeout(done, 1_000)));
  expect(posts).toHaveLength(1);
});
