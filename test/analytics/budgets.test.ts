/** Budgets by group: the file they are read from, and the month against them, by hand. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { budgetsOf, readBudgets, readBudgetsFile } from '../../src/analytics/budget-file.ts';
import { headingOf, noteLines } from '../../src/analytics/report-text.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { temporaryWarehouse } from '../warehouse/support.ts';
import { fixture, NOW, run, table } from './reports-support.ts';
import { listOf, load, type Made, openPriced, price, usage } from './support.ts';

const FILE = `# whose, and how much
group, monthly_usd, month, valid_from, valid_to, note
metadata.team=search, 10, , , 2026-10, until autumn
metadata.team=search, 25, , 2026-10, ,
metadata.team=search, 40, 2026-12, , , for the sale
"metadata.team=""(untagged)""", 1.5, , 2026-11-01, 2026-12-01,
model=m-1, 100, , , ,
`;

const held = (month: string) =>
  budgetsOf(readBudgets(FILE), month).map(({ name, monthlyUsd }) => [name, monthlyUsd]);

test('a budget holds for whole months, and one of a single month wins', () => {
  expect(held('2026-09')).toEqual([
    ['metadata.team=search', 10],
    ['model=m-1', 100],
  ]);
  expect(held('2026-11')).toEqual([
    ['metadata.team=search', 25],
    ['metadata.team="(untagged)"', 1.5],
    ['model=m-1', 100],
  ]);
  expect(held('2026-12')).toEqual([
    ['metadata.team=search', 40],
    ['model=m-1', 100],
  ]);
});

test.each([
  ['model,usd', 'line 1 lacks the column group, monthly_usd: it is a CSV with the columns'],
  ['group,monthly_usd,until', 'line 1 has a column until: there are group, monthly_usd, month, valid_from'],
  ['group,monthly_usd\n,5', 'line 2: group must not be empty: say metadata.team=search'],
  ['group,monthly_usd\n\nteam=x,5', 'line 3: group team: there is no such field or metadata key'],
  ['group,monthly_usd\nteam=x,5', /metadata\.KEY; a metadata key is named like metadata\.team$/],
  ['group,monthly_usd\nmodle=x,5', 'is model meant?'],
  ['group,monthly_usd\nmodel!=x,5', 'line 2: group model!=x: a budget is of what is so (=)'],
  ['group,monthly_usd\nmodel=x,0', 'line 2: monthly_usd must be above 0'],
  ['group,monthly_usd\nmodel=x,$5', 'line 2: monthly_usd must be US dollars'],
  ['group,monthly_usd\nmodel=x,5,6', 'line 2 has more fields than the header'],
  ['group,monthly_usd,month\nmodel=x,5,2026-13', 'line 2: month must be a month as yyyy-mm'],
  [
    'group,monthly_usd,valid_from\nmodel=x,5,2026-11-15',
    'line 2: valid_from must be a month as yyyy-mm, or its first day',
  ],
  [
    'group,monthly_usd,month,valid_to\nmodel=x,5,2026-11,2027-01',
    'line 2: month stands for valid_from and valid_to',
  ],
  [
    'group,monthly_usd,valid_from,valid_to\nmodel=x,5,2026-11,2026-11',
    'line 2: valid_to must be a later month',
  ],
  [
    'group,monthly_usd,valid_from\nmodel=x,5,\nmodel=y,5,\nmodel=x,6,2026-11',
    'lines 2 and 4 give model=x two budgets for the same month',
  ],
])('a file that is wrong says where: %j', (text, message) => {
  expect(() => readBudgets(text)).toThrow(message);
});

test('what is wrong names the setting and the file', async () => {
  const file = join(dirname(await temporaryWarehouse()), 'budgets.csv');
  expect(() => readBudgetsFile(file)).toThrow(`BUDGETS_FILE ${file} cannot be read (ENOENT)`);
  writeFileSync(file, 'group,monthly_usd\nmodel=x,much\n');
  expect(() => readBudgetsFile(file)).toThrow(`BUDGETS_FILE ${file}: line 2: monthly_usd must be`);
  await expect(run(await fixture(), 'budgets', { budgets: null })).rejects.toThrow(
    'the report budgets needs BUDGETS_FILE: a CSV with the columns group, monthly_usd',
  );
});

const call = (day: number, team: string | null, model: string, tokens = 1_000_000): Made => ({
  id: `${day} ${team} ${model}`,
  at: `2026-11-${String(day).padStart(2, '0')}T09:00:00Z`,
  model,
  usage: usage(tokens, 0),
  tags: team === null ? {} : { team },
});

/** A dollar a day of search, half of one on the open day, the 20th; 10 of ads on Thursday the 5th; 2 and 4 of nobody. */
async function month(): Promise<WarehouseFile> {
  const warehouse = await openPriced(
    listOf(
      price({ model: 'm-1', usd_per_mtok: '1' }),
      price({ model: 'm-2', usd_per_mtok: '10' }),
      price({ model: 'm-3', usd_per_mtok: '4' }),
    ),
  );
  await load(warehouse, {
    now: NOW,
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T11:30:00Z']],
    made: [
      ...Array.from({ length: 19 }, (_, place) => call(place + 1, 'search', 'm-1')),
      call(20, 'search', 'm-1', 500_000),
      call(5, 'ads', 'm-2'),
      call(10, null, 'm-1', 2_000_000),
      call(11, null, 'm-3'),
    ],
  });
  return warehouse;
}

const of = (text: string) => readBudgets(`group,monthly_usd\n${text}`);

