import { expect, test } from 'vitest';
import { slicesOf } from '../../src/warehouse/publish/slices.ts';

const day = (day: string, nextDay: string, completions: number, between = 0) => ({
  day,
  nextDay,
  completions,
  between,
  changed: null,
});

const changed = (from: string, to: string, completions: number) => ({ from, to, completions });

test('days are copied together, up to a size, whatever empty days lie between them; a large day is copied alone', () => {
  expect(
    slicesOf([
      day('2025-01-01', '2025-01-02', 10_800),
      day('2025-01-02', '2025-01-03', 7_200),
      day('2025-01-03', '2025-01-04', 1),
      day('2025-02-01', '2025-02-02', 2),
      day('2025-02-02', '2025-02-03', 900_000),
    ]),
  ).toEqual([
    { from: '2025-01-01', to: '2025-01-03', days: 2, completions: 18_000, changed: null },
    { from: '2025-01-03', to: '2025-02-02', days: 2, completions: 3, changed: null },
    { from: '2025-02-02', to: '2025-02-03', days: 1, completions: 900_000, changed: null },
  ]);
  expect(slicesOf([])).toEqual([]);
});

test('days between that did not change are copied with the others where they have few rows', () => {
  expect(
    slicesOf([
      day('2025-01-01', '2025-01-02', 10),
      day('2025-01-05', '2025-01-06', 10, 100),
      day('2025-01-09', '2025-01-10', 10, 1_000_000),
    ]),
  ).toEqual([
    { from: '2025-01-01', to: '2025-01-06', days: 2, completions: 120, changed: null },
    { from: '2025-01-09', to: '2025-01-10', days: 1, completions: 10, changed: null },
  ]);
});

test('of a day by itself only what changed is copied; days together are copied as a whole', () => {
  const hour = changed('2025-01-01T10:00:00.000+00', '2025-01-01T11:00:00.000+00', 7);
  const [first, second] = [day('2025-01-01', '2025-01-02', 300_000), day('2025-01-03', '2025-01-04', 10, 5)];
  expect(slicesOf([{ ...first, changed: hour }])).toEqual([
    { from: '2025-01-01', to: '2025-01-02', days: 1, completions: 300_000, changed: hour },
  ]);
  expect(slicesOf([{ ...first, completions: 100, changed: hour }, second])).toEqual([
    {
      from: '2025-01-01',
      to: '2025-01-04',
      days: 2,
      completions: 115,
      changed: changed('2025-01-01 00:00:00+00', '2025-01-04 00:00:00+00', 115),
    },
  ]);
});
