import { expect, test } from 'vitest';
import { type HealthQuestion, healthOf } from '../../src/health/source-health.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import { range } from '../warehouse/batches.ts';

const DAY = 86_400;
/** 2025-01-31T12:00:00Z */
const NOW = 1_738_324_800;

const health = (fields: Partial<HealthQuestion>) =>
  healthOf({
    now: unixSeconds(NOW),
    settleSeconds: 1800,
    retentionSeconds: 30 * DAY,
    coverage: [],
    gaps: [],
    oldestServedAt: null,
    ...fields,
  });

test('the settle window is neither a hole nor unread', () => {
  const read = health({ coverage: [range(NOW - 40 * DAY, NOW - 1800)] });
  expect(read).toMatchObject({ holes: [], holeSeconds: 0, unreadSeconds: 0 });
  expect(read).toMatchObject({ oldestUnreadAt: null, secondsToExpiry: null, expiredSeconds: 0 });
});

test.each<[string, Partial<HealthQuestion>, number | null]>([
  ['since the last run', { coverage: [range(NOW - 40 * DAY, NOW - 5 * DAY)] }, 25 * DAY + 1],
  [
    'in a hole',
    { coverage: [range(NOW - 40 * DAY, NOW - 20 * DAY), range(NOW - 10 * DAY, NOW - 1800)] },
    10 * DAY + 1,
  ],
  ['below the coverage', { coverage: [range(NOW - 5 * DAY, NOW - 1800)] }, 0],
  [
    'below the coverage, where the API has no rows',
    { coverage: [range(NOW - 5 * DAY, NOW - 1800)], oldestServedAt: unixSeconds(NOW - 4 * DAY) },
    null,
  ],
  [
    'below the coverage, down to the oldest row',
    { coverage: [range(NOW - 5 * DAY, NOW - 1800)], oldestServedAt: unixSeconds(NOW - 9 * DAY) },
    21 * DAY,
  ],
  ['everywhere', {}, 0],
  ['everywhere, of an API that forgets nothing', { retentionSeconds: null }, null],
])('what is unread %s expires with its oldest second', (_title, fields, expected) => {
  expect(health(fields).secondsToExpiry).toBe(expected);
});

test('seconds that were not read in time are counted, not forgotten', () => {
  const late = health({
    coverage: [range(NOW - 60 * DAY, NOW - 50 * DAY), range(NOW - 20 * DAY, NOW - 1800)],
  });
  expect(late.holeSeconds).toBe(30 * DAY - 1);
  expect(late.expiredSeconds).toBe(20 * DAY - 1);
  expect(late.secondsToExpiry).toBe(0);
});

test('a day is full, partly read, not read, or has a gap; today counts as far as it has settled', () => {
  // 2025-01-28, whole, to 2025-01-29 06:00, then from 2025-01-31 on; one second of the 30th is a gap.
  const midnight = (day: number): number => Date.UTC(2025, 0, day) / 1000;
  const { days } = health({
    coverage: [range(midnight(28), midnight(29) + 6 * 3600), range(midnight(31), NOW - 1800)],
    gaps: [range(midnight(30) + 5, midnight(30) + 5)],
  });
  expect(days).toHaveLength(30);
  expect(days.slice(-5)).toEqual([
    { date: '2025-01-27', state: 'none' },
    { date: '2025-01-28', state: 'full' },
    { date: '2025-01-29', state: 'part' },
    { date: '2025-01-30', state: 'gap' },
    { date: '2025-01-31', state: 'full' },
  ]);
});
