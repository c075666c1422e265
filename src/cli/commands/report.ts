/** `tokenhouse report`: what is asked of the warehouse again and again, by name. */
import { Argument, Option } from 'commander';
import { readBudgetsFile } from '../../analytics/budget-file.ts';
import { priceNote } from '../../analytics/prices-now.ts';
import { BY_CHOICES } from '../../analytics/report-by.ts';
import type { Report } from '../../analytics/report-definition.ts';
import { dayOf } from '../../analytics/report-period.ts';
import { WHERE_CHOICES } from '../../analytics/report-where.ts';
import { builtIn, REPORTS, reportKey } from '../../analytics/reports.ts';
import {
  metadataKeys,
  type ReportRequest,
  type ReportResult,
  runReport,
} from '../../analytics/run-report.ts';
import { checkOwn, type OwnReports, readOwnReports } from '../../analytics/user-reports.ts';
import type { LocalConfig } from '../../config.ts';
import { EXIT, SettingsError, TerminalError, TransientError } from '../../errors.ts';
import { copyObject } from '../../health/copy-health.ts';
import { nearest } from '../../spelling.ts';
import { unixSeconds } from '../../sync/ports.ts';
import type { WarehouseFile } from '../../warehouse/warehouse-file.ts';
import { suggesting } from '../completion/suggestions.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { HEATMAP_METRICS, type HeatmapMetric } from '../heatmap-output.ts';
import {
  ageNote,
  liveOption,
  openForQuestions,
  type Questioned,
  type QuestionOptions,
} from '../open-published.ts';
import { csvStyle, rawCsvOption, share, wholeNumber } from '../options.ts';
import { write, writeJson } from '../output.ts';
import { parseTime } from '../parse-time.ts';
import { knownSource, localConfigOf, waitOption } from '../read-options.ts';
import { keyNotes, listReports } from '../report-list.ts';
import {
  headingText,
  type ReportStyle,
  reportJson,
  reportMarkdown,
  reportText,
  tableText,
  writeReportCsv,
} from '../report-output.ts';

interface ReportOptions extends QuestionOptions {
  readonly list?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly by?: readonly string[];
  readonly where?: readonly string[];
  readonly top?: number;
  readonly compare?: string;
  readonly source?: string;
  readonly csv?: boolean;
  readonly rawCsv?: boolean;
  readonly md?: boolean;
  readonly model?: string;
  readonly tier?: string;
  readonly cachedShare?: number;
  readonly metric?: HeatmapMetric;
}

export const report: CommandDefinition = {
  name: 'report',
  examples: [
    ['tokenhouse report', 'the last 30 days at a glance'],
    ['tokenhouse report --list', 'what reports there are'],
    ['tokenhouse report cost --by metadata.team --since 2026-11-01', 'who spent what this month'],
    ['tokenhouse report cost --by metadata.team --by model', 'on which models each'],
    ['tokenhouse report cost --by model --where team=search', 'of one team only; != leaves it out'],
    ['tokenhouse report top-completions --since 7d --top 20', 'the dearest calls of a week'],
    ['tokenhouse report cost-drivers --by metadata.team', 'whose cost grew against the week before, and why'],
    ['tokenhouse report heatmap --metric cost', 'the hours of the week'],
    ['tokenhouse report per-key --by metadata.user', 'what a user comes to, and the dearest ones'],
    ['tokenhouse report what-if --model gpt-4.1-mini', 'the same tokens on another model'],
    ['tokenhouse report before-after --compare 2026-11-20', 'how answers ended on either side of that day'],
    ['tokenhouse report week-over-week --json', 'for a script'],
  ],
  define(command, run) {
    command
      .description(
        'Run a report by its name; without one, a summary. It is read from the published copy where there is one, else from the ' +
          'warehouse. Days are UTC; the period is the last 30 whole days and the open one, when nothing else is asked for. ' +
          'Money is list cost, not what was billed; what has no price is left out of it and told of.',
      )
      .addArgument(
        suggesting(
          new Argument('[name]', 'of the report; --list has them'),
          REPORTS.map(({ name }) => name),
        ),
      )
      .addOption(new Option('--list', 'what reports there are'))
      .addOption(new Option('--since <day>', 'first day: 2026-11-01, or an age such as 7d'))
      .addOption(
        new Option('--until <day>', 'the day after the last, excluded: 2026-11-08 ends with the 7th'),
      )
      .addOption(
        suggesting(
          new Option('--by <group>', `what to group by, twice for two: ${BY_CHOICES.join(', ')}`).argParser(
            collected,
          ),
          BY_CHOICES.map((choice) => choice.replace(/KEY$/, '')),
        ),
      )
      .addOption(
        new Option(
          '--where <field=value>',
          `only what is so, or is not (!=), again and again: ${WHERE_CHOICES.join(', ')}; a metadata key will do alone, ` +
            '(untagged) is what lacks it',
        ).argParser(collected),
      )
      .addOption(new Option('--top <n>', 'rows or groups at the most').argParser(wholeNumber(1, 1_000_000)))
      .addOption(
        new Option(
          '--compare <moment>',
          'what before-after compares: a day, a time (2026-11-20T14:00Z) or an age; both sides are of one length unless --since or ' +
            '--until say otherwise',
        ),
      )
      .addOption(new Option('--source <name>', 'this source only'))
      .addOption(new Option('--model <name>', 'what-if: the model that would have answered'))
      .addOption(
        new Option('--tier <name>', 'what-if: the tier that would have served: default, flex, priority'),
      )
      .addOption(
        new Option('--cached-share <share>', 'what-if: the share of input from the cache, 0 to 1').argParser(
          share,
        ),
      )
      .addOption(
        new Option('--metric <name>', 'heatmap: what its shades show').choices(Object.keys(HEATMAP_METRICS)),
      )
      .addOption(new Option('--csv', 'as CSV, with a header'))
      .addOption(rawCsvOption().implies({ csv: true }))
      .addOption(new Option('--md', 'as Markdown'))
      .addOption(liveOption())
      .addOption(waitOption())
      .action((name: string | undefined) =>
        run((context) => start(context, name, command.opts<ReportOptions>())),
      );
  },
};

