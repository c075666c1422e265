/** Every page of the dashboard by axe-core in a real browser: light and dark, wide and narrow, with all that can be unfolded. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noteUnpublished } from '../../src/warehouse/publish/unpublished.ts';
import { type Browser, startBrowser } from '../support/browser.ts';
import { houseOf, NOW } from '../support/house.ts';
import { describeWithChromium } from '../support/programs.ts';
import { started } from '../support/shell.ts';
import { temporaryPath } from '../warehouse/support.ts';
import { CHOSEN_NOW_MS, chosenCopy, SHOWN } from './chosen-support.ts';
import { loadHostile, served } from './dashboard-support.ts';

const require = createRequire(import.meta.url);

const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'dark', width: 390 },
] as const;

let browser: Browser;
let axe = '';

/** What axe finds on a page in each of its looks, most telling part first. */
async function violations(
  urls: readonly string[],
  looks: readonly (typeof LOOKS)[number][] = LOOKS,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { colorScheme, width } of looks) {
    const context = await browser.context.browser()?.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      // Transitions would be caught half-way.
      reducedMotion: 'reduce',
    });
    if (context === undefined) throw new Error('Chromium gave no browser');
    const page = await context.newPage();
    for (const url of urls) {
      await page.goto(url);
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      // Wider than the screen are tables, and those within their card.
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      // Not by a tag: the page lets no script in but its own.
      await page.evaluate(axe);
      const results = (await page.evaluate(
        'axe.run(document, { resultTypes: ["violations"] })',
      )) as AxeResults;
      expect(results.passes.length).toBeGreaterThan(5);
      for (const { id, nodes } of results.violations) {
        for (const { target, failureSummary } of nodes.slice(0, 5)) {
          found.push(
            `${id} ${colorScheme} ${width} ${new URL(url).search} ${String(target)}: ${failureSummary}`,
          );
        }
      }
    }
    await context.close();
  }
  return found;
}

describeWithChromium('axe-core finds nothing', () => {
  beforeAll(async () => {
    browser = await startBrowser();
    axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  });
  afterAll(() => browser?.close());

  test('on the dashboard, whatever is asked of it', { timeout: 120_000 }, async () => {
    const house = await houseOf({
      rows: 800,
      generate: { profile: 'month', days: 20, endSeconds: NOW - 7_200 },
    });
    await house.sync({ env: { PUBLISH_TO: '' } });
    const to = house.path.replace(/\.duckdb$/, '.published.duckdb');
    await noteUnpublished({ warehouse: house.path, to }, { runEndedAtMs: Date.now(), reason: 'full' });
    const url = await served(house.path, { nowMs: () => NOW * 1000, budgetUsd: 0.01 });
    const queries = [
      '',
      '?range=7d&compare=before&by=metadata&key=team&top=50&metadata.env=production&heat=tokens',
      '?since=2020-01-01&last=2020-01-02&top=7',
    ];
    expect(await violations(queries.map((query) => `${url}/${query}`))).toEqual([]);
  });

  test('on the pages of one completion and of all values', { timeout: 120_000 }, async () => {
    const url = await served(await chosenCopy(), { nowMs: () => CHOSEN_NOW_MS });
    const pages = [
      'completion?id=hostile',
      'completion?id=nowhere',
      `values?${SHOWN}&key=customer&metadata.team=billing`,
    ];
    const found = await violations(
      pages.map((page) => `${url}/${page}`),
      [LOOKS[0], LOOKS[3]],
    );
    expect(found).toEqual([]);
  });

  test('on names of every kind, before the first sync, and while a run has the warehouse', {
    timeout: 120_000,
  }, async () => {
    const path = await temporaryPath();
    await loadHostile(path);
    const hostile = `${await served(path, { nowMs: () => NOW * 1000 })}/?range=all`;
    const empty = await served(await temporaryPath());
    const held = await temporaryPath();
    await loadHostile(held);
    const holder = started(process.execPath, [
      new URL('../warehouse/crash-child.ts', import.meta.url).pathname,
      held,
      'hold',
    ]);
    await new Promise((resolve) => holder.child.stdout?.once('data', resolve));
    const waiting = await served(held);
    expect((await fetch(waiting)).status).toBe(503);
    const found = await violations([hostile, empty, waiting]);
    holder.child.kill('SIGKILL');
    await holder.ended;
    expect(found).toEqual([]);
  });
});
