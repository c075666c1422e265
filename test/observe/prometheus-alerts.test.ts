/** The alert rules that come with it fit the metrics that it shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { SETTINGS } from '../../src/config/table.ts';
import { loadConfig } from '../../src/config.ts';
import { keepHealth } from '../../src/observe/health.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { houseOf } from '../support/house.ts';
import { projectRoot } from '../support/shell.ts';
import { familiesOf } from './prometheus.ts';

const duration = z.string().regex(/^\d+[smhd]$/);
/** @see Prometheus, "Recording rules", syntax of a rule file: an unknown key is an error there. */
const ruleFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Tokenhouse[A-Za-z]+$/),
          expr: z.string(),
          for: duration,
          labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});
const text = readFileSync(join(projectRoot, 'jobs/prometheus-alerts.yaml'), 'utf8');
const rules = ruleFile.parse(parse(text)).groups.flatMap((group) => group.rules);

test('each rule has its own name and its parentheses closed, and the numbers are the defaults of the settings', () => {
  const names = rules.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(8);
  for (const { alert, expr } of rules) {
    expect(expr.split('(').length, alert).toBe(expr.split(')').length);
  }
  const exprOf = (name: string) => rules.find(({ alert }) => alert === name)?.expr;
  expect(exprOf('TokenhouseRunStale')).toContain(`> ${SETTINGS.ALERT_AFTER_HOURS.default} * 3600`);
  expect(exprOf('TokenhouseExpiryNear')).toContain(`< ${SETTINGS.ALERT_EXPIRY_DAYS.default} * 86400`);
});

test('each metric of a rule is one that a synced house shows, with the labels that the rule goes by', async () => {
  const house = await houseOf({ rows: 30 });
  await house.sync();
  const config = loadConfig(house.environment({ ENDPOINT: 'openai' }));
  const nowMs = () => house.now * 1000;
  const health = keepHealth({ warehouse: config.warehouse, nowMs });
  onTestFinished(() => health.close());
  await health.refresh();
  const metrics = createMetrics({
    nowMs,
    sources: config.sources,
    settleSeconds: 1_800,
    warehousePath: house.path,
    health,
    jobStates: async () => ({ runs: { waiting: 0 } }),
    published: () => ({ file: null, isStale: false }),
  });
  const families = familiesOf(await metrics.text());
  // Prometheus puts these two to whatever it scrapes.
  const given = ['job', 'instance'];
  for (const { alert, expr, annotations } of rules) {
    const used = expr.match(/\btokenhouse_\w+/g) ?? [];
    expect(used.length, alert).toBeGreaterThan(0);
    const labels = used.map((name) => {
      const family = families.find((one) => one.name === name);
      expect(family?.metrics.length, `${alert}: ${name}`).toBeGreaterThan(0);
      return Object.keys(family?.metrics[0]?.labels ?? {});
    });
    const by = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list]) => String(list).split(', '));
    const shown = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
    for (const label of [...by, ...shown].filter((one) => !given.includes(String(one)))) {
      for (const of of labels) expect(of, `${alert}: ${label}`).toContain(label);
    }
  }
});
