/** The dashboard in a real browser, on what a sync has loaded. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { noteUnpublished } from '../../src/warehouse/publish/unpublished.ts';
import { houseOf, NOW } from '../support/house.ts';
import { chromiumPath, describeWithChromium } from '../support/programs.ts';
import { temporaryPath } from '../warehouse/support.ts';
import { CHOSEN_NOW_MS, chosenCopy, SHOWN } from './chosen-support.ts';
import { CANARY, loadHostile, served, TOKEN } from './dashboard-support.ts';

let browser: Browser;
let closeBrowser = async (): Promise<void> => undefined;
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

type ContextOptions = Parameters<Browser['newContext']>[0];

/** A page of its own, and what went wrong on it: messages of the console, failed and foreign requests. */
async function pageOf(
  url: string,
  options: ContextOptions = {},
): Promise<{ page: Page; troubles: string[] }> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
      troubles.push(`foreign: ${request.url()}`);
  });
  return { page, troubles };
}

const csvOf = async (url: string): Promise<string[][]> =>
  (await (await fetch(url)).text())
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));

describeWithChromium('the dashboard in Chromium', () => {
  beforeAll(async () => {
    const profile = mkdtempSync(join(tmpdir(), 'tokenhouse-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath ?? '',
      headless: true,
      args: ARGS,
    });
    const launched = context.browser();
    if (launched === null) throw new Error('Chromium gave no browser');
    browser = launched;
    closeBrowser = async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    };
  }, 60_000);
  afterAll(() => closeBrowser());

  test('shows what SQL says, whatever is filtered by, in wide and narrow, light and dark, with and without a script', {
    timeout: 90_000,
  }, async () => {
    const house = await houseOf({
      rows: 1_500,
      generate: { profile: 'month', days: 20, endSeconds: NOW - 7_200 },
    });
    expect((await house.sync()).code).toBe(0);
    const url = await served(house.path, { nowMs: () => NOW * 1000 });

    const { page, troubles } = await pageOf(url);
    await page.goto(`${url}/?range=all`);
    const value = async (title: string): Promise<string | null> =>
      page.locator('.cards > div', { hasText: title }).locator('.value').getAttribute('title');
    const [sums] = await house.query(
      'select count(*)::varchar as n, sum(prompt_tokens)::varchar as i, sum(completion_tokens)::varchar as o from main.completion_usage',
    );
    const digits = (text: string | null) => (text ?? '').replaceAll(',', '');
    expect(digits(await value('Requests'))).toBe(sums?.['n']);
    expect(digits(await value('Input tokens'))).toBe(sums?.['i']);
    expect(digits(await value('Output tokens'))).toBe(sums?.['o']);

    // By model, in the page's table and in its CSV.
    const models = await house.query(
      'select model, count(*)::varchar as n, sum(total_tokens)::varchar as t from main.completion_usage group by model order by model',
    );
    const shown = await page
      .locator('#usage_by_group .open tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('th, td.number')].map((cell) => cell.textContent)),
      );
    const byName = shown.map(([name, n, t]) => [name, digits(n ?? ''), digits(t ?? '')]).sort();
    expect(byName).toEqual(models.map((row) => [row['model'], row['n'], row['t']]));
    const [head = [], ...rows] = await csvOf(`${url}/csv/usage_by_group?range=all`);
    const at = (name: string) => head.indexOf(name);
    expect(
      rows.map((row) => [row[at('name')], row[at('completions')], row[at('total_tokens')]]).sort(),
    ).toEqual(byName);

    // The choice of another group asks at once, keeps the rest in the address and the focus where it was.
    await page.focus('#by');
    await page.selectOption('#by', 'metadata');
    await page.waitForURL(/by=metadata/);
    expect(new URL(page.url()).searchParams.get('range')).toBe('all');
    await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('by');
    await page.selectOption('#key', 'team');
    await page.waitForURL(/key=team/);
    const teams = await house.query(
      "select coalesce(m.value, '(untagged)') as team, count(*)::varchar as n from main.completions c left join main.completion_metadata m on m.completion_id = c.id and m.source = c.source and m.key = 'team' group by 1 order by 1",
    );
    const byTeam = await page
      .locator('#usage_by_tag .open tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [row.querySelector('th')?.textContent, row.querySelector('td.number')?.textContent]),
      );
    expect(byTeam.map(([name, n]) => [name, digits(n ?? '')]).sort()).toEqual(
      teams.map((row) => [row['team'], row['n']]),
    );
    await page.reload();
    expect(await page.locator('#by').inputValue()).toBe('metadata');
    expect(await page.locator('#key').inputValue()).toBe('team');

    // Two days of it.
    await page.goto(`${url}/?since=2025-06-10&last=2025-06-11`);
    const [some] = await house.query(
      "select count(*)::varchar as n from main.completion_usage where created_at >= '2025-06-10' and created_at < '2025-06-12'",
    );
    expect(digits(await value('Requests'))).toBe(some?.['n']);

    // By keyboard: first the way past the filters, and every control has a name.
    await page.goto(`${url}/`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement?.className')).toBe('skip');
    const unnamed = await page.evaluate(
      "[...document.querySelectorAll('input:not([type=hidden]), select')].filter(({ labels }) => labels.length === 0).length",
    );
    expect(unnamed).toBe(0);
    // The charts have a name and a description of their own, as the script found them, the other pictures those of before.
    const pictures = page.locator('svg[aria-labelledby], svg[aria-describedby]');
    expect(await pictures.count()).toBeGreaterThan(4);
    for (const svg of await pictures.all()) {
      const names = ['aria-labelledby', 'aria-describedby'].map((name) => svg.getAttribute(name));
      for (const id of (await Promise.all(names)).flatMap((one) => one?.split(' ') ?? []))
        expect((await page.locator(`[id="${id}"]`).textContent())?.length).toBeGreaterThan(5);
    }
    expect(await page.locator('svg.plot[aria-label*="over time"]').count()).toBe(6);
    const ids = await page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)");
    expect(ids).toEqual([...new Set(ids as string[])]);
    expect(troubles).toEqual([]);

    const narrow = await pageOf(url, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await narrow.page.goto(`${url}/?range=all`);
    expect(await narrow.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await narrow.page.locator('.chart-narrow').first().isVisible()).toBe(true);
    const background = await narrow.page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe('rgb(15, 20, 26)');
    expect(narrow.troubles).toEqual([]);

    const plain = await pageOf(url, { javaScriptEnabled: false });
    await plain.page.goto(`${url}/`);
    expect(await plain.page.locator('svg.plot[aria-labelledby]').count()).toBe(6);
    await plain.page.selectOption('#by', 'service_tier');
    await plain.page.click('button[type=submit]');
    await plain.page.waitForURL(/by=service_tier/);
    expect(await plain.page.locator('#usage_by_group h2').textContent()).toBe('By service tier');
    expect(plain.troubles).toEqual([]);
  });

  test('whatever models, keys, values and addresses hold is text', { timeout: 60_000 }, async () => {
    const path = await temporaryPath();
    await loadHostile(path);
    const url = await served(path, { nowMs: () => NOW * 1000 });
    const { page, troubles } = await pageOf(url);
    const evil = encodeURIComponent(CANARY);
    for (const by of ['model', 'metadata', evil]) {
      await page.goto(`${url}/?range=all&by=${by}&key=${evil}&source=`);
      expect(await page.evaluate(() => 'canary' in globalThis)).toBe(false);
    }
    expect(await page.locator('#usage_by_tag .open tbody th').first().textContent()).toContain(CANARY);
    expect(await page.locator('#usage_by_group .open tbody th').first().textContent()).toContain(CANARY);
    await page.goto(`${url}/?since=${evil}&until=${evil}&range=${evil}&top=${evil}&source=${evil}`);
    expect(await page.locator('main script, main img, main iframe').count()).toBe(0);
    expect(await page.content()).not.toContain('<img src=x');
    const csv = await (await fetch(`${url}/csv/usage_by_group?range=all&by=metadata&key=formula`)).text();
    expect(csv).toContain(`\n'=cmd|' /C calc'!A0,named`);
    expect(troubles).toEqual([]);
  });

  test('charts tell their numbers to a pointer and to the keyboard, and lead to what they show', {
    timeout: 60_000,
  }, async () => {
    const url = await served(await chosenCopy(), { nowMs: () => CHOSEN_NOW_MS });
    const { page, troubles } = await pageOf(url);
    await page.goto(`${url}/?${SHOWN}`);
    const chart = page.locator('#over-time svg:visible').first();
    const tip = page.locator('.tip');
    await chart.locator('a:not(.column a)').first().hover();
    // Monday's two of two million tokens.
    expect(await tip.textContent()).toMatch(
      /^gpt-4.1-2025-04-1416 Nov 2026: 2,000,000 tokens100.0% of 2,000,000/,
    );
    await page.mouse.move(0, 0);
    expect(await tip.isVisible()).toBe(false);

    // One stop a chart, the newest day: Thursday had nothing, Wednesday a million of the mini.
    const stops = await chart.locator('a[tabindex="0"]').count();
    expect(stops).toBe(1);
    await page.locator('#over-time .legend a').last().focus();
    await page.keyboard.press('Tab');
    const named = () => page.evaluate("document.activeElement?.getAttribute('aria-label')");
    expect(await named()).toMatch(/^19 Nov 2026: 0 tokens/);
    await page.keyboard.press('ArrowLeft');
    expect(await named()).toMatch(
      /^18 Nov 2026: 1,000,000 tokens, gpt-4.1-mini-2025-04-14: 1,000,000 tokens/,
    );
    expect(await tip.textContent()).toContain('18 Nov 2026: 1,000,000 tokens');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    expect(await named()).toMatch(/^gpt-4.1-mini-2025-04-14, 17 Nov 2026: 1,000,000 tokens, 50.0% of/);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    await page.keyboard.press('Enter');
    await page.waitForURL(/model=gpt-4.1-mini/);
    expect(await page.locator('.cards .value').first().textContent()).toBe('2');
    await page.locator('.crumbs li a').click();
    await page.waitForURL((address) => address.search === `?${SHOWN}`);
    expect(await page.locator('.cards .value').first().textContent()).toBe('4');

    // Typed, searched for: no button, and a link that gives the same.
    await page.goto(`${url}/values?${SHOWN}&key=customer`);
    await page.locator('#q').pressSequentially('acm');
    await page.waitForURL(/q=acm/);
    expect(await page.locator('#results tbody th').allTextContents()).toEqual(['acme']);
    expect(await page.evaluate('document.activeElement?.id')).toBe('q');
    expect(await page.locator('.head a').getAttribute('href')).toContain('q=acm');
    await page.reload();
    expect(await page.locator('#q').inputValue()).toBe('acm');
    expect(troubles).toEqual([]);

    // Without a script a bar is a link all the same, and the search has its button. What is too wide says so.
    const plain = await pageOf(url, { javaScriptEnabled: false, viewport: { width: 390, height: 800 } });
    await plain.page.goto(`${url}/?${SHOWN}`);
    expect(await plain.page.locator('#hours .scroll-hint').first().isVisible()).toBe(true);
    await plain.page.locator('#over-time svg:visible a:not(.column a)').first().click();
    await plain.page.waitForURL(/model=gpt-4.1-2025/);
    await plain.page.goto(`${url}/values?${SHOWN}&key=customer`);
    await plain.page.fill('#q', 'acm');
    await plain.page.click('button[type=submit]');
    await plain.page.waitForURL(/q=acm/);
    expect(await plain.page.locator('#results tbody th').allTextContents()).toEqual(['acme']);
    expect(plain.troubles).toEqual([]);
    const narrow = await pageOf(url, { viewport: { width: 390, height: 800 } });
    await narrow.page.goto(`${url}/?${SHOWN}`);
    const hours = narrow.page.locator('#hours .scroll').first();
    expect(await hours.getAttribute('tabindex')).toBe('0');
    expect(await narrow.page.locator('#hours .scroll-hint').first().isVisible()).toBe(true);
    // This one fits, and is no stop for who goes by keyboard.
    const endings = narrow.page.locator('#finish-reasons .scroll').first();
    await expect.poll(() => endings.getAttribute('tabindex')).toBe(null);
  });

  test('a copy that lacks a run says so on the page and in its JSON, until it is made', {
    timeout: 60_000,
  }, async () => {
    const house = await houseOf({ rows: 60 });
    await house.sync({ env: { PUBLISH_TO: '' } });
    const url = await served(house.path);
    const { page, troubles } = await pageOf(url);
    await page.goto(`${url}/?range=all`);
    const messages = async () => (await page.locator('.messages').textContent()) ?? '';
    expect(await messages()).not.toContain('stale');
    const copy = { warehouse: house.path, to: house.path.replace(/\.duckdb$/, '.published.duckdb') };
    await noteUnpublished(copy, { runEndedAtMs: Date.now(), reason: 'the disk is full.' });
    await page.reload();
    expect(await messages()).toMatch(
      /^The published copy is stale: it is of .* later could not be published: the disk is full; tokenhouse publish brings it up to date\./,
    );
    const json = async () => (await fetch(`${url}/dashboard.json`)).json();
    expect(await json()).toMatchObject({
      published_copy: { is_stale: true, reason: 'the disk is full.' },
    });
    await house.tokenhouse(['publish'], { env: { PUBLISH_TO: '' } });
    await page.reload();
    expect(await messages()).not.toContain('stale');
    expect(await json()).toMatchObject({ published_copy: { is_stale: false } });
    expect(troubles).toEqual([]);
  });

  test('before the first sync it says what to do; behind a token it asks for the password', {
    timeout: 60_000,
  }, async () => {
    const path = await temporaryPath();
    const empty = await pageOf(await served(path));
    const url = await served(path);
    empty.troubles.length = 0;
    const { page, troubles } = await pageOf(url);
    await page.goto(`${url}/`);
    expect(await page.locator('main').textContent()).toContain('tokenhouse sync');
    expect(troubles).toEqual([]);

    await using made = await openWarehouse({ path, content: 'full', waitSeconds: 0 });
    await made.close();
    const locked = await served(path, { token: TOKEN });
    expect((await fetch(`${locked}/`)).status).toBe(401);
    const allowed = await pageOf(locked, { httpCredentials: { username: 'any', password: TOKEN } });
    await allowed.page.goto(`${locked}/`);
    expect(await allowed.page.locator('main h2').first().textContent()).toBe('Nothing is synced yet');
    // The first ask is refused, as a browser asks without a password first.
    expect(allowed.troubles.filter((one) => !one.includes('401'))).toEqual([]);
  });
});
