/** Charts as SVG, drawn here and not in the browser: they need no script, and print and save as they are. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { DashboardData, Group } from './data.ts';
import { compactText, compactUsdText, dayText, monthText, shareText, usdText, wholeText } from './format.ts';
import { type Content, type Html, html, trusted } from './html.ts';
import { keyOf, labelOf } from './palette.ts';
import type { Grain } from './period.ts';
import { dollars } from './sums.ts';
import type { TimedShares } from './tables.ts';

export interface Bucket {
  readonly startsOn: string;
  /** Its time is not over. */
  readonly isOpen: boolean;
}

export interface ChartText {
  /** Of the page's elements, so that its parts can be referred to. */
  readonly id: string;
  /** What it shows, for who cannot see it. */
  readonly title: string;
  readonly description: string;
}

type Measure = 'tokens' | 'usd';

interface Size {
  readonly width: number;
  readonly height: number;
  /** Labels of the time axis at the most. */
  readonly ticks: number;
}

/** A picture scales with its text, so a small screen gets one of its own. */
const SIZES = {
  wide: { width: 580, height: 250, ticks: 7 },
  narrow: { width: 340, height: 220, ticks: 4 },
} as const;

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** What of an element of the DOM is used here; the types of the whole of it are a browser's. */
interface SvgElement {
  innerHTML: string;
  textContent: string | null;
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  prepend(...nodes: readonly SvgElement[]): void;
  querySelectorAll(selector: string): Iterable<{ remove(): void; removeAttribute(name: string): void }>;
}

interface Bar {
  readonly startsOn: string;
  readonly group: Group;
  readonly value: number;
  readonly isOpen: boolean;
}

/** Stacked bars, the first group at the bottom; what is not over is lighter and hatched. */
export function usageChart(
  data: Pick<DashboardData, 'overTime' | 'period'>,
  measure: Measure,
  buckets: readonly Bucket[],
  colors: ReadonlyMap<string, string>,
  text: ChartText,
): Html {
  const open = new Set(buckets.filter(({ isOpen }) => isOpen).map(({ startsOn }) => startsOn));
  const bars = data.overTime.map(
    ({ startsOn, group, sums }): Bar => ({
      startsOn,
      group,
      value: measure === 'tokens' ? Number(sums.totalTokens ?? 0n) : (dollars(sums.listCostUsd) ?? 0),
      isOpen: open.has(startsOn),
    }),
  );
  return both(text, (size, id) =>
    bars.length === 0 ? null : drawBars(bars, measure, buckets, colors, data.period.grain, size, id),
  );
}

function drawBars(
  bars: readonly Bar[],
  measure: Measure,
  buckets: readonly Bucket[],
  colors: ReadonlyMap<string, string>,
  grain: Grain,
  size: Size,
  id: string,
): SvgElement {
  const keys = [...new Set(bars.map(({ group }) => keyOf(group)))];
  const write = measure === 'tokens' ? (value: number) => `${wholeText(value)} tokens` : usdText;
  const inset = buckets.length > 45 ? 0.25 : 1;
  const heights = new Map<string, number>();
  for (const { startsOn, value } of bars) heights.set(startsOn, (heights.get(startsOn) ?? 0) + value);
  const hatched = buckets.flatMap(({ startsOn, isOpen }) =>
    isOpen && heights.has(startsOn) ? { startsOn, value: heights.get(startsOn) } : [],
  );
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
      domain: [0, Math.max(...heights.values()) || 1],
      nice: true,
    },
    color: {
      type: 'ordinal',
      domain: keys,
      range: keys.map((key) => `var(--${colors.get(key) ?? 's-other'})`),
    },
    opacity: { type: 'identity' },
    marks: [
      Plot.barY(bars, {
        x: 'startsOn',
        y: 'value',
        fill: ({ group }: Bar) => keyOf(group),
        fillOpacity: ({ isOpen }: Bar) => (isOpen ? 0.55 : 1),
        order: keys,
        title: ({ startsOn, group, value, isOpen }: Bar) =>
          `${labelOf(group)}\n${bucketText(startsOn, grain)}${isOpen ? ' (open)' : ''}: ${write(value)}`,
        insetLeft: inset,
        insetRight: inset,
      }),
      Plot.barY(hatched, {
        x: 'startsOn',
        y: 'value',
        fill: `url(#${id}-hatch)`,
        pointerEvents: 'none',
        insetLeft: inset,
        insetRight: inset,
      }),
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
    ],
  });
  chart.prepend(hatch(`${id}-hatch`));
  return chart;
}

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
  text: ChartText,
): Html {
  const isKnown = shares.some((one) => one.cacheHitRate !== null || one.reasoningShare !== null);
  return both(text, (size) => (isKnown ? drawShares(shares, grain, buckets, size) : null));
}

