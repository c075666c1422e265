/** `npm run docs:pictures`: the two pictures of the README, of a demo that runs now: the terminal's and the dashboard's. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { BrowserContext } from 'playwright-core';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import { type Browser, startBrowser } from './browser.ts';
import { projectRoot } from './shell.ts';
import { TextSink } from './streams.ts';

const TERMINAL_COLUMNS = 100;
/** SGR codes that the program uses, as CSS. */
const STYLES: Readonly<Record<string, string>> = {
  '1': 'font-weight:bold',
  '2': 'color:#8b949e',
  '33': 'color:#d29922',
  '36': 'color:#56d4dd',
};

const stdout = Object.assign(new TextSink(), { isTTY: true, columns: TERMINAL_COLUMNS });
const quiet = { environment: {}, stderr: new TextSink(), now: Date.now };
const code = await runProgram(['demo'], COMMANDS, { ...quiet, stdout, signal: new AbortController().signal });
if (code !== 0) throw new Error(`the demo ended with ${code}`);
const warehouse = /The warehouse stays at (\S+);/.exec(stdout.text.replace(/\n\s+/g, ' '))?.[1];
if (warehouse === undefined) throw new Error('the demo does not say where its warehouse is');
// What it ends with is the path of this run.
const [tables = ''] = stdout.text.split('\nDone in ');

const browser: Browser = await startBrowser();
try {
  await pictureOfTerminal(browser.context, `<b>$ npm run demo</b>\n\n${htmlOf(tables)}`);
  await pictureOfDashboard(browser.context, warehouse);
} finally {
  await browser.close();
}
process.exit(0);

async function pictureOfTerminal(context: BrowserContext, html: string): Promise<void> {
  const page = await context.newPage();
  const style =
    'margin:0;display:inline-block;padding:20px 24px;background:#0d1117;color:#e6edf3;font:13px/normal "DejaVu Sans Mono",monospace';
  await page.setContent(`<body style="margin:0"><pre style='${style}'>${html}</pre></body>`);
  await page.locator('pre').screenshot({ path: join(projectRoot, 'src/cli/terminal.png') });
}

/** The upper part of the page, as a browser of a usual size shows it. */
async function pictureOfDashboard(context: BrowserContext, path: string): Promise<void> {
  const served = new TextSink();
  const stop = new AbortController();
  const serving = runProgram(['--warehouse', path, 'serve', '--port', '0', '--json'], COMMANDS, {
    ...quiet,
    environment: { SOURCES: 'openai', OPENAI_API_KEY: 'demo', BUDGET_MONTHLY: '40', LOG_LEVEL: 'silent' },
    stdout: served,
    signal: stop.signal,
  });
  while (!served.text.includes('}')) await setTimeout(50);
  const { url } = JSON.parse(served.text) as { url: string };
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height: 818 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(url);
  await page.screenshot({ path: join(projectRoot, 'src/web/dashboard.png') });
  stop.abort(new Error('done'));
  await serving;
}

function htmlOf(text: string): string {
  const escaped = text.replace(/[&<]/g, (sign) => (sign === '&' ? '&amp;' : '&lt;'));
  const [first = '', ...styled] = escaped.split('\u001b[');
  return (
    first +
    styled
      .map((part) => {
        const [, codes = '', rest = ''] = /^([\d;]*)m([\s\S]*)$/.exec(part) ?? [];
        const style = STYLES[codes];
        return style === undefined ? rest : `<span style="${style}">${rest}</span>`;
      })
      .join('')
  );
}
