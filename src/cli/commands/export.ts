/** `tokenhouse export`: tables as files, a folder a table and a file a day, for whatever reads Parquet, CSV or JSON lines. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { type ExportedTable, exportTables, folderOf } from '../../analytics/export.ts';
import { type ExportFormat, FORMATS } from '../../analytics/export-manifest.ts';
import { priceNote, pricesNow } from '../../analytics/prices-now.ts';
import { EXIT, SettingsError } from '../../errors.ts';
import { copyObject } from '../../health/copy-health.ts';
import { nowOf } from '../../run/run-source.ts';
import { MARTS } from '../../warehouse/marts.ts';
import { ExportSource, type ExportTable } from '../../warehouse/read/export-source.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { ageNote, liveOption, openCopy, type Questioned, type QuestionOptions } from '../open-published.ts';
import { rawCsvOption } from '../options.ts';
import { write, writeJson } from '../output.ts';
import { parseTime } from '../parse-time.ts';
import { grouped } from '../progress.ts';
import { localConfigOf, waitOption } from '../read-options.ts';
import { counted, sizeText } from '../status-text.ts';

interface ExportOptions extends QuestionOptions {
  readonly format: ExportFormat;
  readonly rawCsv?: boolean;
  readonly to: string;
  readonly table?: readonly string[];
  readonly since?: string;
  readonly until?: string;
}

/** What most questions need; the first has tags, answers and cost in it. */
const DEFAULT_TABLES = ['marts.completions', 'main.completion_usage', 'main.completion_metadata'];

export const exportCommand: CommandDefinition = {
  name: 'export',
  examples: [
    [
      'tokenhouse export --to ./lake',
      'completions, usage and metadata as Parquet; again: only the days that changed',
    ],
    ['tokenhouse export --to ./csv --format csv --since 2026-11-01', 'from that day on, for a spreadsheet'],
    [
      'tokenhouse export --to ./lake --table marts.usage_daily --table completion_choices',
      'other tables and marts',
    ],
    [
      'duckdb -c "from \'./lake/completion_usage/**/*.parquet\' limit 5"',
      'read back by any reader of Parquet',
    ],
  ],
  define(command, run) {
    command
      .description(
        'Write tables into files: DIR/TABLE/created_date=YYYY-MM-DD/data.parquet, a file a UTC day. Writes the days that changed ' +
          'since the last export into DIR, removes those that became empty, and goes on where an interrupted one stopped. Reads ' +
          'the published copy where there is one, so text of prompts and answers is in the files only if it is in that ' +
          '(PUBLISH_CONTENT), or with --live.',
      )
      .requiredOption('--to <dir>', 'the folder; made when it is missing')
      .addOption(new Option('--format <format>', 'of the files').choices(FORMATS).default('parquet'))
      .addOption(rawCsvOption())
      .addOption(
        new Option(
          '--table <name...>',
          'a table or mart with created_at or created_date, such as marts.usage_daily; may be repeated',
        ),
      )
      .addOption(new Option('--since <time>', 'from the day of this date or time, UTC, or age (30d)'))
      .addOption(
        new Option('--until <time>', 'up to this date or time, excluded: 2026-11-08 ends with the 7th'),
      )
      .addOption(liveOption())
      .addOption(waitOption())
      .action(() => run((context) => start(context, command.opts<ExportOptions>())));
  },
};

async function start(context: CommandContext, options: ExportOptions): Promise<number> {
  const folder = resolve(options.to);
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new SettingsError(`--to ${options.to} is no folder: name one`);
  }
  if (options.rawCsv === true && options.format !== 'csv') {
    throw new SettingsError('--raw-csv is for --format csv: the other formats hold every text as it is');
  }
  const range = rangeOf(context, options);
  const startedMs = performance.now();
  const { source: opened, questioned } = await openSource(context, options);
  await using source = opened;
  const tables = chosenTables(await source.tables(MARTS), options.table);
  const exported = await exportTables(source, {
    folder,
    format: options.format,
    isRawCsv: options.rawCsv === true,
    tables,
    ...range,
    version: await source.version(),
    signal: context.signal,
    onProgress: ({ table, days, daysTotal }) =>
      context.statusLine?.show(`exporting · ${table} · ${grouped(days)} of ${counted(daysTotal, 'day')}`),
  }).finally(() => context.statusLine?.show(null));
  const seconds = (performance.now() - startedMs) / 1000;
  await tell(context, { folder, format: options.format, exported, seconds, copy: questioned?.copy ?? null });
  const note = questioned === null ? null : ageNote(questioned);
  if (note !== null) context.note(note);
  return EXIT.landed;
}

