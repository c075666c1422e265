/** `tokenhouse query`: SQL over the warehouse, for reading. */
import { readFileSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import { InvalidArgumentError, Option } from 'commander';
import { priceNote } from '../../analytics/prices-now.ts';
import { EXIT, SettingsError, TerminalError, TransientError } from '../../errors.ts';
import { nearest } from '../../spelling.ts';
import { countStatements } from '../../warehouse/engine/engine.ts';
import { wholeMessageOf } from '../../warehouse/engine/engine-error.ts';
import type { QueryResult, SqlParameters } from '../../warehouse/engine/session.ts';
import { textColumnsIn } from '../../warehouse/publish/published-copy.ts';
import type { WarehouseFile } from '../../warehouse/warehouse-file.ts';
import { suggesting } from '../completion/suggestions.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import {
  ageNote,
  liveOption,
  openForQuestions,
  type Questioned,
  type QuestionOptions,
} from '../open-published.ts';
import { csvStyle, rawCsvOption, wholeNumber } from '../options.ts';
import { type Row, write, writeCsv, writeJson } from '../output.ts';
import { grouped } from '../progress.ts';
import { EXAMPLE_NAMES, exampleCommand, examplesText, queryExamples } from '../query-examples.ts';
import { rowsOf, tableOf, uniqueNames, writeJsonArray } from '../query-output.ts';
import { waitOption } from '../read-options.ts';

interface QueryOptions extends QuestionOptions {
  readonly csv?: boolean;
  readonly rawCsv?: boolean;
  readonly file?: string;
  readonly example?: string;
  readonly examples?: boolean;
  readonly limit?: number;
  readonly param?: SqlParameters;
}

/** More than anybody reads on a terminal; JSON and CSV have no limit. */
const TABLE_ROWS_MAX = 1_000;

export const query: CommandDefinition = {
  name: 'query',
  examples: [
    [
      'tokenhouse query "select model, sum(total_tokens) as tokens from completion_usage group by all order by 2 desc"',
      'tokens by model',
    ],
    ['tokenhouse query --examples', 'questions in SQL that run as they are'],
    ['tokenhouse query --example spend_by_tag', 'one of them, run'],
    [
      'tokenhouse query --file report.sql --csv > report.csv',
      'SQL from a file, the result for a spreadsheet',
    ],
    [
      `tokenhouse query 'select count(*) from completions where created_at >= $since::date' --param since=2026-11-01`,
      'a value from outside, safe from quoting',
    ],
    ["echo 'select count(*) from completions' | tokenhouse query - --json", 'SQL from a pipe'],
  ],
  define(command, run) {
    command
      .description(
        'Run one statement of SQL (DuckDB), on the published copy where there is one, else on the warehouse. It can read that and ' +
          'nothing else, and change nothing. Times are UTC, big numbers and decimals exact (in JSON as text where a double would round them). Tables cut wide ' +
          'cells; --json and --csv do not. `tokenhouse schema` has the tables and columns. The result is held in memory: add a `limit` to what may be huge.',
      )
      .argument('[sql]', 'the statement; `-` reads it from stdin')
      .addOption(new Option('--file <file>', 'read the statement from this file'))
      .addOption(new Option('--examples', 'print questions in SQL that run as they are, and run none'))
      .addOption(
        suggesting(
          new Option('--example <name>', 'run the example of this name; --examples has them'),
          EXAMPLE_NAMES,
        ),
      )
      .addOption(new Option('--csv', 'as CSV, with a header'))
      .addOption(rawCsvOption().implies({ csv: true }))
      .addOption(
        new Option(
          '--limit <n>',
          `rows shown at the most (${grouped(TABLE_ROWS_MAX)} in a table, all in JSON and CSV)`,
        ).argParser(wholeNumber(1, 1_000_000_000)),
      )
      .addOption(
        new Option(
          '--param <name=value>',
          'a value for $name in the statement, as text: cast it where it is more, as $since::date; may be repeated',
        ).argParser(parameter),
      )
      .addOption(liveOption())
      .addOption(waitOption())
      .action((sql: string | undefined) =>
        run((context) => start(context, sql, command.opts<QueryOptions>())),
      );
  },
};

async function start(
  context: CommandContext,
  sql: string | undefined,
  options: QueryOptions,
): Promise<number> {
  if (context.json && options.csv === true) throw new SettingsError('--json and --csv: choose one of them');
  if (options.examples === true) return await tellExamples(context, sql, options);
  const statement = await statementOf(context, sql, options);
  // All that depends on prices is named by one of these; what asks for the tables themselves gets the file as it is.
  const isOfCosts = /\b(marts|model_prices)\b/i.test(statement);
  const questioned = await openForQuestions(context, options, { isOfCosts });
  await using warehouse = questioned.warehouse;
  const result = await run(context, warehouse, statement, options.param ?? {});
  const names = uniqueNames(result.columns.map(({ name }) => name));
  const isTable = !context.json && options.csv !== true;
  const limit = options.limit ?? (isTable ? TABLE_ROWS_MAX : Number.POSITIVE_INFINITY);
  const rows = rowsOf(names, result, limit);
  if (context.json) await writeJsonArray(context.stdout, rows);
  else if (options.csv === true) await writeCsv(context.stdout, names, rows, csvStyle(options));
  else await tell(context, names, result, [...rows]);
  for (const note of notes(questioned, statement)) {
    context.note(note);
  }
  if (result.rows.length > limit) {
    context.note(
      `${grouped(limit)} of ${grouped(result.rows.length)} rows shown; --limit shows more, --csv and --json all`,
    );
  }
  return EXIT.landed;
}

