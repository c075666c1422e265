/** `tokenhouse demo`: the main job on a month of made-up traffic, with no server, key or setting. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Option } from 'commander';
import { builtIn } from '../../analytics/reports.ts';
import { type ReportRequest, runReport } from '../../analytics/run-report.ts';
import { loadConfig } from '../../config.ts';
import { startEmulator } from '../../emulator/emulator.ts';
import { EXIT } from '../../errors.ts';
import type { RunRequest } from '../../run/run-source.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { openForReading } from '../open-for-reading.ts';
import { wholeNumber } from '../options.ts';
import { write, writeJson } from '../output.ts';
import { headingText, reportJson, tableText } from '../report-output.ts';
import { runAll } from '../run-all.ts';

const DAY_SECONDS = 86_400;

/** Reports that are shown, and what they group by. */
const SUMMARY = [['summary'], ['cost', 'model'], ['cost', 'metadata.team']] as const;

export const demo: CommandDefinition = {
  name: 'demo',
  examples: [
    ['tokenhouse demo', 'a month of traffic, two syncs, a summary; under half a minute'],
    ['tokenhouse demo --rows 200000', 'the same with more'],
  ],
  define(command, run) {
    command
      .description(
        'Show the main job on made-up data: serve a month of completions here, sync them twice, sum them up.',
      )
      .addOption(
        new Option('--rows <n>', 'completions').default(20_000).argParser(wholeNumber(100, 2_000_000)),
      )
      .action(() => run((context) => show(context, command.opts<{ rows: number }>().rows)));
  },
};

async function show(context: CommandContext, rows: number): Promise<number> {
  const file = join(await mkdtemp(join(tmpdir(), 'tokenhouse-demo-')), 'demo.duckdb');
  const say = (text: string) => (context.json ? true : write(context.stdout, text));
  const startedMs = context.now();

  // The clock of the demo is a day behind at first, so that the second sync finds a day's traffic.
  const end = Math.floor(startedMs / 1_000);
  let nowSeconds = end - DAY_SECONDS;
  await using emulator = await startEmulator({
    rows,
    generate: { profile: 'month', days: 30, endSeconds: end },
    nowSeconds: () => nowSeconds,
  });
  // Nothing of the person's own settings: the demo needs none and touches nothing.
  const config = loadConfig({
    OPENAI_BASE_URL: emulator.baseUrl,
    OPENAI_API_KEY: 'demo',
    ENDPOINT: 'openai',
    WAREHOUSE: file,
    REQUESTS_PER_MINUTE: '1000000',
  });
  const request: RunRequest = {
    kind: 'sync',
    since: null,
    until: null,
    isExplicit: false,
    reread: false,
    withMessages: false,
  };
  // The runs report for themselves; with --json only the summary is written.
  const stepping = {
    ...context,
    now: () => nowSeconds * 1_000,
    stdout: context.json ? nowhere() : context.stdout,
  };

  await say(`1. An API on this machine holds a month of made-up completions: ${emulator.baseUrl}\n\n`);
  await say('2. The first sync walks its whole list, newest first.\n');
  const first = await runAll(stepping, config, config.sources, request);
  if (first !== EXIT.landed) return first;

  nowSeconds = end;
  await say('\n3. A day later, the second sync asks for what is new and no more.\n');
  const second = await runAll(stepping, config, config.sources, request);
  if (second !== EXIT.landed) return second;

  await using warehouse = await openForReading(context, config);
  const reports = await Promise.all(
    SUMMARY.map(([name, by]) => runReport(warehouse, builtIn(name), requestOf(by, context.now()))),
  );
  if (context.json) {
    await writeJson(context.stdout, { warehouse: file, reports: reports.map(reportJson) });
    return EXIT.landed;
  }
  const style = {
    isTty: context.isTty,
    color: context.color,
    width: context.columns,
    metric: 'tokens',
  } as const;
  const tables = reports.map((one) => `${headingText(one, style)}\n\n${tableText(one, style)}`);
  await say(`\n4. What the warehouse says of tokens and their list cost.\n\n${tables.join('\n')}`);
  await say(
    `\nDone in ${Math.round((context.now() - startedMs) / 1_000)} s. The warehouse stays at ${file}; ask it something:\n\n` +
      `  npx tokenhouse --warehouse ${file} report top-completions\n` +
      `  npx tokenhouse --warehouse ${file} query "select model, avg(total_tokens) from main.completion_usage group by model"\n`,
  );
  return EXIT.landed;
}

const requestOf = (by: string | undefined, nowMs: number): ReportRequest => ({
  since: null,
  until: null,
  by: by === undefined ? [] : [by],
  where: [],
  top: null,
  source: null,
  budget: null,
  nowMs,
});

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
