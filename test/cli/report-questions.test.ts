/** The reports that answer questions, as people and programs are told them. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { WhatIf } from '../../src/analytics/what-if.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import { reportJson, reportMarkdown, reportText } from '../../src/cli/report-output.ts';
import type { Environment } from '../../src/config/reader.ts';
import { fixture, GPT5, GPT41, NOW, ownFixture, run } from '../analytics/reports-support.ts';
import { TextSink } from '../support/streams.ts';
import { temporaryWarehouse } from '../warehouse/support.ts';

const PLAIN = { isTty: false, color: false, width: null, metric: 'tokens' } as const;

test('what would be otherwise, what a change is made of and the hours of the week, in each form', async () => {
  const warehouse = await fixture();
  const whatIf: WhatIf = { model: GPT5, tier: 'flex', cachedShare: null };
  const flex = await run(warehouse, 'what-if', { where: `model=${GPT41}`, whatIf });
  // a, b and h: 2.5 million input tokens at 0.5, less 0.4 cached for nothing, and 200,000 output at 5, for 3.4 + 2.8 + 1.
  const whole = '$2.05 instead of $7.20 (-$5.15, -71.5 %), all tokens compared';
  const text = reportText(flex, PLAIN);
  expect(text).toContain(`What it would have cost on ${GPT5}, tier flex, by model, where model=${GPT41}\n`);
  expect(text).toContain(`\nOtherwise ${whole}\n`);
  expect(reportMarkdown(flex, 'tokens')).toContain(`\n- Otherwise: ${whole}\n`);
  expect(reportJson(flex)).toMatchObject({
    what_if: { model: GPT5, tier: 'flex', cached_share: null },
    rows: [{ group_name: GPT41, compared_cost_usd: 7.2, what_if_cost_usd: 2.05, cost_difference_usd: -5.15 }],
  });

  // In a narrow terminal what is asked for stays, and what it is compared with.
  const narrow = { ...PLAIN, isTty: true, width: 80 };
  expect(reportText(flex, narrow)).toMatch(/│ compared +│ cost compared +│ what-if cost +│ difference +│\n/);
  const compare = Date.parse('2026-11-10T12:00:00Z') / 1_000;
  expect(reportText(await run(warehouse, 'before-after', { compare }), narrow)).toMatch(
    /│ choice share +│ +change +│/,
  );
  expect(reportText(await run(warehouse, 'longest-completions'), { ...narrow, width: 64 })).toMatch(
    /model +│ +tokens │ list cost │\n/,
  );

  const drivers = reportText(
    await run(warehouse, 'cost-drivers', { since: '2026-11-10', until: '2026-11-12' }),
    PLAIN,
  );
  expect(drivers).toContain('Compared  2026-11-10 to 2026-11-11 with 2026-11-08 to 2026-11-09 (before)');
  // One call for 3.4 before and one for 2.8 now: of its tokens 400,000 more are not cached, which is 1.6 - 0.2 at 4 a million, and a
  // million of them cost 2 less.
  expect(drivers).toMatch(
    new RegExp(
      `^${GPT41} +\\$3\\.40 +\\$2\\.80 +-\\$0\\.60 +\\$0\\.00 +\\$0\\.00 +\\+\\$1\\.40 +-\\$2\\.00 +price`,
      'm',
    ),
  );
  expect(reportText(await run(warehouse, 'cost-drivers', { since: '2026-10-02' }), PLAIN)).toContain(
    'Before    not compared: the whole days before were not all read',
  );

  // Of x and y: 5.4 and 2.8, mean and median 4.1; 3.5 without a team.
  expect(reportText(await run(warehouse, 'per-key', { by: 'metadata.team' }), PLAIN)).toMatch(
    /^list cost +2 +\$8\.20 +\$4\.10 +\$4\.10 +\$5\.27 +\$5\.40 +100\.0 % +\$3\.50 +29\.9 %$/m,
  );

  // Three calls of x and two of y: a mean that is no whole number is not made one.
  expect(
    reportText(
      await run(warehouse, 'per-key', { by: 'metadata.team', where: 'service_tier=default' }),
      PLAIN,
    ),
  ).toMatch(/^completions +2 +5 +2\.5 +2\.5 +3\.0 +3 +100\.0 % +0\.0 %$/m);

  const heatmap = await run(warehouse, 'heatmap');
  expect(reportMarkdown(heatmap, 'cost')).toMatch(/\n```text\n {5}00 01 .*\nMon .*\n(?:.*\n){6,}```\n/);
  // The last second of Monday the 9th.
  expect(reportText(heatmap, PLAIN)).toMatch(/^Mon(?: +\.){23} +\d$/m);
  const shaded = reportText(heatmap, { ...PLAIN, isTty: true, width: 80 }).split('\n');
  expect(Math.max(...shaded.map((line) => [...line].length))).toBeLessThanOrEqual(80);
});

test('the command takes what they ask for', async () => {
  const path = await temporaryWarehouse('priced');
  await (await ownFixture({ path })).close();
  const report = async (args: readonly string[], env: Environment = {}) => {
    const [stdout, stderr] = [new TextSink(), new TextSink()];
    const code = await runProgram(['--warehouse', path, 'report', ...args], COMMANDS, {
      environment: { LOG_LEVEL: 'silent', PUBLISH_TO: 'none', ...env },
      stdout,
      stderr,
      signal: new AbortController().signal,
      now: () => Date.parse(NOW),
    });
    return { code, stdout: stdout.text, stderr: stderr.text };
  };
  const asked = ['--model', GPT5, '--tier', 'flex', '--cached-share', '0.5', '--where', `model=${GPT41}`];
  // 1.25 million at 0.5, as many for nothing, and 1 of output.
  expect((await report(['what-if', ...asked, '--csv'])).stdout).toContain(
    `\n${GPT41},4,2700000,7.2,1,7.2,1.625,-5.575,`,
  );
  expect((await report(['what-if', '--cached-share', '50'])).stderr).toContain('0.5 for a half');

  const both = JSON.parse(
    (await report(['per-key', '--by', 'metadata.team', '--top', '1', '--json'])).stdout,
  );
  expect([both.report, both.rows.length, both.tables]).toEqual([
    'per-key',
    3,
    [
      expect.objectContaining({
        report: 'top-spenders',
        rows: [expect.objectContaining({ group_name: 'x' })],
      }),
    ],
  ]);
  expect((await report(['heatmap', '--metric', 'cost'])).stdout).toContain('of list cost an hour');
  expect((await report(['cost', '--metric', 'cost'])).stderr).toContain(
    '--metric is for `report heatmap` alone',
  );

  const file = join(dirname(path), 'budgets.csv');
  writeFileSync(file, 'group,monthly_usd\nmetadata.team=x,5\n');
  const budgets = await report(['budgets', '--json'], { BUDGETS_FILE: file, BUDGET_MONTHLY: '50' });
  expect(JSON.parse(budgets.stdout).rows).toMatchObject([
    {
      budget: 'metadata.team=x',
      budget_kind: 'value',
      budget_usd: 5,
      list_cost_usd: 5.4,
      verdict: 'over budget',
    },
    { budget: '(no budget)', list_cost_usd: 6.3, verdict: 'no budget' },
    { budget: '(all)', budget_usd: 50, list_cost_usd: 11.7 },
  ]);
  const unset = await report(['budgets']);
  expect([unset.code, unset.stderr]).toEqual([2, expect.stringContaining('needs BUDGETS_FILE')]);
});