test('the month to date, the forecast and the verdict of each budget, of what is under none, and of all', async () => {
  const warehouse = await month();
  await verdicts(warehouse);
  await otherGroups(warehouse);
  await dayByDay(warehouse);
});

async function verdicts(warehouse: WarehouseFile): Promise<void> {
  const columns = [
    'budget',
    'budget_kind',
    'budget_usd',
    'list_cost_usd',
    'budget_used_share',
    'forecast_list_cost_usd',
    'forecast_share',
    'verdict',
  ];
  const budgets = of('metadata.team=search,25\nmetadata.team=ads,9\nmodel=m-1,100\nmetadata.team=nobody,5\n');
  // 19 whole days to tell from. Search: 19, and 1 for each of the 11 days left. Ads: a third of 10 for the one Thursday left.
  // m-1: search, and 2 of nobody with two thirds of a dollar for the Tuesday left. Of nothing: 4, and 4 thirds for the Wednesday.
  expect(await table(warehouse, 'budgets', columns, { budgets, budget: 40 })).toEqual([
    ['metadata.team=ads', 'value', 9, 10, 1.111111111, 13.333333333, 1.481481481, 'over budget'],
    ['metadata.team=search', 'value', 25, 19.5, 0.78, 30, 1.2, 'heading over'],
    ['model=m-1', 'value', 100, 21.5, 0.215, 32.666666667, 0.326666667, 'within budget'],
    ['metadata.team=nobody', 'value', 5, 0, 0, 0, 0, 'within budget'],
    ['(no budget)', 'absent', null, 4, null, 5.333333333, null, 'no budget'],
    ['(all)', 'all', 40, 35.5, 0.8875, 51.333333333, 1.283333333, 'heading over'],
  ]);
  // All of them is what the budget of the whole says.
  expect(
    await table(warehouse, 'budget', ['list_cost_usd', 'forecast_list_cost_usd', 'verdict'], { budget: 40 }),
  ).toEqual([[35.5, 51.333333333, 'heading over']]);
  const passed = await table(warehouse, 'budgets', ['month_from', 'month_passed_share'], { budgets });
  expect(passed[0]).toEqual(['2026-11-01', 0.633333333]);
}

/** A source has budgets of its own, what lacks a key can have one, and without any all is under none. */
async function otherGroups(warehouse: WarehouseFile): Promise<void> {
  const columns = ['budget', 'list_cost_usd', 'verdict'];
  expect(
    await table(warehouse, 'budgets', columns, { budgets: of('source=prod,36\nmetadata.team=(untagged),7') }),
  ).toEqual([
    ['source=prod', 35.5, 'heading over'],
    ['metadata.team=(untagged)', 6, 'heading over'],
    ['(all)', 35.5, 'no BUDGET_MONTHLY'],
  ]);
  // Two keys, which no rollup knows together.
  expect(
    await table(warehouse, 'budgets', columns, { budgets: of('metadata.team=ads,90\nmetadata.other=x,1') }),
  ).toEqual([
    ['metadata.team=ads', 10, 'within budget'],
    ['metadata.other=x', 0, 'within budget'],
    ['(no budget)', 25.5, 'no budget'],
    ['(all)', 35.5, 'no BUDGET_MONTHLY'],
  ]);
  expect(await table(warehouse, 'budgets', columns, { budgets: [] })).toEqual([
    ['(no budget)', 35.5, 'no budget'],
    ['(all)', 35.5, 'no BUDGET_MONTHLY'],
  ]);
}

/** The month adds up day by day against an even pace, the open day marked. */
async function dayByDay(warehouse: WarehouseFile): Promise<void> {
  const columns = [
    'created_date',
    'list_cost_usd',
    'cumulative_cost_usd',
    'budget_to_date_usd',
    'budget_difference_usd',
    'budget_used_share',
    'state',
  ];
  const rows = await table(warehouse, 'budget-days', columns, { budget: 60 });
  // 2 of the 60 a day.
  expect(rows).toHaveLength(20);
  expect([rows[0], rows[4], rows[9], rows[19]]).toEqual([
    ['2026-11-01', 1, 1, 2, -1, 0.016666667, null],
    ['2026-11-05', 11, 15, 10, 5, 0.25, null],
    ['2026-11-10', 3, 22, 20, 2, 0.366666667, null],
    ['2026-11-20', 0.5, 35.5, 40, -4.5, 0.591666667, 'open'],
  ]);
  const teams = await table(warehouse, 'budget-days', ['created_date', 'group_name', 'cumulative_cost_usd'], {
    by: 'metadata.team',
  });
  expect(teams.slice(-3)).toEqual([
    ['2026-11-20', 'search', 19.5],
    ['2026-11-20', 'ads', 10],
    ['2026-11-20', '(untagged)', 6],
  ]);
  // Without a budget the report says how there is one; a group has none.
  const told = async (fields: Parameters<typeof run>[2]) => {
    const result = await run(warehouse, 'budget-days', fields);
    return `${headingOf(result)}\n${noteLines(result).join('\n')}`;
  };
  expect(await told({ budget: null })).toMatch(
    /^The month against its budget, day by day\n(?:.*\n)*Budget {4}none is set: BUDGET_MONTHLY/,
  );
  expect(await told({ budget: 60 })).not.toContain('BUDGET_MONTHLY');
  const grouped = await told({ budget: null, by: 'model' });
  expect(grouped).toMatch(/^List cost of the month, day by day and by model\n/);
  expect(grouped).not.toContain('BUDGET_MONTHLY');
}
