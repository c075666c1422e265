/** Bars over time, drawn here as SVG and not in the browser: they need no script, and print and save as they are. */
import * as Plot from '@observablehq/plot';
import {
  type Bucket,
  both,
  bucketText,
  type ChartText,
  compactTick,
  compactUsdTick,
  frame,
  hatch,
  type Size,
  type SvgElement,
  timeAxis,
} from './chart-frame.ts';
import type { DashboardData, Group } from './data.ts';
import { cut, shareText, usdText, wholeText } from './format.ts';
import type { Html } from './html.ts';
import { keyOf, labelOf } from './palette.ts';
import type { Grain } from './period.ts';
import { dollars } from './sums.ts';

type Measure = 'tokens' | 'usd';

export interface UsageChart {
  readonly data: Pick<DashboardData, 'overTime' | 'overTimeBefore' | 'period'>;
  readonly measure: Measure;
  readonly buckets: readonly Bucket[];
  /** Classes of the groups' colours. */
  readonly colors: ReadonlyMap<string, string>;
  readonly text: ChartText;
  /** Where a part of a bar leads; null: nowhere. */
  readonly groupLink: (group: Group) => string | null;
  readonly bucketLink: (startsOn: string) => string;
}

interface Bar {
  readonly startsOn: string;
  readonly group: Group;
  readonly value: number;
}

/** The bar of a day, week or month as a whole. */
interface Column {
  readonly startsOn: string;
  readonly total: number;
  /** null: it is not compared. */
  readonly before: number | null;
  readonly isOpen: boolean;
}

interface Drawing extends UsageChart {
  readonly bars: readonly Bar[];
  readonly columns: readonly Column[];
  readonly size: Size;
  readonly id: string;
}

/** Stacked bars, the first group at the bottom; what is not over is lighter and hatched. Dashes: the days before, as a whole. */
export function usageChart(chart: UsageChart): Html {
  const { data, measure, buckets, text } = chart;
  const measured = ({
    totalTokens,
    listCostUsd,
  }: {
    totalTokens: bigint | null;
    listCostUsd: string | null;
  }) => (measure === 'tokens' ? Number(totalTokens ?? 0n) : (dollars(listCostUsd) ?? 0));
  const bars = data.overTime.map(
    ({ startsOn, group, sums }): Bar => ({ startsOn, group, value: measured(sums) }),
  );
  const earlier = new Map(data.overTimeBefore.map((one) => [one.startsOn, measured(one)]));
  const columns = buckets.map(
    ({ startsOn, isOpen }): Column => ({
      startsOn,
      total: bars.reduce((sum, one) => sum + (one.startsOn === startsOn ? one.value : 0), 0),
      before: earlier.get(startsOn) ?? null,
      isOpen,
    }),
  );
  return both(text, (size, id) =>
    bars.length === 0 ? null : drawBars({ ...chart, bars, columns, size, id }),
  );
}

function drawBars(drawing: Drawing): SvgElement {
  const { bars, columns, measure, buckets, colors, size, id, groupLink, bucketLink } = drawing;
  const { grain } = drawing.data.period;
  const keys = [...new Set(bars.map(({ group }) => keyOf(group)))];
  const inset = buckets.length > 45 ? 0.25 : 1;
  const byDay = new Map(columns.map((column) => [column.startsOn, column]));
  const top = Math.max(...columns.flatMap(({ total, before }) => [total, before ?? 0])) || 1;
  const isOpen = (startsOn: string): boolean => byDay.get(startsOn)?.isOpen === true;
  const chart = Plot.plot({
    ...frame(size),
    x: timeAxis(buckets, grain, size),
    y: {
      grid: true,
      label: null,
      tickSize: 0,
      ticks: 4,
      tickFormat: measure === 'tokens' ? compactTick : compactUsdTick,
      // Without a value an axis from 0 to 1 is better than none.
      domain: [0, top],
      nice: true,
    },
    color: {
      type: 'ordinal',
      domain: keys,
      range: keys.map((key) => `var(--${colors.get(key) ?? 's-other'})`),
    },
    opacity: { type: 'identity' },
    marks: [
      // Behind the bars, as high as the chart: what lies above a bar, or is too thin to be hit, is the day's as a whole.
      Plot.barY(columns, {
        x: 'startsOn',
        y1: 0,
        y2: top,
        fill: 'transparent',
        className: 'column',
        href: ({ startsOn }: Column) => bucketLink(startsOn),
        title: (column: Column) => columnTitle(column, drawing, grain),
      }),
      Plot.barY(bars, {
        x: 'startsOn',
        y: 'value',
        fill: ({ group }: Bar) => keyOf(group),
        fillOpacity: ({ startsOn }: Bar) => (isOpen(startsOn) ? 0.55 : 1),
        order: keys,
        href: ({ group, startsOn }: Bar) => groupLink(group) ?? bucketLink(startsOn),
        title: (bar: Bar) => barTitle(bar, drawing, byDay.get(bar.startsOn) ?? null, grain),
        insetLeft: inset,
        insetRight: inset,
      }),
      Plot.barY(
        columns.filter((one) => one.isOpen && one.total > 0),
        {
          x: 'startsOn',
          y: 'total',
          fill: `url(#${id}-hatch)`,
          pointerEvents: 'none',
          insetLeft: inset,
          insetRight: inset,
        },
      ),
      Plot.tickY(
        columns.filter(({ before }) => before !== null),
        {
          x: 'startsOn',
          y: 'before',
          stroke: 'var(--text)',
          strokeOpacity: 0.75,
          strokeWidth: 1.5,
          strokeDasharray: '3 2',
          pointerEvents: 'none',
        },
      ),
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
    ],
  });
  chart.prepend(hatch(`${id}-hatch`));
  return chart;
}

const written = (measure: Measure, value: number): string =>
  measure === 'tokens' ? `${wholeText(value)} tokens` : usdText(value);

const dayTitle = (startsOn: string, grain: Grain, isOpen: boolean): string =>
  `${bucketText(startsOn, grain)}${isOpen ? ' (open)' : ''}`;

function barTitle({ group, startsOn, value }: Bar, drawing: Drawing, column: Column | null, grain: Grain) {
  const { measure, groupLink } = drawing;
  const total = column?.total ?? 0;
  return [
    cut(labelOf(group)),
    `${dayTitle(startsOn, grain, column?.isOpen === true)}: ${written(measure, value)}`,
    ...(total > 0 ? [`${shareText(value / total)} of ${written(measure, total)}`] : []),
    groupLink(group) === null ? `Click: this ${grain} alone` : 'Click: show this alone',
  ].join('\n');
}

/** Lines of the groups at the most. */
const TITLE_GROUPS_MAX = 9;

function columnTitle({ startsOn, total, before, isOpen }: Column, drawing: Drawing, grain: Grain): string {
  const { bars, measure } = drawing;
  const parts = bars
    .filter((bar) => bar.startsOn === startsOn && bar.value > 0)
    .slice(0, TITLE_GROUPS_MAX)
    .map(({ group, value }) => `${cut(labelOf(group))}: ${written(measure, value)}`);
  return [
    `${dayTitle(startsOn, grain, isOpen)}: ${written(measure, total)}`,
    ...(before === null ? [] : [`Before: ${written(measure, before)}`]),
    ...parts,
    `Click: this ${grain} alone`,
  ].join('\n');
}
