import { expect, test } from 'vitest';
import { parseTime } from '../../src/cli/parse-time.ts';
import { SettingsError } from '../../src/errors.ts';
import { unixSeconds } from '../../src/sync/ports.ts';

const NOON = Date.UTC(2026, 10, 1, 12) / 1_000;
const now = unixSeconds(NOON);

test.each([
  ['2026-11-01', NOON - 43_200],
  ['2026-11-01T12:00:00Z', NOON],
  ['2026-11-01T12:00:00.999z', NOON],
  ['2026-11-01T12:00', NOON],
  ['2026-11-01 12:00:01', NOON + 1],
  ['2026-11-01T13:00:00+01:00', NOON],
  ['2026-11-01T06:30:00-0530', NOON],
  ['7d', NOON - 7 * 86_400],
  ['12h', NOON - 43_200],
  ['90m', NOON - 5_400],
  ['0s', NOON],
  ['2w', NOON - 14 * 86_400],
])('%s', (text, expected) => {
  expect(parseTime(text, now, '--since')).toBe(expected);
});

test('a time without an offset is UTC in every zone', () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'America/New_York';
  try {
    expect(parseTime('2026-11-01T12:00', now, '--since')).toBe(NOON);
    expect(parseTime('2026-11-01', now, '--since')).toBe(NOON - 43_200);
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

test.each([
  '',
  'yesterday',
  '2026-02-30',
  '2026-13-01',
  '2026-11-01T25:00',
  '2026-11-01T12:61',
  '11/01/2026',
  '7',
  '7y',
  '-7d',
  '999999999w',
  '1793534400',
])('%j is refused, and the flag named', (text) => {
  expect(() => parseTime(text, now, '--since')).toThrow(SettingsError);
  expect(() => parseTime(text, now, '--since')).toThrow(/^--since must be a date/);
});
