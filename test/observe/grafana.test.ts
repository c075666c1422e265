/** The dashboard for Grafana that comes with it shows what is there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { SETTINGS } from '../../src/config/table.ts';
import { loadConfig } from '../../src/config.ts';
import { keepHealth } from '../../src/observe/health.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { houseOf } from '../support/house.ts';
import { runInHouse } from '../support/run-in-house.ts';
import { projectRoot } from '../support/shell.ts';
import { familiesOf } from './prometheus.ts';

const datasource = z.strictObject({
  type: z.literal('prometheus'),
  uid: z.string().regex(/^\$\{datasource\}$/),
});
/** @see Grafana, "JSON model", classic: the fields that an import needs. */
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  timezone: z.literal('utc'),
  schemaVersion: z.number().int(),
  time: z.object({ from: z.string(), to: z.string() }),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), query: z.unknown() })),
  }),
  panels: z.array(
    z.strictObject({
      id: z.number().int(),
      type: z.enum(['stat', 'timeseries']),
      title: z.string(),
      description: z.string().optional(),
      datasource,
      gridPos: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      fieldConfig: z.object({ defaults: z.object({}).loose(), overrides: z.array(z.unknown()) }),
      options: z.object({}).loose(),
      targets: z
        .array(z.strictObject({ refId: z.string(), datasource, expr: z.string(), legendFormat: z.string() }))
        .min(1),
    }),
  ),
});
const text = readFileSync(join(projectRoot, 'sql/starters/grafana.json'), 'utf8');
const { panels, templating } = dashboard.parse(JSON.parse(text));

test('panels stand beside each other, and the thresholds are the defaults of the settings', () => {
  const taken = new Set<string>();
  for (const {
    title,
    gridPos: { x, y, w, h },
  } of panels) {
    expect(x + w, title).toBeLessThanOrEqual(24);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        expect(taken.has(`${column},${row}`), title).toBe(false);
        taken.add(`${column},${row}`);
      }
    }
  }
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const stepsOf = (name: string) =>
    JSON.stringify(panels.find(({ title }) => title === name)?.fieldConfig.defaults);
  expect(stepsOf('Last run landed')).toContain(
    `"value":${Number(SETTINGS.ALERT_AFTER_HOURS.default) * 3_600}}`,
  );
  expect(stepsOf('Forgotten by the API in')).toContain(
    `"value":${Number(SETTINGS.ALERT_EXPIRY_DAYS.default) * 86_400}}`,
  );
});

test('each metric of a panel or a variable is one that a synced house shows, with the labels it goes by', async () => {
  const house = await houseOf({ rows: 30 });
  const config = loadConfig(house.environment({ ENDPOINT: 'openai' }));
  const nowMs = () => house.now * 1000;
  const health = keepHealth({ warehouse: config.warehouse, nowMs });
  onTestFinished(() => health.close());
  const metrics = createMetrics({
    nowMs,
    sources: config.sources,
    settleSeconds: 1_800,
    warehousePath: house.path,
    health,
    jobStates: async () => ({ runs: { waiting: 0 } }),
    published: () => ({ file: { publishedAtMs: 1_000, bytes: 77 }, isStale: false }),
  });
  await runInHouse(house, { environment: { observer: metrics.observer } });
  await health.refresh();
  const families = familiesOf(await metrics.text());
  // Prometheus puts these to whatever it scrapes, and the buckets of a histogram have the last.
  const given = ['job', 'instance', 'le'];
  const labelsOf = (name: string, about: string): readonly string[] => {
    const family = families.find((one) => one.name === name.replace(/_bucket$/, ''));
    expect(family?.metrics.length, `${about}: ${name}`).toBeGreaterThan(0);
    expect(name.endsWith('_bucket'), `${about}: ${name}`).toBe(family?.type === 'HISTOGRAM');
    // The parser leaves out the labels of a histogram.
    const labels = family?.type === 'HISTOGRAM' ? ['source'] : Object.keys(family?.metrics[0]?.labels ?? {});
    return [...labels, ...given];
  };
  for (const { title, targets } of panels) {
    for (const { expr, legendFormat } of targets) {
      expect(expr.split(/[({[]/).length, title).toBe(expr.split(/[)}\]]/).length);
      const used = expr.match(/\btokenhouse_\w+/g) ?? [];
      expect(used.length, title).toBeGreaterThan(0);
      const by = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => String(list).split(', '));
      const chosen = [...expr.matchAll(/\{(\w+)=~"\$source"\}/g)].map(([, label]) => String(label));
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => String(label));
      for (const name of used)
        expect(labelsOf(name, title), title).toEqual(expect.arrayContaining([...by, ...chosen, ...shown]));
      // What is summed away cannot be named.
      if (by.length > 0) expect(by, title).toEqual(expect.arrayContaining(shown));
    }
  }
  const [, metric = '', label = ''] = /label_values\((\w+), (\w+)\)/.exec(JSON.stringify(templating)) ?? [];
  expect(labelsOf(metric, 'variable')).toContain(label);
});