/** What a reader of the result should know of where it comes from. */
function notes(questioned: Questioned, sql: string): readonly string[] {
  const age = ageNote(questioned);
  const prices = priceNote(questioned.warehouse.prices, questioned.publication !== null);
  const text = questioned.publication?.content === 'none' ? textColumnsIn(sql) : [];
  return [
    ...(age === null ? [] : [age]),
    ...(prices === null ? [] : [prices]),
    ...(text.length === 0
      ? []
      : [
          `${text.join(', ')}: NULL in the published copy, which is made without text (PUBLISH_CONTENT); --live reads the warehouse itself`,
        ]),
  ];
}

async function tell(
  context: CommandContext,
  names: readonly string[],
  result: QueryResult,
  rows: readonly Row[],
): Promise<void> {
  if (names.length === 0) return;
  await write(context.stdout, tableOf(names, result, rows, { lines: context.isTty, color: context.color }));
}

async function statementOf(
  context: CommandContext,
  sql: string | undefined,
  { file, example }: QueryOptions,
): Promise<string> {
  if ([sql, file, example].filter((given) => given !== undefined).length !== 1) {
    throw new SettingsError(
      'give the SQL as one argument in quotes, as - for stdin, or by --file; --examples shows some that run as they are',
    );
  }
  if (example !== undefined) return exampleNamed(example);
  const statement =
    file !== undefined ? readSql(file) : sql === '-' ? await readStdin(context.signal) : (sql ?? '');
  if (statement.trim() === '') throw new SettingsError('the SQL is empty');
  const count = await countStatements(statement);
  if (count !== null && count > 1) {
    throw new SettingsError(`the SQL holds ${count} statements: run one at a time, or join them by \`with\``);
  }
  return statement;
}

async function tellExamples(
  context: CommandContext,
  sql: string | undefined,
  { file, example, csv }: QueryOptions,
): Promise<number> {
  if (sql !== undefined || file !== undefined || example !== undefined || csv === true) {
    throw new SettingsError('--examples prints them and runs none: it takes no SQL and no --csv');
  }
  const examples = queryExamples();
  if (!context.json) await write(context.stdout, examplesText(examples));
  else {
    await writeJson(
      context.stdout,
      examples.map((one) => ({ ...one, command: exampleCommand(one) })),
    );
  }
  return EXIT.landed;
}

/** @throws {SettingsError} naming what is probably meant. */
function exampleNamed(name: string): string {
  const found = queryExamples().find((one) => one.name === name.replaceAll('-', '_'));
  if (found !== undefined) return found.sql;
  const meant = nearest(name, EXAMPLE_NAMES);
  throw new SettingsError(
    `there is no example of that name${meant === null ? '' : ` (is ${meant} meant?)`}; --examples shows all`,
  );
}

/** One more `name=value`. */
function parameter(text: string, before: SqlParameters = {}): SqlParameters {
  const [, name, value] = /^([a-z_]\w*)=(.*)$/is.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must be name=value, the name of letters, digits and _.');
  }
  return { ...before, [name]: value };
}

function readSql(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new SettingsError(`--file ${file} cannot be read (${code})`, { cause: error });
  }
}

/** A signal ends the waiting for somebody who never types. */
const readStdin = (signal: AbortSignal): Promise<string> => text(addAbortSignal(signal, process.stdin));

/** The result; Ctrl-C interrupts the engine, which would else go on to the end. */
async function run(
  context: CommandContext,
  warehouse: WarehouseFile,
  sql: string,
  parameters: SqlParameters,
): Promise<QueryResult> {
  const { signal } = context;
  const stop = (): void => void warehouse.close();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await (Object.keys(parameters).length === 0
      ? warehouse.query(sql)
      : warehouse.query(sql, parameters));
  } catch (error) {
    signal.throwIfAborted();
    throw hinted(context.isErrTty ? told(error) : error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The engine's whole message, for the terminal of who asked: it may quote what is held. */
function told(error: unknown): unknown {
  const whole = wholeMessageOf(error);
  return whole === null ? error : new TerminalError(`DuckDB failed at the query: ${whole}`);
}

const WITHHELD = 'Error (its text';

/** What may help beside DuckDB's words, or where these are withheld, as they may quote the data. */
const HINTS = {
  'Conversion Error': 'try_cast gives NULL where a value cannot be converted',
  'Invalid Input Error':
    'the warehouse is open for reading, so nothing can be changed; else a $name has no --param, or a function is given what it does ' +
    'not take',
  'Out of Range Error':
    'a number is too large for its type: cast it to a wider one, such as hugeint or double',
  [WITHHELD]: 'does the statement name every $name that a --param gives?',
  'Out of Memory Error': 'raise DUCKDB_MEMORY_LIMIT',
} as const;

function hinted(error: unknown): unknown {
  if (!(error instanceof TerminalError || error instanceof TransientError)) return error;
  const { message } = error;
  const hint = Object.entries(HINTS).find(([name]) => message.includes(`: ${name}`))?.[1];
  const where = message.includes('(its text is withheld') ? 'a terminal is shown the whole text' : undefined;
  const more = [hint, where].filter((text) => text !== undefined);
  if (more.length === 0) return error;
  // Lines of the statement, with a mark under the place, stand between.
  const joint = message.includes('\n') ? '\n' : '; ';
  return new TerminalError(`${message.trimEnd()}${joint}${more.join('; ')}`);
}
