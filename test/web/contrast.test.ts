/** Colours of the style sheet against what they stand on, in each of its palettes: axe-core looks at texts, and not at charts. */
import { expect, test } from 'vitest';
import { COLORS } from '../../src/web/dashboard/palette.ts';
import { STYLESHEET } from '../../src/web/dashboard/stylesheet.ts';

type Palette = Readonly<Record<string, string>>;

const [light = {}, dark = {}, print = {}] = [...STYLESHEET.matchAll(/:root \{([^}]*)\}/g)].map(
  ([, block = '']): Palette =>
    Object.fromEntries([...block.matchAll(/--([\w-]+): ([^;]+);/g)].map(([, name, value]) => [name, value])),
);
const PALETTES: readonly (readonly [string, Palette])[] = [
  ['light', light],
  ['dark', { ...light, ...dark }],
  ['print', { ...light, ...print }],
];

/** Red, green and blue, 0 to 1: of `#abc`, `#aabbcc` and of what is mixed of two others. */
function channels(palette: Palette, name: string): readonly number[] {
  const value = palette[name] ?? '';
  const [, one = '', percent, other = ''] =
    /^color-mix\(in srgb, var\(--([\w-]+)\) (\d+)%, var\(--([\w-]+)\)\)$/.exec(value) ?? [];
  if (percent !== undefined) {
    const [first, second] = [channels(palette, one), channels(palette, other)];
    const share = Number(percent) / 100;
    return first.map((channel, index) => share * channel + (1 - share) * (second[index] ?? 0));
  }
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/.exec(value)?.[1];
  if (digits === undefined) throw new Error(`--${name} is no colour: ${value}`);
  const size = digits.length / 3;
  return [0, 1, 2].map(
    (index) => Number.parseInt(digits.slice(index * size, (index + 1) * size).repeat(2 / size), 16) / 255,
  );
}

/** @see WCAG 2.2, relative luminance and contrast ratio. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((channel) =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ratio(palette: Palette, name: string, on: string): number {
  const [a, b] = [luminance(channels(palette, name)), luminance(channels(palette, on))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const TEXTS = [
  ...['text', 'muted', 'accent'].flatMap((name) => [[name, 'page'] as const, [name, 'surface'] as const]),
  ['text', 'raised'],
  ['accent', 'accent-soft'],
  ['warn', 'warn-soft'],
  ['surface', 'accent'],
  // The numbers of the hours on their shades.
  ...['h1', 'h2', 'h3', 'h4'].map((shade) => ['text', shade] as const),
  ...['h5', 'h6'].map((shade) => ['surface', shade] as const),
] as const;

const SHAPES = [
  ...Array.from({ length: COLORS }, (_, slot) => `s${slot}`),
  ...['s-other', 's-untagged', 'line-a', 'line-b', 'full', 'part', 'gap', 'none', 'axis', 'strong-border'],
];

test.each(PALETTES)('texts have 4.5 and shapes 3 against what is behind them: %s', (_, palette) => {
  for (const [name, on] of TEXTS) expect(ratio(palette, name, on), `${name} on ${on}`).toBeGreaterThan(4.5);
  for (const name of SHAPES) expect(ratio(palette, name, 'surface'), name).toBeGreaterThan(3);
});

test.each(PALETTES)('no two series have one colour: %s', (_, palette) => {
  const colors = SHAPES.filter((name) => name.startsWith('s')).map((name) => String(channels(palette, name)));
  expect(new Set(colors).size).toBe(colors.length);
});
