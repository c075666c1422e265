/** The hours of the day by weekday as a grid that fits a terminal. */
import { styleText } from 'node:util';
import { quotedValue } from '../analytics/report-fields.ts';
import type { ReportRow } from '../analytics/report-query.ts';
import { usdDecimals, usdText } from '../analytics/report-text.ts';
import type { ReportResult } from '../analytics/run-report.ts';
import { wrapped } from './wrap.ts';

/** What a grid may show, and the column that has it on average. */
export const HEATMAP_METRICS = {
  tokens: { column: 'tokens_per_hour', title: 'tokens an hour' },
  cost: { column: 'list_cost_per_hour_usd', title: 'of list cost an hour' },
  completions: { column: 'completions_per_hour', title: 'completions an hour' },
} as const;
export type HeatmapMetric = keyof typeof HEATMAP_METRICS;

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const SHADES = ['░', '▒', '▓', '█'] as const;
const LABEL_WIDTH = 4;

interface GridStyle {
  readonly isTty: boolean;
  readonly color: boolean;
  readonly width: number | null;
}

/** A grid a group, and what its signs stand for. Numbers from 1 to 9 where there is no terminal, which a program can read too. */
export function heatmapText(result: ReportResult, metric: HeatmapMetric, style: GridStyle): string {
  if (result.rows.length === 0) return 'No rows.\n';
  const { column, title } = HEATMAP_METRICS[metric];
  const shownOf = (row: ReportRow): number | null => {
    const value = row[column] ?? null;
    return value === null ? null : Number(value);
  };
  const most = result.rows.reduce((a, b) => ((shownOf(b) ?? 0) > (shownOf(a) ?? 0) ? b : a));
  const largest = shownOf(most) ?? 0;
  const groups = Map.groupBy(result.rows, (row) => `${row['group_kind']} ${row['group_name']}`);
  const grids = [...groups.values()].map((rows) => gridText(rows, shownOf, largest, style));
  const told = `${amount(largest, metric)} ${title}, ${hourText(most)}`;
  const legend =
    largest === 0
      ? `No ${title} to show.`
      : style.isTty
        ? `${SHADES[0]} up to a quarter of the most, ${SHADES[1]} a half, ${SHADES[2]} three quarters, ${SHADES[3]} more, · none; the most is ${told}.`
        : `1 to 9: up to so many ninths of the most, which is ${told}; . none, ? not known.`;
  return `${grids.join('\n')}\n${wrapped(legend, style.width)}\n`;
}

function gridText(
  rows: readonly ReportRow[],
  shownOf: (row: ReportRow) => number | null,
  largest: number,
  style: GridStyle,
): string {
  const cellWidth = [3, 2, 1].find((width) => LABEL_WIDTH + 24 * width <= (style.width ?? 80)) ?? 1;
  // As many hours as have room to be named.
  const step = { 1: 6, 2: 3, 3: 1 }[cellWidth] ?? 6;
  const head = Array.from({ length: 24 }, (_, hour) =>
    hour % step === 0
      ? String(hour)
          .padStart(2, '0')
          .padStart(cellWidth === 3 ? 3 : 2)
          .padEnd(cellWidth * step)
      : '',
  )
    .join('')
    .trimEnd();
  const lines = WEEKDAYS.map((name, day) => {
    const cells = rows
      .filter((row) => Number(row['weekday']) === day + 1)
      .map((row) => cellText(shownOf(row), Number(row['hours_counted']), largest, cellWidth, style.isTty));
    const shown = cells.join('').trimEnd();
    return `${name} ${style.color ? styleText('cyan', shown, { validateStream: false }) : shown}`;
  });
  const [first] = rows;
  const group = first?.['group_name'] ?? null;
  const heading =
    group === null ? [] : [first?.['group_kind'] === 'value' ? quotedValue(String(group)) : String(group)];
  return `${[...heading, `${' '.repeat(LABEL_WIDTH)}${head}`, ...lines].join('\n')}\n`;
}

function cellText(
  value: number | null,
  hours: number,
  largest: number,
  width: number,
  isTty: boolean,
): string {
  const sign = signOf(value, hours, largest, isTty);
  // Shades touch, so that a stretch of hours reads as one.
  return isTty ? sign.repeat(width) : sign.padStart(width);
}

function signOf(value: number | null, hours: number, largest: number, isTty: boolean): string {
  if (hours === 0 || value === null) return isTty ? ' ' : '?';
  if (value === 0 || largest === 0) return isTty ? '·' : '.';
  if (!isTty) return String(Math.ceil((value / largest) * 9));
  return SHADES[Math.ceil((value / largest) * SHADES.length) - 1] ?? '█';
}

const amount = (value: number, metric: HeatmapMetric): string =>
  metric === 'cost'
    ? usdText(value, usdDecimals([value]))
    : value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });

const hourText = (row: ReportRow): string =>
  `${WEEKDAYS[Number(row['weekday']) - 1]} ${String(row['hour_of_day']).padStart(2, '0')}:00Z`;
