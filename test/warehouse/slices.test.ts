import { expect, test } from 'vitest';
import { slicesOf } from '../../src/warehouse/publish/slices.ts';

const day = (day: string, nextDay: string, completions: number, between = 0) => ({
  day,
  nextDay,
  completions,
  between,
});

test('days are copied together, up to a size, whatever empty days lie between them; a large day is copied alone', () => {
  expect(
    slicesOf([
      day('2025-01-01', '2025-01-02', 12_000),
      day('2025-01-02', '2025-01-03', 8_000),
      day('2025-01-03', '2025-01-04', 1),
      day('2025-02-01', '2025-02-02', 2),
      day('2025-02-02', '2025-02-03', 900_000),
    ]),
  ).toEqual([
    { from: '2025-01-01', to: '2025-01-03', days: 2, completions: 20_000 },
    { from: '2025-01-03', to: '2025-02-02', days: 2, completions: 3 },
    { from: '2025-02-02', to: '2025-02-03', days: 1, completions: 900_000 },
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
    { from: '2025-01-01', to: '2025-01-06', days: 2, completions: 120 },
    { from: '2025-01-09', to: '2025-01-10', days: 1, completions: 10 },
  ]);
});
