/** `tokenhouse emulate`: the API on this machine, full of generated completions, to try a sync on. */
import { once } from 'node:events';
import { Option } from 'commander';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';
import { PRESET_NAMES, type PresetName } from '../../emulator/quirks.ts';
import { SettingsError } from '../../errors.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { positiveNumber, wholeNumber } from '../options.ts';
import { write, writeJson } from '../output.ts';
import { grouped } from '../progress.ts';

interface EmulateOptions {
  readonly rows: number;
  readonly rate?: number;
  readonly days: number;
  readonly liveMinutes: number;
  readonly port: number;
  readonly seed: number;
  readonly preset: PresetName;
  readonly latencyMs: number;
  readonly pageSizeMax?: number;
  readonly requestsPerMinute?: number;
  readonly plain: boolean;
}

export const emulate: CommandDefinition = {
  name: 'emulate',
  examples: [
    ['tokenhouse emulate', '10,000 completions over 30 days on port 4010'],
    ['tokenhouse emulate --rows 500000 --rate 50', 'half a million, 50 a second'],
    ['tokenhouse emulate --live-minutes 60', 'new ones turn up for an hour'],
    ['OPENAI_BASE_URL=http://127.0.0.1:4010/v1 OPENAI_API_KEY=any tokenhouse sync', 'a sync of it'],
  ],
  define(command, run) {
    command
      .description('Serve the stored completions API on this machine, with generated rows, to try things on.')
      .addOption(
        new Option('--rows <n>', 'completions').default(10_000).argParser(wholeNumber(0, 10_000_000)),
      )
      .addOption(
        new Option(
          '--rate <n>',
          'completions a second, evenly; without it, days, nights and bursts',
        ).argParser(positiveNumber(100_000)),
      )
      .addOption(
        new Option('--days <n>', 'days the rows are spread over, without --rate')
          .default(30)
          .argParser(wholeNumber(1, 3_650)),
      )
      .addOption(
        new Option('--live-minutes <n>', 'let the newest rows turn up over the coming minutes')
          .default(0)
          .argParser(wholeNumber(0, 100_000)),
      )
      .addOption(new Option('--port <n>', '0 for a free one').default(4010).argParser(wholeNumber(0, 65_535)))
      .addOption(
        new Option('--seed <n>', 'the same seed gives the same rows, their times counted back from the start')
          .default(1)
          .argParser(wholeNumber(0, 2 ** 31)),
      )
      .addOption(
        new Option('--preset <name>', 'the server to imitate').choices(PRESET_NAMES).default('openai'),
      )
      .addOption(
        new Option('--latency-ms <n>', 'what every answer takes, making it included')
          .default(0)
          .argParser(wholeNumber(0, 600_000)),
      )
      .addOption(
        new Option('--page-size-max <n>', 'the largest page it gives').argParser(wholeNumber(1, 10_000)),
      )
      .addOption(
        new Option('--requests-per-minute <n>', 'answers 429 above it').argParser(wholeNumber(1, 10_000_000)),
      )
      .addOption(new Option('--plain', 'of one model and without metadata').default(false))
      .action(() => run((context) => serve(context, command.opts<EmulateOptions>())));
  },
};

async function serve(context: CommandContext, options: EmulateOptions): Promise<undefined> {
  await using emulator = await start(context, options);
  if (context.json)
    await writeJson(context.stdout, { baseUrl: emulator.baseUrl, rows: options.rows, seed: options.seed });
  else await write(context.stdout, greeting(emulator.baseUrl, options));
  // To be stopped is how a server ends, not a failure.
  if (!context.signal.aborted) await once(context.signal, 'abort');
  context.log.info({ requests: emulator.requestCount }, 'emulator stopped');
}

async function start(context: CommandContext, options: EmulateOptions): Promise<Emulator> {
  const nowSeconds = Math.floor(context.now() / 1_000);
  try {
    return await startEmulator({
      preset: options.preset,
      rows: options.rows,
      seed: options.seed,
      port: options.port,
      generate: {
        endSeconds: nowSeconds + options.liveMinutes * 60,
        days: options.days,
        ...(options.rate === undefined
          ? { profile: 'month' }
          : { profile: 'steady', ratePerSecond: options.rate }),
        ...(options.plain ? { models: [['gpt-4.1-mini-2025-04-14', 1]], metadata: [] } : {}),
      },
      quirks:
        options.pageSizeMax === undefined ? {} : { limitMax: options.pageSizeMax, aboveLimitMax: 'clamp' },
      faults: { latencyMs: options.latencyMs, requestsPerMinute: options.requestsPerMinute ?? null },
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const reason = code === 'EACCES' ? 'may not be used' : 'is taken';
    throw new SettingsError(`--port ${options.port} ${reason}: choose another, or 0 for a free one`, {
      cause: error,
    });
  }
}

function greeting(baseUrl: string, { rows, preset }: EmulateOptions): string {
  // An address of this machine says nothing of the kind, and Azure's items lack what all others have.
  const kind = preset === 'azure' ? ' ENDPOINT=azure' : '';
  return [
    `${grouped(rows)} stored completions (${preset}) at ${baseUrl} (Ctrl-C stops)`,
    '',
    `  export OPENAI_BASE_URL=${baseUrl} OPENAI_API_KEY=any${kind}`,
    '  tokenhouse sync',
    '',
  ].join('\n');
}
