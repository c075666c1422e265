/** Two lines of shares over time. */
import * as Plot from '@observablehq/plot';
import {
  type Bucket,
  both,
  bucketText,
  type ChartText,
  frame,
  percentTick,
  type Size,
  type SvgElement,
  timeAxis,
} from './chart-frame.ts';
import { shareText } from './format.ts';
import type { Html } from './html.ts';
import type { Grain } from './period.ts';
import type { TimedShares } from './sums-over-time.ts';

interface Point {
  readonly startsOn: string;
  readonly value: number | null;
  readonly name: string;
}

export const SHARE_SERIES = [
  { key: 'cacheHitRate', label: 'Cache hit rate', color: 'line-a', dash: null },
  { key: 'reasoningShare', label: 'Reasoning share', color: 'line-b', dash: '5 3' },
] as const;

/** Two lines of shares, told apart by their dashes as well as by colour. */
export function sharesChart(
  shares: readonly TimedShares[],
  grain: Grain,
  buckets: readonly Bucket[],
  bucketLink: (startsOn: string) => string,
  text: ChartText,
): Html {
  const isKnown = shares.some((one) => one.cacheHitRate !== null || one.reasoningShare !== null);
  return both(text, (size) => (isKnown ? drawShares(shares, grain, buckets, bucketLink, size) : null));
}

function drawShares(
  shares: readonly TimedShares[],
  grain: Grain,
  buckets: readonly Bucket[],
  bucketLink: (startsOn: string) => string,
  size: Size,
): SvgElement {
  const known = new Map(shares.map((one) => [one.startsOn, one]));
  const open = new Set(buckets.filter(({ isOpen }) => isOpen).map(({ startsOn }) => startsOn));
  const series = SHARE_SERIES.map((one) => ({
    ...one,
    points: buckets.map(
      ({ startsOn }): Point => ({ startsOn, name: one.label, value: known.get(startsOn)?.[one.key] ?? null }),
    ),
  }));
  const highest = Math.max(...series.flatMap(({ points }) => points.map(({ value }) => value ?? 0)), 0.01);
  return Plot.plot({
    ...frame(size),
    x: { ...timeAxis(buckets, grain, size), type: 'point' },
    y: {
      grid: true,
      label: null,
      tickSize: 0,
      ticks: 4,
      tickFormat: percentTick,
      domain: [0, Math.min(1, highest * 1.1)],
      nice: true,
    },
    marks: [
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
      ...series.flatMap(({ points, color, dash }) => [
        Plot.lineY(points, {
          x: 'startsOn',
          y: 'value',
          stroke: `var(--${color})`,
          strokeWidth: 2,
          ...(dash === null ? {} : { strokeDasharray: dash }),
        }),
        Plot.dot(points, {
          x: 'startsOn',
          y: 'value',
          r: buckets.length > 45 ? 1.5 : 2.5,
          href: (point: Point) => bucketLink(point.startsOn),
          fill: ({ startsOn }: Point) => (open.has(startsOn) ? 'var(--surface)' : `var(--${color})`),
          stroke: `var(--${color})`,
          title: ({ startsOn, name, value }: Point) =>
            `${name}\n${bucketText(startsOn, grain)}${open.has(startsOn) ? ' (open)' : ''}: ${shareText(value)}`,
        }),
      ]),
    ],
    color: { type: 'identity' },
  });
}
