/** A colour stays with its name: on every page, and when others come. */
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import type { Group } from '../../src/web/dashboard/data.ts';
import { COLORS, colorsOf, keyOf } from '../../src/web/dashboard/palette.ts';
import { batch, completion, observe, range, startRun, T0, temporaryWarehouse } from '../warehouse/support.ts';
import { publishedCopy } from './chosen-support.ts';
import { served } from './dashboard-support.ts';

const named = (name: string): Group => ({ kind: 'named', name });
const colorOf = (name: string, known: readonly string[]) =>
  colorsOf([named(name)], known).get(keyOf(named(name)));

/** Names whose first choice is one colour. */
function alike(count: number): readonly string[] {
  const wanted = colorOf('model-0', []);
  const names: string[] = [];
  for (let number = 0; names.length < count; number++) {
    if (colorOf(`model-${number}`, []) === wanted) names.push(`model-${number}`);
  }
  return names;
}

test('names have colours of their own, as many as there are, and those seen later change none', () => {
  const names = Array.from({ length: COLORS }, (_, index) => `model-${index}`);
  const all = colorsOf(names.map(named), names);
  expect(new Set(all.values()).size).toBe(COLORS);
  for (let seen = 1; seen <= COLORS; seen++) {
    for (const name of names.slice(0, seen)) {
      expect(colorOf(name, names.slice(0, seen))).toBe(all.get(keyOf(named(name))));
    }
  }
  // More than that: a colour by the name alone.
  expect(colorOf('one more', names)).toMatch(/^s\d+$/);
});

test('what is untagged, and the others, have their own grey, and a value of such a name has not', () => {
  const groups: readonly Group[] = [{ kind: 'untagged' }, { kind: 'other', groups: 7 }];
  expect([...colorsOf(groups, ['(untagged)', 'other']).values()]).toEqual(['s-untagged', 's-other']);
  expect(colorOf('(untagged)', ['(untagged)'])).toMatch(/^s\d+$/);
});

const DAY = 86_400;

test('the legend, the charts and the tables of all periods, filters and group counts agree', {
  timeout: 60_000,
}, async () => {
  const names = alike(3);
  const path = await temporaryWarehouse('priced');
  await using warehouse = await openWarehouse({
    path,
    content: 'full',
    waitSeconds: 0,
    prices: priceParts(null),
  });
  const runId = await startRun(warehouse);
  // Each is used more than the one before it, and all of them last: whoever ranks them by what is shown changes their colours.
  const items = names.flatMap((model, place) =>
    Array.from({ length: 6 }, (_, index) =>
      observe(
        completion(`${model}-${index}`, T0 - (index < 3 ? 40 - place * 10 : 1) * DAY - index, {
          model,
          metadata: { team: model },
          usage: {
            prompt_tokens: 10 ** (place + 1),
            completion_tokens: 1,
            total_tokens: 10 ** (place + 1) + 1,
          },
        }),
      ),
    ),
  );
  await warehouse.load(batch(runId, { items, covered: [range(T0 - 50 * DAY, T0 - 1)] }));
  await warehouse.close();
  await publishedCopy(path, 'none');
  const url = await served(path, { nowMs: () => T0 * 1000 });
  const seen = new Map<string, Set<string>>();
  const day = (before: number) => new Date((T0 - before * DAY) * 1000).toISOString().slice(0, 10);
  const queries = [
    'range=all',
    'range=all&top=5',
    'range=7d',
    `since=${day(41)}&last=${day(39)}`,
    `since=${day(31)}&last=${day(29)}`,
    `since=${day(31)}&last=${day(19)}`,
    'range=all&by=metadata&key=team',
    'range=7d&by=metadata&key=team',
  ];
  for (const query of queries) {
    const page = await (await fetch(`${url}/?${query}`)).text();
    // Nothing has a price here, so the hours are shaded by tokens.
    expect(page).toMatch(/heat=tokens#hours" aria-current="true">Tokens</);
    const swatches = [...page.matchAll(/class="swatch (s[\w-]+)"><\/span>(?:<a [^>]*>)?(model-\d+)</g)];
    expect(swatches.length, query).toBeGreaterThan(0);
    for (const [, color = '', name = ''] of swatches) {
      seen.set(name, (seen.get(name) ?? new Set()).add(color));
      expect(page, query).toContain(`var(--${color})`);
    }
  }
  const colors = [...seen.values()].map((all) => [...all]);
  expect(colors.map((all) => all.length)).toEqual([1, 1, 1]);
  expect(new Set(colors.flat()).size).toBe(3);
});
