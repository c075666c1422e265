/** What is chosen by the URL: filters, and the days before beside those shown. Numbers worked out in chosen-support. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filtersOf, queryOf } from '../../src/web/dashboard/filters.ts';
import { heatDaysOf, periodOf } from '../../src/web/dashboard/period.ts';
import { CHOSEN_NOW_MS, chosenCopy, HOSTILE, SHOWN } from './chosen-support.ts';
import { served } from './dashboard-support.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];

interface Sums {
  readonly completions: number;
  readonly total_tokens: number | null;
  readonly list_cost_usd: string | null;
}

interface Numbers {
  readonly totals: Readonly<Record<'shown' | 'before', Sums>>;
  readonly usage_by_group: Rows;
  readonly usage_by_tag: Rows;
  readonly usage_over_time: Rows;
  readonly usage_before: Rows;
  readonly usage_by_hour: Rows;
  readonly finish_reasons: Rows;
  readonly truncation: Rows;
  readonly top_completions: Rows;
}

const COLUMNS = ['model', 'model_family', 'service_tier', 'finish_reason', 'input_user'] as const;
const field = fc.oneof(
  fc.constantFrom(...COLUMNS).map((name) => ({ kind: 'column' as const, name })),
  fc.string({ minLength: 1, maxLength: 30 }).map((key) => ({ kind: 'tag' as const, key })),
);
const value = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom('(untagged)', '"(untagged)"', '(none)', '""', ' '),
);

test('filters of any name and value come back from the URL they are written to', () => {
  const { filters } = filtersOf(new URLSearchParams());
  fc.assert(
    fc.property(fc.array(fc.record({ field, value }), { maxLength: 6 }), (entries) => {
      const where = entries.map((one) => ({ ...one, operator: '=' as const }));
      const wanted = { ...filters, where, isCompared: true };
      expect(filtersOf(new URLSearchParams(queryOf(wanted)))).toEqual({ filters: wanted, problems: [] });
    }),
  );
});

test('hours are of whole days that were read from their first second, and each weekday is counted', () => {
  const bounds = {
    asOf: '2026-11-20T02:00:00Z',
    asOfDate: '2026-11-20',
    openFrom: '2026-11-20',
    completeFrom: '2026-11-05',
    firstDate: '2026-11-04',
    lastDate: '2026-11-20',
  };
  const { filters } = filtersOf(new URLSearchParams('range=all'));
  // Thursday the 5th to Thursday the 19th: three Thursdays, two of the others.
  expect(heatDaysOf(periodOf(filters, bounds), bounds)).toEqual({
    from: '2026-11-05',
    to: '2026-11-20',
    weekdays: [2, 2, 2, 3, 2, 2, 2],
  });
  const today = filtersOf(new URLSearchParams('since=2026-11-20&last=2026-11-20')).filters;
  expect(heatDaysOf(periodOf(today, bounds), bounds)).toMatchObject({ from: '2026-11-20', to: '2026-11-21' });
});

test('what is too long or too much is left out and told of without its words', () => {
  const words = 'secret'.repeat(100);
  const long = filtersOf(new URLSearchParams({ model: words, [`metadata.${words}`]: 'x' }));
  expect(long.filters.where).toEqual([]);
  expect(long.problems).toHaveLength(2);
  expect(long.problems.join()).not.toContain('secret');
  const many = filtersOf(new URLSearchParams('metadata.team=a&'.repeat(40)));
  expect(many.filters.where).toHaveLength(12);
  expect(many.problems).toHaveLength(1);
  expect(filtersOf(new URLSearchParams('metadata.=x&model=&base=x')).filters.where).toEqual([]);
});

/** Requests, million tokens, US dollars of the days shown. */
const CHOSEN: readonly (readonly [query: string, expected: readonly number[]])[] = [
  ['', [4, 5, 6.8]],
  ['model=gpt-4.1-2025-04-14', [2, 3, 6]],
  ['base_model=gpt-4.1-mini', [2, 2, 0.8]],
  // What lacks the key, and a value of that name, which nothing has.
  ['metadata.team=(untagged)', [1, 1, 0.4]],
  ['metadata.team=%22(untagged)%22', [0, 0, 0]],
  ['finish_reason=length', [1, 1, 0.4]],
  ['model=gpt-4.1-mini-2025-04-14&metadata.team=search&metadata.customer=acme', [1, 1, 0.4]],
  ['metadata.team=search&metadata.team=billing', [3, 4, 6.4]],
  [`metadata.customer=${encodeURIComponent(HOSTILE)}`, [1, 1, 2]],
];

