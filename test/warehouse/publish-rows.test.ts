import { expect, test } from 'vitest';
import { slicesOf } from '../../src/warehouse/publish/publish-rows.ts';

const day = (day: string, nextDay: string, completions: number) => ({ day, nextDay, completions });

test('days that follow each other are copied together, up to a size; a large day is copied alone', () => {
  expect(
    slicesOf([
      day('2025-01-01', '2025-01-02', 100_000),
      day('2025-01-02', '2025-01-03', 50_000),
      day('2025-01-03', '2025-01-04', 1),
      day('2025-02-01', '2025-02-02', 2),
      day('2025-02-02', '2025-02-03', 900_000),
    ]),
  ).toEqual([
    { from: '2025-01-01', to: '2025-01-03', days: 2, completions: 150_000 },
    { from: '2025-01-03', to: '2025-01-04', days: 1, completions: 1 },
    { from: '2025-02-01', to: '2025-02-02', days: 1, completions: 2 },
    { from: '2025-02-02', to: '2025-02-03', days: 1, completions: 900_000 },
  ]);
  expect(slicesOf([])).toEqual([]);
});