async function start(
  context: CommandContext,
  name: string | undefined,
  options: ReportOptions,
): Promise<number> {
  const forms = [context.json && '--json', options.csv && '--csv', options.md && '--md'].filter(Boolean);
  if (forms.length > 1) throw new SettingsError(`${forms.join(' and ')}: choose one of them`);
  const config = localConfigOf(context, options);
  const own = config.reports.dir === null ? null : readOwnReports(config.reports.dir);
  for (const note of own?.notes ?? []) context.note(note);
  const all = [...REPORTS, ...(own?.reports ?? [])];
  if (options.list === true) return listReports(context, all, options);
  const chosen = name === undefined ? null : named(name, all, own);
  if (chosen !== null) await checkOwn(chosen);
  if (options.metric !== undefined && chosen?.name !== 'heatmap') {
    throw new SettingsError('--metric is for `report heatmap` alone');
  }

  const questioned = await openForQuestions(context, options);
  await using warehouse = questioned.warehouse;
  const request = await requestOf(context, config, options, { warehouse, chosen });
  const results =
    chosen === null
      ? await runSummary(context, warehouse, request)
      : await runChosen(context, warehouse, chosen, request);
  await tell(context, results, options, questioned.copy);
  const notes = [
    ageNote(questioned),
    priceNote(questioned.warehouse.prices, questioned.publication !== null),
    chosen === null && request.where.length > 0 && request.budget !== null
      ? 'BUDGET_MONTHLY is for the whole: under --where no budget is shown'
      : null,
    ...(await keyNotes(warehouse, results)),
  ];
  for (const note of notes) if (note !== null) context.note(note);
  return EXIT.landed;
}

/** For commander's `argParser`, which else keeps the last one in silence. */
const collected = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];

/** @throws {SettingsError} naming what is probably meant. */
function named(name: string, all: readonly Report[], own: OwnReports | null): Report {
  const found = all.find((one) => reportKey(one.name) === reportKey(name));
  if (found !== undefined) return found;
  const meant = nearest(
    reportKey(name),
    all.map((one) => reportKey(one.name)),
  );
  throw new SettingsError(
    `there is no report of that name${meant === null ? '' : ` (is ${meant} meant?)`}; \`tokenhouse report --list\` shows all` +
      (own === null ? ', REPORTS_DIR adds your own' : ''),
  );
}

/** The days of two times: a day that is asked for in part counts. */
async function requestOf(
  context: CommandContext,
  config: LocalConfig,
  options: ReportOptions,
  { warehouse, chosen }: { readonly warehouse: WarehouseFile; readonly chosen: Report | null },
): Promise<ReportRequest> {
  const file = config.reports.budgetsFile;
  const now = unixSeconds(Math.floor(context.now() / 1_000));
  const { since, until, compare } = options;
  const DAY_SECONDS = 86_400;
  return {
    since: since === undefined ? null : dayOf(parseTime(since, now, '--since') * 1_000),
    until:
      until === undefined
        ? null
        : dayOf(Math.ceil(parseTime(until, now, '--until') / DAY_SECONDS) * DAY_SECONDS * 1_000),
    by: options.by ?? [],
    where: options.where ?? [],
    top: options.top ?? null,
    compare: compare === undefined ? null : parseTime(compare, now, '--compare'),
    source: await knownSource(warehouse, options.source),
    budget: config.reports.budgetMonthly,
    budgets: chosen?.name === 'budgets' && file !== null ? readBudgetsFile(file) : null,
    whatIf: {
      model: options.model ?? null,
      tier: options.tier ?? null,
      cachedShare: options.cachedShare ?? null,
    },
    nowMs: context.now(),
  };
}

