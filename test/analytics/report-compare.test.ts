import { expect, test } from 'vitest';
import { comparedSpans, daysOf, halvesOf } from '../../src/analytics/report-compare.ts';
import { SettingsError } from '../../src/errors.ts';

const BOUNDS = {
  asOf: '2026-11-20T12:00:00Z',
  settledUntil: '2026-11-20T11:30:00Z',
  openFrom: '2026-11-20',
  completeFrom: '2026-11-01',
  asOfDate: '2026-11-20',
};
const seconds = (time: string): number => Date.parse(time) / 1_000;

test.each([
  ['2026-11-18', null, null, '2026-11-15T12:30Z', '2026-11-20T11:30Z', 'as long before as there is after'],
  ['2026-11-03', null, null, '2026-11-01', '2026-11-05', 'as long after as was read before'],
  [
    '2026-11-10T06:00Z',
    '2026-11-08',
    null,
    '2026-11-08',
    '2026-11-12T12:00Z',
    'the end as long as the beginning',
  ],
  ['2026-11-10', null, '2026-11-12', '2026-11-08', '2026-11-12', 'the beginning as long as the end'],
  [
    '2026-11-18',
    null,
    '2026-12-01',
    '2026-11-15T12:30Z',
    '2026-11-20T11:30Z',
    'what has not settled is no end',
  ],
  ['2026-11-18', '2026-11-17', '2026-11-20', '2026-11-17', '2026-11-20', 'both as asked'],
])('around %s, since %s, until %s: from %s to %s: %s', (at, since, until, from, to, _how) => {
  const spans = comparedSpans({ since, until, compare: seconds(at) }, BOUNDS);
  expect(spans).toEqual({ from: seconds(from), at: seconds(at), to: seconds(to) });
});

test('a moment with nothing read before or after it is refused, and none or nothing read has no spans', () => {
  const spans = (compare: number | null, since: string | null = null) =>
    comparedSpans({ since, until: null, compare }, BOUNDS);
  expect(() => spans(seconds('2026-11-20T11:30Z'))).toThrow(SettingsError);
  expect(() => spans(seconds('2026-11-01'))).toThrow('from 2026-11-01T00:00Z to 2026-11-20T11:30Z');
  expect(() => spans(seconds('2026-11-10'), '2026-11-11')).toThrow(SettingsError);
  expect(spans(null)).toBeNull();
  expect(
    comparedSpans({ since: null, until: null, compare: 1 }, { ...BOUNDS, settledUntil: null }),
  ).toBeNull();
});

test('its days hold both spans, and without a moment the halves of the whole days that were read are compared', () => {
  const at = seconds('2026-11-18');
  expect(daysOf({ from: at - 1, at, to: at + 1 })).toEqual({ since: '2026-11-17', until: '2026-11-19' });
  expect(daysOf({ from: at, at, to: at + 86_400 })).toEqual({ since: '2026-11-18', until: '2026-11-19' });
  const period = { since: '2026-10-21', until: '2026-11-21', isDefault: true, wholeDays: 30, openDays: 1 };
  // Of the 19 days from the 1st to the 19th the first is left out.
  expect(halvesOf(period, BOUNDS)).toEqual({
    from: seconds('2026-11-02'),
    at: seconds('2026-11-11'),
    to: seconds('2026-11-20'),
  });
  const one = halvesOf({ ...period, since: '2026-11-10', until: '2026-11-11' }, BOUNDS);
  expect(one.from).toBe(one.to);
});
