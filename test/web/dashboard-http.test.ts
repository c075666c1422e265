/** What the dashboard answers over HTTP, beside the same questions put to the command line. */
import { expect, test } from 'vitest';
import { filtersOf, queryOf } from '../../src/web/dashboard/filters.ts';
import { houseOf, NOW } from '../support/house.ts';
import { served } from './dashboard-support.ts';

interface Numbers {
  readonly totals: { readonly shown: { readonly completions: number } };
  readonly period: object;
}

const asked = (query: string) => filtersOf(new URLSearchParams(query));

test.each([
  ['since=2025-06-10&last=2025-06-11', '2025-06-10', '2025-06-11', 0],
  // As the command line has it, and as links of before had it by name.
  ['since=2025-06-10&until=2025-06-12', '2025-06-10', '2025-06-11', 0],
  ['until=2025-06-12', null, '2025-06-11', 0],
  ['until=2025-06-12&last=2025-06-10', null, '2025-06-10', 0],
  ['since=2025-06-12&until=2025-06-12', '2025-06-12', null, 1],
  ['since=2025-06-12&last=2025-06-12', '2025-06-12', '2025-06-12', 0],
  ['since=2025-06-12&last=2025-06-10', '2025-06-10', '2025-06-12', 1],
  ['since=2025-02-30&until=7d', null, null, 2],
])('the days of ?%s are those from %s to %s, both shown', (query, since, last, problems) => {
  const { filters, problems: told } = asked(query);
  expect(filters).toMatchObject({ since, last });
  expect(told).toHaveLength(problems);
  expect(asked(queryOf(filters)).filters).toEqual(filters);
});

test('the same days are the same numbers: --until, ?until, ?last, the form, CSV and an export', {
  timeout: 90_000,
}, async () => {
  const house = await houseOf({
    rows: 600,
    generate: { profile: 'month', days: 12, endSeconds: NOW - 7_200 },
  });
  await house.sync();
  const url = await served(house.path, { nowMs: () => NOW * 1000 });
  const json = async (query: string) =>
    (await (await fetch(`${url}/dashboard.json?${query}`)).json()) as Numbers;
  const report = async (...args: string[]) =>
    JSON.parse((await house.tokenhouse(['--json', 'report', 'usage', '--live', ...args])).stdout);
  const days = ['--since', '2025-06-06', '--until', '2025-06-09'];

  const told = await report(...days);
  const shown = await json('since=2025-06-06&until=2025-06-09');
  expect(shown.totals.shown.completions).toBe(told.completeness.completions);
  expect(shown.period).toMatchObject({ since: '2025-06-06', until: '2025-06-09', last: '2025-06-08' });
  expect(shown.period).toMatchObject({ since: told.period.since, until: told.period.until });
  expect(await json('since=2025-06-06&last=2025-06-08')).toEqual(shown);

  // One end alone.
  for (const [args, query] of [
    [['--until', '2025-06-09'], 'until=2025-06-09'],
    [['--since', '2025-06-09'], 'since=2025-06-09'],
  ] as const) {
    const { since, until } = (await report(...args)).period;
    expect((await json(query)).period, query).toMatchObject({ since, until });
  }

  const page = await (await fetch(`${url}/?since=2025-06-06&until=2025-06-09`)).text();
  expect(page).toContain('6 Jun – 8 Jun 2025');
  expect(page).toMatch(
    /<label for="last">Last day \(included\)<\/label><input [^>]*name="last"[^>]*value="2025-06-08"/,
  );
  expect(page).not.toContain('name="until"');
  const csv = await fetch(`${url}/csv/usage_over_time?since=2025-06-06&until=2025-06-09`);
  expect(csv.headers.get('content-disposition')).toContain('usage_over_time-2025-06-06-to-2025-06-08.csv');

  const lake = `${house.path}.lake`;
  const exported = await house.tokenhouse([
    ...['--json', 'export', '--live', '--to', lake, '--table', 'completion_usage'],
    ...days,
  ]);
  expect(JSON.parse(exported.stdout).rows).toBe(told.completeness.completions);
  const plan = await house.tokenhouse(['--json', 'backfill', '--dry-run', ...days]);
  expect(JSON.parse(plan.stdout)).toMatchObject([
    { from: '2025-06-06T00:00:00Z', to: '2025-06-08T23:59:59Z' },
  ]);
  for (const command of ['report', 'export', 'backfill']) {
    const { stdout } = await house.tokenhouse([command, '--help']);
    expect(stdout.replaceAll(/\s+/g, ' '), command).toContain('excluded: 2026-11-08 ends with the 7th');
  }
});
