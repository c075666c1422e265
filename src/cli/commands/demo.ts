/** `tokenhouse demo`: the main job on a month of made-up traffic, with no server, key or setting. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Option } from 'commander';
import { loadConfig } from '../../config.ts';
import { startEmulator } from '../../emulator/emulator.ts';
import { EXIT } from '../../errors.ts';
import type { RunRequest } from '../../run/run-source.ts';
import type { QueryResult } from '../../warehouse/session.ts';
import { statement } from '../../warehouse/statements.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { openForReading } from '../open-for-reading.ts';
import { wholeNumber } from '../options.ts';
import { type Row, write, writeJson } from '../output.ts';
import { grouped } from '../progress.ts';
import { runAll } from '../run-all.ts';
import { columnsOf, renderTable, type TableStyle } from '../table.ts';

const DAY_SECONDS = 86_400;

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
  const byModel = rowsOf(await warehouse.query(statement('reports/usage_by_model')));
  const byTeam = rowsOf(await warehouse.query(statement('reports/usage_by_team')));
  if (context.json) {
    await writeJson(context.stdout, { warehouse: file, usage_by_model: byModel, usage_by_team: byTeam });
    return EXIT.landed;
  }
  const style = { lines: context.isTty, color: context.color };
  await say(
    `\n4. What the warehouse says of tokens.\n\n${tableOf(byModel, style)}\n${tableOf(byTeam, style)}`,
  );
  await say(
    `\nDone in ${Math.round((context.now() - startedMs) / 1_000)} s. The warehouse stays at ${file}; ask it something:\n\n` +
      `  npx tokenhouse --warehouse ${file} query "select model, avg(total_tokens) from main.completion_usage group by model"\n`,
  );
  return EXIT.landed;
}

function rowsOf({ columns, rows }: QueryResult): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
}

function tableOf(rows: readonly Row[], style: TableStyle): string {
  const [first] = rows;
  const shown = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        typeof value === 'bigint' ? grouped(Number(value)) : value,
      ]),
    ),
  );
  return renderTable(columnsOf(Object.keys(first ?? {}), first), shown, style);
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
