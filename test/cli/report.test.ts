import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Environment } from '../../src/config/reader.ts';
import { COVERED, NOW, ownFixture, PRICES } from '../analytics/reports-support.ts';
import { load, openPriced, usage } from '../analytics/support.ts';
import { TextSink } from '../support/streams.ts';
import { copyTemplate } from '../support/templates.ts';
import { publishBeside, REAL_MARTS } from '../warehouse/publishing.ts';
import { temporaryWarehouse } from '../warehouse/support.ts';

const nowMs = Date.parse(NOW);

let shared: Promise<string> | null = null;
let folder = '';
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The one of all tests here, with its copy beside it, which is what is read. */
function made(): Promise<string> {
  shared ??= (async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenhouse-reports-'));
    const path = join(folder, 'warehouse.duckdb');
    await copyTemplate('priced', path);
    const warehouse = await ownFixture({ path });
    await warehouse.close();
    await publishBeside(path, { publishedContent: 'full', marts: REAL_MARTS, nowMs: () => nowMs });
    return path;
  })();
  return shared;
}

async function report(
  path: string,
  args: readonly string[],
  { env = {}, columns }: { env?: Environment; columns?: number } = {},
) {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  const terminal = Object.assign(stdout, {
    isTTY: columns !== undefined,
    ...(columns === undefined ? {} : { columns }),
  });
  const code = await runProgram(['--warehouse', path, 'report', ...args], COMMANDS, {
    environment: { LOG_LEVEL: 'silent', ...env },
    stdout: terminal,
    stderr,
    signal: new AbortController().signal,
    now: () => nowMs,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

test('a report is a plain table with its period, its whole and how complete it is', async () => {
  const { code, stdout } = await report(await made(), [
    'cost',
    '--by',
    'metadata.team',
    '--since',
    '2026-11-09',
  ]);
  expect(code).toBe(0);
  expect(stdout).toBe(`List cost by metadata.team

team        completions      input   output     tokens  token share  list cost  cost share   priced
x                     4  2,502,000  200,200  2,702,200       55.1 %      $5.40      46.2 %   99.9 %
(untagged)            2  1,001,000  100,100  1,101,100       22.5 %      $3.50      29.9 %   99.9 %
y                     2  1,000,000  100,000  1,100,000       22.4 %      $2.80      23.9 %  100.0 %

Period    2026-11-09 to 2026-11-20 (UTC), 11 whole days and the open one
Whole     8 completions · 4,903,300 tokens · list cost $11.70 of the 99.9 % of tokens that have a price (see the report unpriced) · 1 completion told no tokens
Complete  100.0 % proven to be read up to 2026-11-20 11:30Z; last sync 2026-11-20 12:00Z
`);
});

test('a terminal gets lines and bars that fit its width, and colour unless NO_COLOR is set', async () => {
  const path = await made();
  const wide = await report(path, ['cost', '--by', 'day'], { columns: 160, env: { NO_COLOR: '1' } });
  expect(wide.stdout).toContain('████████████');
  expect(wide.stdout).toContain('unpriced');
  expect(wide.stdout).toMatch(/2026-11-20.*open/);
  expect(wide.stdout).not.toContain('\u001b[');
  const narrow = await report(path, ['usage'], { columns: 80, env: { NO_COLOR: '1' } });
  const lines = narrow.stdout.split('\n').filter((line) => line.startsWith('│'));
  expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(80);
  expect(narrow.stdout).toContain('Left out for want of room: ');
  // Under the table too, each line breaks between words, and those that go on stand beside the label.
  expect(Math.max(...narrow.stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
  expect(narrow.stdout).toMatch(/^Whole {5}.*\n {10}\S/m);
  const colored = await report(path, ['cost', '--by', 'day'], { columns: 160 });
  expect(colored.stdout).toContain('\u001b[36m████████████\u001b[39m');
  expect(stripVTControlCharacters(colored.stdout)).toBe(wide.stdout);
});

test('JSON has the numbers, the period and its completeness; CSV is exact; Markdown is a table', async () => {
  const path = await made();
  const json = JSON.parse((await report(path, ['cost', '--by', 'model', '--json'])).stdout);
  expect(json).toMatchObject({
    report: 'cost',
    by: 'model',
    period: { since: '2026-10-21', until: '2026-11-21', whole_days: 30, open_days: 1, is_default: true },
    completeness: { covered_share: 1, days_with_gaps: 0, completions: 8, list_cost_usd: 11.7, as_of: NOW },
  });
  expect(json.rows[0]).toMatchObject({ group_name: 'gpt-4.1-2025-04-14', list_cost_usd: 7.2 });
  expect(json.columns[0]).toEqual({ name: 'group_name', kind: 'text' });
  const csv = await report(path, ['cost', '--by', 'service_tier', '--csv']);
  expect(csv.stdout).toContain(
    'group_name,completions,input_tokens,output_tokens,total_tokens,token_share,list_cost_usd',
  );
  expect(csv.stdout).toContain('turbo,1,1000,100,1100,');
  expect(csv.stdout).toContain(',7.200000000000,');
  const md = await report(path, ['tiers', '--md']);
  expect(md.stdout).toContain('| tier | completions | tokens |');
  expect(md.stdout).toContain('| --- | ---: |');
  expect(md.stdout).toContain('- Complete: 100.0 % proven to be read');
  expect((await report(path, ['tiers', '--md', '--csv'])).code).toBe(2);
});

test('without a name: a glance, and the main tables', async () => {
  const path = await made();
  const { stdout } = await report(path, []);
  for (const title of [
    'At a glance',
    'List cost by model',
    'List cost by metadata.team',
    'List cost by day',
  ]) {
    expect(stdout).toContain(title);
  }
  expect(stdout).not.toContain('Budget of the month');
  const json = JSON.parse((await report(path, ['--json'], { env: { BUDGET_MONTHLY: '10' } })).stdout);
  expect(json.report).toBe('summary');
  expect(json.tables.map((one: { report: string }) => one.report)).toEqual([
    'budget',
    'cost',
    'cost',
    'cost',
  ]);
  expect(json.tables[0].rows[0].verdict).toBe('over budget');
});

test('a wrong name, group, option, source or period is told of with what is meant', async () => {
  const path = await made();
  expect(await report(path, ['cots'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is cost meant?'),
  });
  expect((await report(path, ['cost', '--by', 'modle'])).stderr).toContain('is model meant?');
  expect((await report(path, ['health', '--by', 'model'])).stderr).toContain(
    'the report health takes no --by',
  );
  expect((await report(path, ['cost', '--source', 'nope'])).stderr).toContain('eu, prod');
  expect((await report(path, ['cost', '--since', 'yesterday'])).stderr).toContain('--since must be a date');
  expect((await report(path, ['cost', '--by', 'metadata.tema'])).stderr).toContain('there are: team, env');
  expect((await report(`${path}.none`, ['cost'])).code).toBe(1);
  expect(existsSync(`${path}.none`)).toBe(false);
});

test('two groups are two columns, in text, CSV and JSON', async () => {
  const path = await made();
  const args = ['cost', '--by', 'metadata.team', '--by', 'model', '--since', '2026-11-09'];
  const { stdout } = await report(path, args);
  expect(stdout).toContain('List cost by metadata.team and model\n');
  expect(stdout).toMatch(/\nteam +model +completions /);
  expect(stdout).toMatch(/\nx +gpt-4\.1-2025-04-14 +2 .* \$4\.40 /);
  const csv = (await report(path, [...args, '--csv'])).stdout.split('\n');
  expect(csv[0]).toMatch(/^group_name,group_name_2,completions,.*,group_kind,group_kind_2$/);
  expect(csv[2]).toMatch(/^\(untagged\),gpt-5-2025-08-07,2,.*,absent,value$/);
  const json = JSON.parse((await report(path, [...args, '--json'])).stdout);
  expect(json).toMatchObject({ by: 'metadata.team', by_2: 'model' });
  expect(json.rows[1]).toMatchObject({
    ...{
      group_name: '(untagged)',
      group_kind: 'absent',
      group_name_2: 'gpt-5-2025-08-07',
      group_kind_2: 'value',
    },
    list_cost_usd: 3.5,
  });
  const daily = await report(path, ['cost', '--by', 'day', '--by', 'source', '--csv']);
  expect(daily.stdout).toMatch(/\n2026-11-20,prod,.*,open,value,value\n/);
  const dir = mkdtempSync(join(dirname(path), 'mine-'));
  writeFileSync(join(dir, 'mine.sql'), 'select $by as asked, $key as asked_key');
  const own = (...by: readonly string[]) =>
    report(path, ['mine', '--csv', ...by.flatMap((one) => ['--by', one])], { env: { REPORTS_DIR: dir } });
  expect((await own('metadata.team')).stdout).toBe('asked,asked_key\nmetadata.team,team\n');
  expect((await own('model', 'day')).stderr).toContain('the report mine takes one --by, not model, day');
});

test('a value that is called like a group of no value is told from it', async () => {
  const path = await temporaryWarehouse('priced');
  const warehouse = await openPriced(PRICES, { path });
  const teams = ['(untagged)', undefined, '(others)', 'small', 'smaller', '', '"x"'];
  await load(warehouse, {
    now: NOW,
    covered: COVERED,
    made: teams.map((team, place) => ({
      id: `c${place}`,
      at: '2026-11-10T10:00:00Z',
      // At 2 a million: 20, 18, 16, …
      usage: usage(10_000_000 - place * 1_000_000, 0),
      tags: team === undefined ? {} : { team },
    })),
  });
  await warehouse.close();
  const args = ['--by', 'metadata.team', '--top', '2'];
  const text = (await report(path, ['cost', ...args])).stdout;
  const groups = text
    .split('\n')
    .slice(3, 7)
    .map((line) => [/^\S+/.exec(line)?.[0], /\$\S+/.exec(line)?.[0]]);
  expect(groups).toEqual([
    ['"(untagged)"', '$20.00'],
    ['(untagged)', '$18.00'],
    ['"(others)"', '$16.00'],
    // 14 + 12 + 10 + 8.
    ['(others)', '$44.00'],
  ]);
  const kinds = [
    ['(untagged)', 'value', 20],
    ['(untagged)', 'absent', 18],
    ['(others)', 'value', 16],
    ['(others)', 'others', 44],
  ];
  const json = JSON.parse((await report(path, ['cost', ...args, '--json'])).stdout);
  expect(
    json.rows.map((row: Record<string, unknown>) => [
      row['group_name'],
      row['group_kind'],
      row['list_cost_usd'],
    ]),
  ).toEqual(kinds);
  const csv = (await report(path, ['cost', ...args, '--csv'])).stdout.trim().split('\n').slice(1);
  expect(csv.map((line) => [line.split(',')[0], line.split(',').at(-1), Number(line.split(',')[6])])).toEqual(
    kinds,
  );
  const md = (await report(path, ['cost', ...args, '--md'])).stdout;
  for (const cell of ['| "(untagged)" |', '| (untagged) |', '| "(others)" |', '| (others) |'])
    expect(md).toContain(cell);
  // The other reports say it the same way, and what they say may be given to --where.
  for (const name of ['top-spenders', 'growth', 'usage', 'cache', 'tiers', 'percentiles', 'refusals']) {
    const { stdout } = await report(path, [name, '--by', 'metadata.team', '--since', '2026-11-01']);
    expect(stdout, name).toMatch(/(^|\s)"\(untagged\)"\s/);
    expect(stdout, name).toMatch(/(^|\s)\(untagged\)\s/);
  }
  const all = JSON.parse((await report(path, ['cost', '--by', 'metadata.team', '--json'])).stdout);
  for (const [shown, cost] of [
    ['"(untagged)"', 20],
    ['(untagged)', 18],
    ['""', 10],
    ['""x""', 8],
  ] as const) {
    const { stdout } = await report(path, ['cost', '--by', 'source', '--where', `team=${shown}`, '--json']);
    expect(JSON.parse(stdout).rows[0].list_cost_usd, shown).toBe(cost);
  }
  expect(all.rows).toHaveLength(7);
  expect((await report(path, ['cost', '--by', 'metadata.team'])).stdout).toMatch(/\n""x"" .*\$8\.00/);
});

test('growth names the days it compares, to people and to programs', async () => {
  const path = await made();
  const args = ['growth', '--since', '2026-11-10', '--top', '1'];
  const { stdout } = await report(path, args);
  // The ten whole days from the 10th on, in two halves.
  expect(stdout).toContain('\nCompared  2026-11-15 to 2026-11-19 with 2026-11-10 to 2026-11-14 (before)\n');
  expect(stdout).not.toContain('later since');
  expect(stdout).toMatch(/\n\(others\) /);
  expect((await report(path, [...args, '--md'])).stdout).toContain(
    '- Compared: 2026-11-15 to 2026-11-19 with',
  );
  const csv = (await report(path, [...args, '--csv'])).stdout.split('\n');
  expect(csv[0]).toMatch(/,earlier_since,earlier_until,later_since,later_until,group_kind$/);
  expect(csv[1]).toMatch(/,2026-11-10,2026-11-15,2026-11-15,2026-11-20,value$/);
  const json = JSON.parse((await report(path, [...args, '--json'])).stdout);
  expect(json.rows.map((row: { group_kind: string }) => row.group_kind)).toEqual(['value', 'others']);
  expect(json.rows[1]).toMatchObject({ earlier_since: '2026-11-10', later_until: '2026-11-20' });
});

test('--compare takes a day, a time or an age, for the report that compares alone', async () => {
  const path = await made();
  const compared = async (moment: string) => {
    const { stdout } = await report(path, ['before-after', '--compare', moment, '--json']);
    const { rows } = JSON.parse(stdout) as { rows: Record<string, unknown>[] };
    return rows[0];
  };
  // 9 days, 23 hours and a half up to where the sync had settled: one answer of three to one of three.
  const row = {
    model: 'gpt-4.1-2025-04-14',
    outcome: 'stop',
    choices_before: 2,
    choices: 1,
    choice_share_before: 2 / 3,
    choice_share: 1 / 3,
    earlier_since: '2026-10-31T12:30:00Z',
    later_since: '2026-11-10T12:00:00Z',
    later_until: '2026-11-20T11:30:00Z',
  };
  expect(await compared('10d')).toMatchObject(row);
  expect(await compared('2026-11-10T13:00+01:00')).toMatchObject(row);
  expect(await compared('2026-11-10')).toMatchObject({
    later_since: '2026-11-10T00:00:00Z',
    choices_before: 1,
  });
  for (const [args, words] of [
    [['before-after', '--compare', 'soon'], '--compare must be a date'],
    [['before-after', '--compare', '2026-11-21'], 'from 2026-10-01T00:00Z to 2026-11-20T11:30Z'],
    [['cost', '--compare', '2026-11-10'], 'the report cost takes no --compare'],
    [['--compare', '2026-11-10'], 'takes no --compare'],
  ] as const) {
    const { code, stderr } = await report(path, args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  }
});

test('--where chooses what every table is about, and says so', async () => {
  const path = await made();
  const args = [
    '--since',
    '2026-11-09',
    '--where',
    'team=x',
    '--where',
    'team=y',
    '--where',
    'service_tier=default',
  ];
  const { stdout } = await report(path, ['cost', '--by', 'metadata.team', ...args]);
  expect(stdout).toContain(
    'List cost by metadata.team, where metadata.team=x or y and service_tier=default\n',
  );
  // 3.4 + 1 of x at the default tier, 2.8 of y.
  expect(stdout).toMatch(/\nx +3 .* \$4\.40 +61\.1 %/);
  expect(stdout).toMatch(/\ny +2 .* \$2\.80 +38\.9 %/);
  expect(stdout).not.toContain('\n(untagged)');
  expect(stdout).toContain('\nFilter    metadata.team=x or y and service_tier=default\n');
  expect(stdout).toContain('\nWhole     5 completions · 2,702,200 tokens · list cost $7.20 ');
  const json = JSON.parse((await report(path, ['tiers', ...args, '--json'])).stdout);
  expect(json.where).toEqual(['metadata.team=x', 'metadata.team=y', 'service_tier=default']);
  expect(json.rows.map((row: { service_tier: string }) => row.service_tier)).toEqual(['default']);
  expect(json.completeness).toMatchObject({ completions: 5, list_cost_usd: 7.2 });
  expect((await report(path, ['cost', '--json'])).stdout).toContain('"where": []');
  const summed = await report(path, ['--where', 'team=x', '--json'], { env: { BUDGET_MONTHLY: '10' } });
  expect(summed.stderr).toContain('under --where no budget is shown');
  const summary = JSON.parse(summed.stdout);
  expect([summary, ...summary.tables].map((one) => [one.report, ...one.where])).toEqual([
    ['summary', 'metadata.team=x'],
    ['cost', 'metadata.team=x'],
    ['cost', 'metadata.team=x'],
    ['cost', 'metadata.team=x'],
  ]);
});

test('what cannot take a filter refuses it', async () => {
  const path = await made();
  const dir = mkdtempSync(join(dirname(path), 'mine-'));
  writeFileSync(join(dir, 'calls.sql'), 'select count(*) from marts.completions');
  const refused = async (...args: readonly string[]) => {
    const { code, stderr } = await report(path, args, { env: { REPORTS_DIR: dir } });
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused('health', '--where', 'team=x')).toContain(
    'the report health takes no --where; it takes --source',
  );
  expect(await refused('budget', '--where', 'team=x')).toContain('the report budget takes no --where');
  expect(await refused('calls', '--where', 'team=x')).toContain('it is yours, and chooses by its own SQL');
  expect(await refused('cost', '--where', 'modle=x')).toContain('is model meant?');
  expect(await refused('cost', '--where', 'team=')).toContain('metadata.team=(untagged)');
  const unknown = await report(path, ['cost', '--where', 'metadata.tema=x']);
  expect(unknown.stderr).toContain('there are: team, env');
  expect(unknown.stdout).toContain('no completions');
});

test('--list has every report, and a person’s own', async () => {
  const path = await made();
  const dir = mkdtempSync(join(dirname(path), 'mine-'));
  writeFileSync(
    join(dir, 'big_calls.sql'),
    '-- Calls above a size.\nselect completion_id, total_tokens from marts.completions where total_tokens > $top order by 1',
  );
  const { stdout } = await report(path, ['--list'], { env: { REPORTS_DIR: dir } });
  expect(stdout).toContain('week-over-week');
  expect(stdout).toContain('Calls above a size.');
  const own = await report(path, ['big-calls', '--top', '1000000', '--csv'], { env: { REPORTS_DIR: dir } });
  expect(own.stdout).toBe('completion_id,total_tokens\na,1100000\nb,1100000\nc,1100000\nd,1100000\n');
});

test('a person’s own report takes the same parameters, and what is wrong names its file', async () => {
  const path = await made();
  const dir = mkdtempSync(join(dirname(path), 'mine-'));
  const put = (name: string, sql: string) => writeFileSync(join(dir, name), sql);
  put(
    'of-source.sql',
    'select model, sum(list_cost_usd) as list_cost_usd from marts.usage_daily where source = $source and created_date >= $since::date group by 1 order by 1',
  );
  put('broken.sql', 'select nothing_there from marts.completions');
  put('asks.sql', 'select $what');
  put('two.sql', 'select 1; select 2');
  put('cost.sql', 'select 1');
  put('writes.sql', 'delete from main.completions');
  put('not a name.sql', 'select 1');
  symlinkSync(path, join(dir, 'outside.sql'));
  const env = { REPORTS_DIR: dir };
  const own = await report(path, ['of_source', '--source', 'eu', '--json'], { env });
  expect(JSON.parse(own.stdout).rows).toEqual([{ model: 'gpt-5-2025-08-07', list_cost_usd: 4.5 }]);
  const failed = async (name: string) => {
    const { code, stderr } = await report(path, [name], { env });
    expect(code).toBe(1);
    return stderr;
  };
  expect(await failed('broken')).toMatch(
    /the report broken \(.*mine-\w+\/broken\.sql\) cannot be run: Binder Error/,
  );
  expect(await failed('asks')).toMatch(/asks\.sql\) cannot be run: it asks for \$what; reports have \$since/);
  expect(await failed('two')).toContain('it holds 2 statements');
  expect(await failed('writes')).toContain('writes.sql) cannot be run');
  const shadowed = await report(path, ['cost', '--csv'], { env });
  expect(shadowed.stdout).toContain('group_name');
  expect(shadowed.stderr).toMatch(
    /cost\.sql \(REPORTS_DIR\) is not used: a report of that name comes with the program/,
  );
  expect(shadowed.stderr).toMatch(
    /outside\.sql \(REPORTS_DIR\) is not used: it links to a file outside of it/,
  );
  expect(shadowed.stderr).toMatch(/not a name\.sql \(REPORTS_DIR\) is not used/);
  expect(await report(path, ['../mine/broken'], { env })).toMatchObject({ code: 2 });
  expect((await report(path, ['cost'], { env: { REPORTS_DIR: `${dir}/none` } })).stderr).toContain(
    'REPORTS_DIR',
  );
});