/** The main ones: at a glance, by model, by the metadata key most of the usage carries, by day. */
async function runSummary(
  context: CommandContext,
  warehouse: WarehouseFile,
  request: ReportRequest,
): Promise<readonly ReportResult[]> {
  if (request.by.length > 0) throw new SettingsError('--by needs the name of a report: `report cost --by …`');
  const { top, ...rest } = request;
  const run = (name: string, by?: string): Promise<ReportResult> =>
    interruptible(context, warehouse, builtIn(name), {
      ...rest,
      by: by === undefined ? [] : [by],
      top: by === undefined || by === 'day' ? null : (top ?? 8),
    });
  const glance = await run('summary');
  const asked = { since: glance.period.since, until: glance.period.until, source: request.source };
  const [key] = await metadataKeys(warehouse, asked);
  const tables = [
    glance,
    await run('cost', 'model'),
    ...(key === undefined ? [] : [await run('cost', `metadata.${key}`)]),
    await run('cost', 'day'),
  ];
  // The budget is of the whole: of what a filter leaves it would say nothing.
  if (request.budget === null || request.where.length > 0) return tables;
  // About the open month, whatever the days asked for.
  const budget = await interruptible(context, warehouse, builtIn('budget'), {
    ...rest,
    since: null,
    until: null,
    by: [],
    top: null,
  });
  return [glance, budget, ...tables.slice(1)];
}

/** The report, and what is shown beside it. */
async function runChosen(
  context: CommandContext,
  warehouse: WarehouseFile,
  chosen: Report,
  request: ReportRequest,
): Promise<readonly ReportResult[]> {
  const result = await interruptible(context, warehouse, chosen, request);
  if (chosen.beside === null) return [result];
  return [result, await interruptible(context, warehouse, builtIn(chosen.beside), request)];
}

/** Ctrl-C interrupts the engine, which would else go on to the end. */
async function interruptible(
  context: CommandContext,
  warehouse: WarehouseFile,
  chosen: Report,
  request: ReportRequest,
): Promise<ReportResult> {
  const { signal } = context;
  const stop = (): void => void warehouse.close();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await runReport(warehouse, chosen, request);
  } catch (error) {
    signal.throwIfAborted();
    throw chosen.file === null || error instanceof SettingsError ? error : ofFile(error, chosen);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function ofFile(error: unknown, { name, file }: Report): unknown {
  if (!(error instanceof TerminalError || error instanceof TransientError)) return error;
  const message = `the report ${name} (${file}) cannot be run: ${error.message.replace(/^DuckDB failed at the query: /, '')}`;
  return error instanceof TerminalError ? new TerminalError(message) : new TransientError(message);
}

async function tell(
  context: CommandContext,
  results: readonly ReportResult[],
  options: ReportOptions,
  copy: Questioned['copy'],
): Promise<void> {
  const [first] = results;
  if (first === undefined) return;
  if (context.json) {
    const [glance, ...tables] = results.map(reportJson);
    const published = { published_copy: copyObject(copy) };
    await writeJson(context.stdout, { ...glance, ...published, ...(tables.length > 0 ? { tables } : {}) });
  } else if (options.csv === true) await writeReportCsv(context.stdout, first, csvStyle(options));
  else if (options.md === true)
    await write(
      context.stdout,
      `${results
        .map((one) => reportMarkdown(one, options.metric ?? 'tokens'))
        .join('\n')
        .trimEnd()}\n`,
    );
  else {
    const style: ReportStyle = {
      isTty: context.isTty,
      color: context.color,
      width: context.columns,
      metric: options.metric ?? 'tokens',
    };
    await write(context.stdout, textOf(results, style));
  }
}

/** One period and one whole for all the tables: said once, under the last. */
function textOf(results: readonly ReportResult[], style: ReportStyle): string {
  return results
    .map((result, index) =>
      index === results.length - 1
        ? reportText(result, style)
        : `${headingText(result, style)}\n\n${tableText(result, style)}`,
    )
    .join('\n');
}
