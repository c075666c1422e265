/** What all charts have in common: size, axes, the marks that lead somewhere, a name and a description. */
import { parseHTML } from 'linkedom';
import { compactText, compactUsdText, dayText, monthText } from './format.ts';
import { type Content, type Html, html, trusted } from './html.ts';
import type { Grain } from './period.ts';

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

export interface Size {
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
export interface SvgElement {
  innerHTML: string;
  textContent: string | null;
  readonly outerHTML: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
  prepend(...nodes: readonly SvgElement[]): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
}

export const frame = ({ width, height }: Size) => ({
  document,
  width,
  height,
  marginTop: 14,
  marginRight: 6,
  marginBottom: 26,
  marginLeft: 50,
  className: 'plot',
});

export const compactTick = (value: number): string =>
  compactText(value).replace(/\.0+(?=\D|$)|(\.\d*?)0+(?=\D|$)/, '$1');
export const compactUsdTick = (value: number): string =>
  value >= 10_000 ? compactUsdText(value) : `$${value.toLocaleString('en-US', { maximumFractionDigits: 4 })}`;
export const percentTick = (value: number): string => `${Number((value * 100).toFixed(1))}%`;

export function timeAxis(buckets: readonly Bucket[], grain: Grain, { ticks }: Size) {
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

export function bucketText(startsOn: string, grain: Grain): string {
  if (grain === 'month') return monthText(startsOn);
  return grain === 'week' ? `Week from ${dayText(startsOn)}` : dayText(startsOn);
}

/** Stripes of the page's own colour over what is not over. */
export function hatch(id: string): SvgElement {
  const defs = document.createElementNS('http://www.w3.org/2000/svg', 'defs');
  defs.innerHTML =
    `<pattern id="${id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
    '<line x1="0" y1="0" x2="0" y2="5" stroke="var(--surface)" stroke-width="3"></line></pattern>';
  return defs;
}

/** One for wide and one for small screens, of which the style sheet shows one. */
export function both(text: ChartText, draw: (size: Size, id: string) => SvgElement | null): Html {
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
  // Names of groups of shapes are for nobody: the picture has a name and a description.
  for (const group of chart.querySelectorAll('g')) {
    group.removeAttribute('aria-label');
    group.setAttribute('aria-hidden', 'true');
  }
  // For a pointer. Hundreds of stops are no way through a page: the script makes one of them, and the tables have all numbers.
  for (const link of chart.querySelectorAll('a')) {
    const address = link.getAttribute('xlink:href') ?? link.getAttribute('href') ?? '';
    link.removeAttribute('xlink:href');
    link.setAttribute('href', address);
    link.setAttribute('tabindex', '-1');
  }
  const named = (tag: 'title' | 'desc', words: string): void => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    element.setAttribute('id', `${id}-${tag}`);
    element.textContent = words;
    chart.prepend(element);
  };
  named('desc', description);
  named('title', title);
  chart.setAttribute('role', 'group');
  chart.setAttribute('aria-labelledby', `${id}-title ${id}-desc`);
  chart.setAttribute('font-size', '11');
  return trusted(chart.outerHTML);
}