/** `questioned`: of the copy that is read; null: it is the warehouse itself. */
async function openSource(
  context: CommandContext,
  options: ExportOptions,
): Promise<{ source: ExportSource; questioned: Questioned | null }> {
  const { signal, log } = context;
  const config = localConfigOf(context, options);
  const copy = options.live === true ? null : await openCopy(context, config);
  // Opened to be looked at: this one's SQL reaches no file.
  await copy?.warehouse.close();
  const path = copy === null ? config.warehouse.path : (config.publish.to ?? config.warehouse.path);
  const onWaiting = (pid: number | null, file: string): void =>
    log.info({ pid, warehouse: file }, 'waiting for the warehouse: another process has it open');
  const source = await ExportSource.open({
    ...config.warehouse,
    path,
    prices: pricesNow(config.warehouse),
    signal,
    onWaiting,
  });
  const note = priceNote(source.prices, copy !== null);
  if (note !== null) context.note(note);
  return { source, questioned: copy };
}

/** Days as text, `2026-11-24`. */
function rangeOf(context: CommandContext, { since, until }: ExportOptions) {
  const now = nowOf({ nowMs: context.now });
  const day = (second: number): string => new Date(second * 1000).toISOString().slice(0, 10);
  const from = since === undefined ? null : day(parseTime(since, now, '--since'));
  // A day that has begun by then is in it.
  const to = until === undefined ? null : day(parseTime(until, now, '--until') + 86_399);
  if (from !== null && to !== null && from >= to) throw new SettingsError('--since is not before --until');
  return { since: from, until: to };
}

/** @throws {SettingsError} for a name that is no table, or of one that has no day. */
function chosenTables(
  tables: readonly ExportTable[],
  names: readonly string[] | undefined,
): readonly ExportTable[] {
  if (names === undefined) return tables.filter((table) => DEFAULT_TABLES.includes(qualified(table)));
  return [...new Set(names)].map((name) => {
    const found =
      tables.find((table) => qualified(table) === name) ??
      // As in SQL, a bare name is a table's before it is a mart's.
      tables.find((table) => table.schema === 'main' && table.name === name) ??
      tables.find((table) => table.name === name);
    if (found !== undefined) return found;
    throw new SettingsError(
      `--table names nothing with created_at or created_date; there are: ${tables.map(folderOf).join(', ')}`,
    );
  });
}

const qualified = ({ schema, name }: ExportTable): string => `${schema}.${name}`;

interface Told {
  readonly folder: string;
  readonly format: ExportFormat;
  readonly exported: readonly ExportedTable[];
  readonly seconds: number;
  readonly copy: Questioned['copy'];
}

async function tell(
  context: CommandContext,
  { folder, format, exported, seconds, copy }: Told,
): Promise<void> {
  const sum = (of: (table: ExportedTable) => number): number =>
    exported.reduce((all, table) => all + of(table), 0);
  const rounded = Math.round(seconds * 100) / 100;
  if (context.json) {
    await writeJson(context.stdout, {
      to: folder,
      format,
      files: sum(({ files }) => files),
      rows: sum(({ rows }) => rows),
      bytes: sum(({ bytes }) => bytes),
      files_removed: sum(({ filesRemoved }) => filesRemoved),
      files_kept: sum(({ filesKept }) => filesKept),
      seconds: rounded,
      published_copy: copyObject(copy),
      tables: exported.map(({ table, files, rows, bytes, filesRemoved, filesKept }) => ({
        table,
        files,
        rows,
        bytes,
        files_removed: filesRemoved,
        files_kept: filesKept,
      })),
    });
    return;
  }
  const lines = exported.map(({ table, files, rows, bytes, filesRemoved, filesKept }) => {
    const parts = [
      files === 0
        ? 'nothing to write'
        : `${counted(files, 'day')} written, ${counted(rows, 'row')}, ${sizeText(bytes)}`,
      ...(filesRemoved === 0 ? [] : [`${counted(filesRemoved, 'day')} removed`]),
      ...(filesKept === 0 ? [] : [`${counted(filesKept, 'day')} up to date`]),
    ];
    return `${table}: ${parts.join(', ')}\n`;
  });
  await write(context.stdout, `${lines.join('')}${folder}  ${rounded} s\n`);
}
