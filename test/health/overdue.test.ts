import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overdueAtMs } from '../../src/health/overdue.ts';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(`${text}Z`);

test.each<[string, string | null, number, string, string]>([
  ['without a schedule: the hours alone', null, 36, '2025-01-01T02:20', '2025-01-02T14:20'],
  ['each night: a night may fail', '17 2 * * *', 36, '2025-01-01T02:20', '2025-01-02T14:20'],
  ['each hour: the hours alone', '0 * * * *', 3, '2025-01-01T02:01', '2025-01-01T05:01'],
  ['once a week: after the run that was due', '0 3 * * 1', 36, '2025-01-06T03:10', '2025-01-13T15:00'],
])('%s', (_, cron, afterHours, landed, overdue) => {
  expect(overdueAtMs(at(landed), { afterHours, cron, timeZone: 'UTC' })).toBe(at(overdue));
});

test('never before the hours are over, whatever the schedule', () => {
  const crons = fc.constantFrom(null, '* * * * *', '17 2 * * *', '0 0 1 1 *', '*/10 * * * * *');
  fc.assert(
    fc.property(
      crons,
      fc.integer({ min: 1, max: 8_760 }),
      fc.integer({ min: 0, max: 2e12 }),
      (cron, afterHours, ms) =>
        overdueAtMs(ms, { afterHours, cron, timeZone: 'Europe/Berlin' }) >= ms + afterHours * HOUR,
    ),
    { numRuns: 50 },
  );
});
