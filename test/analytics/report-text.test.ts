import { expect, test } from 'vitest';
import { parseBy } from '../../src/analytics/report-by.ts';
import { columnOf } from '../../src/analytics/report-columns.ts';
import { periodOf } from '../../src/analytics/report-period.ts';
import { prefixed } from '../../src/analytics/report-relations.ts';
import { descriptionOf, parametersIn } from '../../src/analytics/report-sql.ts';
import { cellTexts, percentText, usdDecimals, usdText } from '../../src/analytics/report-text.ts';

test.each([
  ['-- What it is.\n-- In two lines.\nselect 1 -- not this', 'What it is. In two lines.'],
  ['\n\n/* A block\n * of two lines. */\nselect 1', 'A block of two lines.'],
  ['select 1 -- later', ''],
  ['', ''],
])('the description of %j', (sql, description) => expect(descriptionOf(sql)).toBe(description));

test.each([
  ['select $since::date, $until, $since', ['since', 'until']],
  ['select \'$by\', "$top" -- $source\n/* $key */', []],
  ['select $$ $by $$, $tag$ $top $tag$, $source', ['source']],
  ["select 'it''s $by' || $top", ['top']],
])('the parameters of %j', (sql, names) => expect(parametersIn(sql)).toEqual(names));

test('what is grouped is put before the report, whether or not it has relations of its own', () => {
  const relations = ['b as (select 1)', 'c as (select 3)'];
  expect(prefixed(relations, '-- About.\nwith a as (select 2) select * from a')).toBe(
    'with b as (select 1),\nc as (select 3),\na as (select 2) select * from a',
  );
  expect(prefixed(relations, '-- About.\nselect 2')).toBe('with b as (select 1),\nc as (select 3)\nselect 2');
  expect(prefixed([], '-- About.\nselect 2')).toBe('-- About.\nselect 2');
});

test('--by takes words and any metadata key, and no time where times are compared', () => {
  expect(parseBy('model', true)).toEqual({ kind: 'column', name: 'model' });
  expect(parseBy('metadata.a.b', true)).toEqual({ kind: 'tag', key: 'a.b' });
  expect(parseBy('metadata', true)).toEqual({ kind: 'metadata' });
  expect(() => parseBy('modle', true)).toThrow('is model meant?');
  expect(() => parseBy('team', true)).toThrow('a metadata key is named like metadata.team');
  expect(() => parseBy('day', false)).toThrow(/^--by takes model.*metadata\.KEY$/);
  expect(() => parseBy('metadata.', true)).toThrow('--by takes');
});

test('a share of what is priced is never more than it is, as under the table', () => {
  const columns = [columnOf('priced_token_share', 'ratio'), columnOf('cost_share', 'ratio')];
  const rows = [0.9655, 0.9996, 1].map((share) => ({ priced_token_share: share, cost_share: share }));
  expect(cellTexts({ columns, rows })).toEqual([
    ['96.5 %', '96.6 %'],
    ['99.9 %', '100.0 %'],
    ['100.0 %', '100.0 %'],
  ]);
});

const BOUNDS = {
  asOf: '2026-11-24T15:00:00Z',
  settledUntil: '2026-11-24T14:30:00Z',
  openFrom: '2026-11-24',
  completeFrom: '2026-10-01',
  asOfDate: '2026-11-24',
};
const NONE = { asOf: null, settledUntil: null, openFrom: null, completeFrom: null, asOfDate: null };
const nowMs = Date.parse('2026-12-01T00:00:00Z');
const period = (since: string | null, until: string | null, bounds: typeof BOUNDS | typeof NONE = BOUNDS) => {
  const { since: from, until: to, wholeDays, openDays } = periodOf({ since, until }, bounds, nowMs);
  return [from, to, wholeDays, openDays];
};

test('a period is what is asked for, else the last 30 whole days and the open one', () => {
  expect(period(null, null)).toEqual(['2026-10-25', '2026-11-25', 30, 1]);
  expect(period('2026-11-20', null)).toEqual(['2026-11-20', '2026-11-25', 4, 1]);
  expect(period(null, '2026-11-10')).toEqual(['2026-10-11', '2026-11-10', 30, 0]);
  expect(period('2026-11-24', null)).toEqual(['2026-11-24', '2026-11-25', 0, 1]);
  expect(period('2027-01-01', null)).toEqual(['2027-01-01', '2027-01-02', 0, 0]);
  // Past midnight before it has settled: two days are open.
  expect(period(null, null, { ...BOUNDS, asOfDate: '2026-11-25' })).toEqual([
    '2026-10-25',
    '2026-11-26',
    30,
    2,
  ]);
  expect(period(null, null, NONE)).toEqual(['2026-11-01', '2026-12-02', 30, 1]);
  expect(() => period('2026-11-10', '2026-11-10')).toThrow('--since must be a day before --until');
});

test('amounts read well: cents for dollars, more for less, and no small thing reads as nothing', () => {
  expect([usdText(1234.5, 2), usdText(-0.5, 2), usdText(0.001, 2), usdText(0, 2)]).toEqual([
    '$1,234.50',
    '-$0.50',
    '<$0.01',
    '$0.00',
  ]);
  expect([usdDecimals([5, 0.001]), usdDecimals([0.05]), usdDecimals([0.0005]), usdDecimals([])]).toEqual([
    2, 4, 6, 2,
  ]);
  expect([percentText(0.1234), percentText(0.0001), percentText(0), percentText(1)]).toEqual([
    '12.3 %',
    '<0.1 %',
    '0.0 %',
    '100.0 %',
  ]);
});