const added = (rows: Rows, name: string): number => rows.reduce((sum, row) => sum + Number(row[name]), 0);

test('what is chosen is what every table is of; bars and names lead to it', { timeout: 60_000 }, async () => {
  const url = await served(await chosenCopy(), { nowMs: () => CHOSEN_NOW_MS });
  const json = async (query: string): Promise<Numbers> =>
    (await (await fetch(`${url}/dashboard.json?${SHOWN}&${query}`)).json()) as Numbers;
  const page = async (query: string) => (await fetch(`${url}/?${SHOWN}&${query}`)).text();

  for (const [query, expected] of CHOSEN) {
    const numbers = await json(query);
    const { completions, total_tokens: tokens, list_cost_usd: usd } = numbers.totals.shown;
    expect([completions, (tokens ?? 0) / 1e6, Number(usd)], query).toEqual(expected);
    const { usage_over_time: time, usage_by_group: groups, usage_by_tag: tags, truncation } = numbers;
    for (const rows of [time, groups, tags, truncation]) {
      expect(added(rows, 'completions'), query).toBe(completions);
    }
    expect(added(numbers.finish_reasons, 'choices'), query).toBe(completions);
    expect(numbers.top_completions.length, query).toBe(completions);
  }

  // Monday to Thursday, each once: two calls between nine and ten on Tuesday.
  const { usage_by_hour: hours } = await json('');
  expect(hours).toMatchObject([
    { weekday: 'Monday', hour: 8, days: 1, completions: 1, total_tokens: 2_000_000 },
    { weekday: 'Tuesday', hour: 9, days: 1, completions: 2, total_tokens: 2_000_000 },
    { weekday: 'Wednesday', hour: 23, days: 1, completions: 1, total_tokens: 1_000_000 },
  ]);
  expect(hours.map((row) => Number(row['list_cost_usd']))).toEqual([4, 2.4, 0.4]);
  const ofSearch = await json('metadata.team=search');
  expect(ofSearch.usage_by_hour.map(({ weekday, hour }) => [weekday, hour])).toEqual([
    ['Monday', 8],
    ['Wednesday', 23],
  ]);
  const heat = await page('heat=requests');
  expect(heat).toContain(
    '<td class="heat h6" title="Tuesday 09:00–10:00 UTC: 2.0 requests in a mean hour">2.0</td>',
  );
  expect(heat).toContain(
    '<td class="heat h3" title="Monday 08:00–09:00 UTC: 1.0 requests in a mean hour">1.0</td>',
  );
  expect(heat).toMatch(/class="heat h0" title="Wednesday 00:00–01:00 UTC: 0.0 requests/);

  // The days before: as many whole days, by group and by day.
  const plain = await json('');
  expect(plain.usage_before).toEqual([]);
  expect(plain.usage_by_group[0]).not.toHaveProperty('list_cost_change');
  const compared = await json('compare=before&key=team');
  expect(Number(compared.totals.before.list_cost_usd)).toBe(2);
  // 6.0 dollars against 2.0, 3 million tokens against 1, 2 calls against 1; the mini was not called before.
  expect(compared.usage_by_group).toMatchObject([
    { name: 'gpt-4.1-2025-04-14', list_cost_change: 2, tokens_change: 2, requests_change: 1 },
    { name: 'gpt-4.1-mini-2025-04-14', before_completions: 0, list_cost_change: null, tokens_change: null },
  ]);
  expect(Number(compared.usage_by_group[0]?.['before_list_cost_usd'])).toBe(2);
  // Friday the 13th is the second of the four days before, as Tuesday the 17th is of those shown.
  expect(compared.usage_before).toMatchObject([
    { starts_on: '2026-11-17', before_completions: 1, before_total_tokens: 1_000_000 },
  ]);
  const billing = await json('compare=before&metadata.team=billing');
  expect(billing.totals.before.completions).toBe(0);
  // 6.8 against 2.0.
  expect(await page('compare=before')).toContain('<b>+240.0%</b> from $2.00');

  // A name and a part of a bar lead to its filter, a crumb leads back, and the form keeps it.
  const chosen = await page(`metadata.customer=${encodeURIComponent(HOSTILE)}`);
  expect(chosen).not.toContain('<script>canary');
  expect(chosen).toContain('&lt;script&gt;canary=1');
  expect(chosen).toMatch(/<input type="hidden" name="metadata.customer" value="&quot;&#39;&gt;&lt;script/);
  const queries = [...chosen.matchAll(/href="\.\?([^"]*)"/g)].map(
    ([, query = '']) => new URLSearchParams(query.replaceAll('&amp;', '&')),
  );
  expect(queries.map(String)).toContain(SHOWN);
  const byModel = queries.filter((query) => query.get('model') === 'gpt-4.1-2025-04-14');
  // The legend, the table, the truncations, the dearest calls, and a bar of each chart in both sizes.
  expect(byModel.length).toBeGreaterThan(6);
  for (const query of byModel) expect(query.get('metadata.customer')).toBe(HOSTILE);
  const ofDay = queries.filter((query) => query.get('since') === '2026-11-17');
  expect(ofDay.length).toBeGreaterThan(1);
  for (const query of ofDay) expect(query.get('last')).toBe('2026-11-17');

  // All customers of the days: 4.4 of 6.8 dollars in two calls, 2.0, and the call without one.
  const values = async (query: string) => {
    const text = await (await fetch(`${url}/values?${SHOWN}&key=customer&${query}`)).text();
    expect(text).not.toContain('<script>canary');
    const rows = [...text.matchAll(/<tr><th scope="row"[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) =>
      row
        .replaceAll(/<td/g, '|<td')
        .replaceAll(/<[^>]*>/g, '')
        .split('|')
        .map((cell) => cell.trim()),
    );
    return { text, rows };
  };
  const { rows: customers, text: first } = await values('');
  expect(customers.map(([name]) => name?.slice(0, 12))).toEqual(['acme', '&quot;&#39;&', '(untagged)']);
  // Name, bar, requests, tokens, cost, mean, shares.
  expect(customers[0]).toEqual(['acme', '', '2', '3,000,000', '$4.40', '$2.20', '64.7%', '60.0%']);
  expect(first).toContain('1 to 3 of 3.');
  const found = await values('q=ACM');
  expect(found.rows.map(([name]) => name)).toEqual(['acme']);
  // The share stays that of the whole.
  expect(found.rows[0]?.at(-2)).toBe('64.7%');
  expect(found.text).toContain('1 to 1 of 1 found among 2 values.');
  expect(found.text).toContain('value="ACM"');
  expect((await values('sort=mean')).rows.map(([, , requests]) => requests)).toEqual(['2', '1', '1']);
  expect((await values(`q=${encodeURIComponent(HOSTILE)}`)).rows).toHaveLength(1);
  expect((await values('q=%25')).rows).toEqual([]);
  expect((await values('page=2')).rows).toEqual([]);
  expect((await values('metadata.team=search')).rows.map(([name]) => name)).toEqual(['acme']);
  const csv = await (await fetch(`${url}/values.csv?${SHOWN}&key=customer&q=acme`)).text();
  expect(csv.split('\r\n')[1]).toMatch(/^1,acme,named,2,3000000,0,3000000,4\.4/);
});
