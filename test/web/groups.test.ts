/** A value that is called as one of our own words is another group than what the word stands for. */
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import type { Group } from '../../src/web/dashboard/data.ts';
import { labelOf } from '../../src/web/dashboard/palette.ts';
import { batch, completion, observe, range, startRun, T0, temporaryWarehouse } from '../warehouse/support.ts';
import { publishedCopy } from './chosen-support.ts';
import { served } from './dashboard-support.ts';

const named = (name: string): Group => ({ kind: 'named', name });

test('no two groups have one label', () => {
  const words = ['(untagged)', '(unknown)', '(none)', '(empty)', 'Other (3)', 'Other', 'other', '–', ''];
  const quoted = [...words, 'search', 'Others'].flatMap((word) => [word, `“${word}”`, `““${word}””`]);
  const groups: readonly Group[] = [{ kind: 'untagged' }, { kind: 'other', groups: 3 }, ...quoted.map(named)];
  const labels = groups.map(labelOf);
  expect(new Set(labels).size).toBe(labels.length);
  expect([labelOf(named('search')), labelOf(named('(untagged)'))]).toEqual(['search', '“(untagged)”']);
});

/** Values of the key `team`; null: without it. */
const TEAMS = ['(untagged)', 'Other (2)', '(unknown)', '(none)', '', null, 'a', 'b', 'c', 'd'] as const;

test('the page, its CSV and its JSON tell the value (untagged) from what is untagged', {
  timeout: 60_000,
}, async () => {
  const path = await temporaryWarehouse('priced');
  await using warehouse = await openWarehouse({
    path,
    content: 'full',
    waitSeconds: 0,
    prices: priceParts(null),
  });
  const runId = await startRun(warehouse);
  const items = TEAMS.map((team, place) =>
    observe(
      completion(`c${place}`, T0 - 86_400 + place, {
        model: 'gpt-5',
        metadata: team === null ? {} : { team },
        usage: { prompt_tokens: 1_000 - place, completion_tokens: 0, total_tokens: 1_000 - place },
      }),
    ),
  );
  await warehouse.load(batch(runId, { items, covered: [range(T0 - 2 * 86_400, T0 - 1)] }));
  await warehouse.close();
  await publishedCopy(path, 'none');
  const url = await served(path, { nowMs: () => T0 * 1000 });
  const query = 'range=all&by=metadata&key=team&top=8';
  const page = await (await fetch(`${url}/?${query}`)).text();
  for (const label of ['“(untagged)”', '(untagged)', '“(unknown)”', '“(none)”', '“Other (2)”', '(empty)']) {
    const found = page.match(
      new RegExp(
        `<li><a [^>]*><span class="swatch [^"]+"></span>${label.replaceAll(/[()]/g, '\\$&')}</a></li>`,
        'g',
      ),
    );
    expect(found, label).toHaveLength(1);
    expect(page, label).toContain(`>${label}</a></th>`);
  }
  const json = (await (await fetch(`${url}/dashboard.json?${query}`)).json()) as {
    usage_by_tag: readonly { name: string; kind: string; total_tokens: number }[];
  };
  const kinds = json.usage_by_tag.map(({ name, kind, total_tokens }) => [name, kind, total_tokens]);
  expect(kinds).toContainEqual(['(untagged)', 'named', 1_000]);
  expect(kinds).toContainEqual(['(untagged)', 'untagged', 995]);
  expect(kinds).toContainEqual(['', 'named', 996]);
  const csv = await (await fetch(`${url}/csv/usage_by_tag?${query}`)).text();
  expect(csv).toContain('\r\n(untagged),named,');
  expect(csv).toContain('\r\n(untagged),untagged,');
});
