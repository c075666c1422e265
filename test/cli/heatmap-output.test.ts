/** The grid of a heat map, as people see it. */
import { expect, test } from 'vitest';
import type { ReportRow } from '../../src/analytics/report-query.ts';
import { builtIn } from '../../src/analytics/reports.ts';
import type { ReportResult } from '../../src/analytics/run-report.ts';
import { heatmapText } from '../../src/cli/heatmap-output.ts';

const PLAIN = { isTty: false, color: false, width: null } as const;

const BUSY: Readonly<Record<string, number>> = { '2 14': 900, '2 15': 450, '5 0': 1 };

/** A week in which nothing is known of Sundays: 900 on Tuesday at 14, 450 the hour after, 1 on Friday at 0. */
const rows: readonly ReportRow[] = Array.from({ length: 7 * 24 }, (_, place) => {
  const [weekday, hour] = [Math.floor(place / 24) + 1, place % 24];
  const tokens = BUSY[`${weekday} ${hour}`] ?? 0;
  const hours = weekday === 7 ? 0 : 4;
  return {
    group_name: 'x',
    group_kind: 'value',
    weekday: BigInt(weekday),
    hour_of_day: BigInt(hour),
    hours_counted: BigInt(hours),
    tokens_per_hour: hours === 0 ? null : tokens,
    completions_per_hour: hours === 0 ? null : 0,
    list_cost_per_hour_usd: hours === 0 ? null : tokens / 1_000,
  };
});
const result = { report: builtIn('heatmap'), rows } as unknown as ReportResult;

test('without a terminal it is numbers from 1 to 9, 76 columns wide', () => {
  const lines = heatmapText(result, 'tokens', PLAIN).split('\n');
  expect(lines.slice(0, 9)).toEqual([
    'x',
    `    ${Array.from({ length: 24 }, (_, hour) => ` ${String(hour).padStart(2, '0')}`).join('')}`,
    `Mon ${'  .'.repeat(24)}`,
    `Tue ${'  .'.repeat(14)}  9  5${'  .'.repeat(8)}`,
    `Wed ${'  .'.repeat(24)}`,
    `Thu ${'  .'.repeat(24)}`,
    `Fri   1${'  .'.repeat(23)}`,
    `Sat ${'  .'.repeat(24)}`,
    `Sun ${'  ?'.repeat(24)}`,
  ]);
  expect(Math.max(...lines.slice(0, 9).map((line) => line.length))).toBe(76);
  expect(lines.at(-2)).toBe(
    '1 to 9: up to so many ninths of the most, which is 900 tokens an hour, Tue 14:00Z; . none, ? not known.',
  );
});

test('a terminal gets shades, in colour unless it is turned off, and fits as narrow as it is', () => {
  const tty = { isTty: true, color: false, width: 80 };
  const wide = heatmapText(result, 'cost', tty);
  expect(wide).toContain(`\nTue ${'···'.repeat(14)}███▒▒▒${'···'.repeat(8)}\n`);
  expect(wide).toContain(`\nFri ░░░${'···'.repeat(23)}\n`);
  expect(wide).toContain('$0.9000 of list cost an hour, Tue 14:00Z.');
  expect(heatmapText(result, 'cost', { ...tty, color: true })).toContain('\u001b[36m');
  for (const width of [80, 60, 40, 28]) {
    const lines = heatmapText(result, 'cost', { ...tty, width }).split('\n');
    expect(Math.max(...lines.map((line) => [...line].length)), String(width)).toBeLessThanOrEqual(width);
  }
  expect(heatmapText(result, 'cost', { ...tty, width: 60 })).toContain('\n    00    03    06 ');
  expect(heatmapText(result, 'completions', tty)).toContain('No completions an hour to show.');
});