function drawShares(
  shares: readonly TimedShares[],
  grain: Grain,
  buckets: readonly Bucket[],
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

const frame = ({ width, height }: Size) => ({
  document,
  width,
  height,
  marginTop: 14,
  marginRight: 6,
  marginBottom: 26,
  marginLeft: 50,
  className: 'plot',
});

const compactTick = (value: number): string =>
  compactText(value).replace(/\.0+(?=\D|$)|(\.\d*?)0+(?=\D|$)/, '$1');
const compactUsdTick = (value: number): string =>
  value >= 10_000 ? compactUsdText(value) : `$${value.toLocaleString('en-US', { maximumFractionDigits: 4 })}`;
const percentTick = (value: number): string => `${Number((value * 100).toFixed(1))}%`;

function timeAxis(buckets: readonly Bucket[], grain: Grain, { ticks }: Size) {
  const domain = buckets.map(({ startsOn }) => startsOn);
  const step = Math.max(1, Math.ceil(domain.length / ticks));
  // Counted from the end, so that the newest has a name.
  const named = domain.filter((_, index) => (domain.length - 1 - index) % step === 0);
  return {
    type: 'band' as const,
    domain,
    label: null,
    ticks: named,
    tickSize: 0,
    tickFormat: (day: string) => (grain === 'month' ? monthText(day) : dayText(day, false)),
    padding: domain.length > 45 ? 0.05 : 0.12,
  };
}

function bucketText(startsOn: string, grain: Grain): string {
  if (grain === 'month') return monthText(startsOn);
  return grain === 'week' ? `Week from ${dayText(startsOn)}` : dayText(startsOn);
}

/** Stripes of the page's own colour over what is not over. */
function hatch(id: string): SvgElement {
  const defs = document.createElementNS('http://www.w3.org/2000/svg', 'defs');
  defs.innerHTML =
    `<pattern id="${id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
    '<line x1="0" y1="0" x2="0" y2="5" stroke="var(--surface)" stroke-width="3"></line></pattern>';
  return defs;
}

/** One for wide and one for small screens, of which the style sheet shows one. */
function both(text: ChartText, draw: (size: Size, id: string) => SvgElement | null): Html {
  const pictures: Content[] = (['wide', 'narrow'] as const).map((name) => {
    const id = `${text.id}-${name}`;
    const chart = draw(SIZES[name], id);
    return chart === null ? null : html`<div class="chart-${name}">${dressed(chart, id, text)}</div>`;
  });
  if (pictures.every((one) => one === null))
    return html`<p class="nothing">Nothing to draw in this period.</p>`;
  return html`${pictures}`;
}

function dressed(chart: SvgElement, id: string, { title, description }: ChartText): Html {
  // Its style element is forbidden by the policy of the page, whose style sheet says the same.
  for (const style of chart.querySelectorAll('style')) style.remove();
  // Names of groups of shapes are for nobody: the picture is one, with a name and a description.
  for (const group of chart.querySelectorAll('g')) {
    group.removeAttribute('aria-label');
  }
  const named = (tag: 'title' | 'desc', words: string): void => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    element.setAttribute('id', `${id}-${tag}`);
    element.textContent = words;
    chart.prepend(element);
  };
  named('desc', description);
  named('title', title);
  chart.setAttribute('role', 'img');
  chart.setAttribute('aria-labelledby', `${id}-title ${id}-desc`);
  chart.setAttribute('font-size', '11');
  return trusted(chart.outerHTML);
}
