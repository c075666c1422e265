/** Runs a report on a warehouse or its published copy, and says how complete the period is that it is about. */
import { SettingsError } from '../errors.ts';
import type { QueryResult, SqlParameters } from '../warehouse/engine/session.ts';
import { statement } from '../warehouse/engine/statements.ts';
import type { SqlValue } from '../warehouse/engine/values.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import { type By, parseBy, partOf, tagOf, withUsageBy } from './report-by.ts';
import { columnOf, kindOf, type ReportColumn } from './report-columns.ts';
import { type Bounds, openMonth, type Period, periodOf } from './report-period.ts';
import type { Report, ReportParameter } from './reports.ts';

export interface ReportRequest {
  /** First day (UTC), as `2026-11-24`; null: 30 whole days before the end. */
  readonly since: string | null;
  /** The day after the last; null: with the open day. */
  readonly until: string | null;
  /** What to group by, as `--by` has it; null: the report's default. */
  readonly by: string | null;
  /** Rows (or groups) at the most; null: the report's default. */
  readonly top: number | null;
  /** One source; null: all. */
  readonly source: string | null;
  /** BUDGET_MONTHLY, US dollars. */
  readonly budget: number | null;
  /** Stands in for the last sync where there was none. */
  readonly nowMs: number;
}

/** How complete a period is, and the whole that the rows of its reports are part of. */
export interface Completeness {
  /** When the last run began, ISO in UTC; null: there was none. */
  readonly asOf: string | null;
  /** Up to where the last sync had settled. */
  readonly settledUntil: string | null;
  /** Seconds of the period proven to be read, of those that have settled: 0 to 1; null: none have, or there is no source. */
  readonly coveredShare: number | null;
  readonly daysWithGaps: number;
  /** An estimate; null: nothing is known of any. */
  readonly rowsMissingEstimate: number | null;
  readonly completions: number;
  readonly completionsWithoutUsage: number;
  readonly totalTokens: number | null;
  /** Share of the tokens that has a price, 0 to 1; null without tokens. */
  readonly pricedTokenShare: number | null;
  /** US dollars, exact; null: nothing has a price. */
  readonly listCostUsd: string | null;
}

export type ReportRow = Readonly<Record<string, SqlValue>>;

export interface ReportResult {
  readonly report: Report;
  readonly period: Period;
  /** What it was grouped by; null: it does not group by choice. */
  readonly by: string | null;
  readonly top: number | null;
  readonly source: string | null;
  readonly completeness: Completeness;
  readonly columns: readonly ReportColumn[];
  /** Values as {@link SqlValue} has them; tags as an object. */
  readonly rows: readonly ReportRow[];
  /** Rows beyond --top, a count; 0 too where the report does not tell. */
  readonly rowsMore: number;
}

type Reader = Pick<WarehouseFile, 'query'>;

/**
 * @throws {SettingsError} for a period, a group or a parameter the report does not take; {@link TerminalError} when its SQL
 * cannot be run.
 */
export async function runReport(
  warehouse: Reader,
  report: Report,
  request: ReportRequest,
): Promise<ReportResult> {
  checkTaken(report, request);
  const bounds = await readBounds(warehouse);
  const period =
    report.period === 'month' ? openMonth(bounds, request.nowMs) : periodOf(request, bounds, request.nowMs);
  const { since, until } = period;
  const { source } = request;
  const by = await resolvedBy(warehouse, report, request, { since, until, source });
  const sql =
    by === null || report.file !== null ? report.sql : withUsageBy(statement(partOf(by)), report.sql);
  const top = request.top ?? report.top;
  const values: Record<ReportParameter, string | number | null> = {
    since,
    until,
    source,
    by: by?.text ?? request.by,
    key: by?.kind === 'tag' ? by.key : keyIn(request.by),
    top,
    budget: request.budget,
  };
  const taken: readonly ReportParameter[] =
    by?.kind === 'tag' && report.file === null ? [...report.parameters, 'key'] : report.parameters;
  const parameters = boundIn(sql, taken, values);
  const result = await queried(warehouse, sql, parameters);
  const inAll = result.columns.findIndex(({ name }) => name === ROWS_IN_ALL);
  const rowsInAll = Number(result.rows[0]?.[inAll] ?? result.rows.length);
  const columns =
    report.columns ?? uniqueColumns(result).map(({ name, type }) => columnOf(name, kindOf(name, type)));
  return {
    report,
    period,
    by: by?.text ?? null,
    top: report.parameters.includes('top') ? top : null,
    source,
    completeness: await readCompleteness(warehouse, bounds, { since, until, source }),
    columns: columns.map((column) =>
      column.name === 'group_name' && by !== null ? { ...column, title: headingOf(by) } : column,
    ),
    rows: result.rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column.name, cellOf(column, row[index] ?? null)])),
    ),
    rowsMore: report.file === null ? Math.max(0, rowsInAll - result.rows.length) : 0,
  };
}

/** Last column of our own reports that --top cuts off: how many rows there would be. It is no column of the report. */
const ROWS_IN_ALL = 'rows_in_all';

/** For a report of the person's own that has `$key`. */
const keyIn = (by: string | null): string | null => /^metadata\.(.+)$/s.exec(by ?? '')?.[1] ?? null;

const queried = (warehouse: Reader, sql: string, parameters: SqlParameters): Promise<QueryResult> =>
  Object.keys(parameters).length === 0 ? warehouse.query(sql) : warehouse.query(sql, parameters);

const headingOf = (by: By): string =>
  by.kind === 'tag' ? (by.key ?? 'metadata') : by.text.replace('_', ' ');

/** Two columns of one name both arrive. */
function uniqueColumns({ columns }: QueryResult): QueryResult['columns'] {
  const given = new Set<string>();
  return columns.map(({ name, type }) => {
    let unique = name;
    for (let count = 2; given.has(unique); count++) unique = `${name}_${count}`;
    given.add(unique);
    return { name: unique, type };
  });
}

function cellOf({ kind }: ReportColumn, value: SqlValue): SqlValue {
  if (kind !== 'tags' || !Array.isArray(value)) return value;
  return Object.fromEntries(value as readonly [string, SqlValue][]);
}

/** DuckDB refuses a value for a parameter that the statement does not have. */
function boundIn(
  sql: string,
  taken: readonly ReportParameter[],
  values: Record<ReportParameter, string | number | null>,
): SqlParameters {
  const names = taken.filter((name) => new RegExp(`\\$${name}\\b`).test(sql));
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

function checkTaken(report: Report, request: ReportRequest): void {
  const wanted = (['since', 'until', 'source', 'by', 'top'] as const).filter(
    (name) => request[name] !== null,
  );
  const refused = wanted.filter((name) => !report.parameters.includes(name));
  if (refused.length === 0) return;
  const takes = report.parameters.filter((name) => name !== 'key' && name !== 'budget');
  throw new SettingsError(
    `the report ${report.name} takes no ${refused.map((name) => `--${name}`).join(' and no ')}; ` +
      (takes.length === 0 ? 'it takes none' : `it takes ${takes.map((name) => `--${name}`).join(', ')}`),
  );
}

interface Asked {
  readonly since: string;
  readonly until: string;
  readonly source: string | null;
}

/** `metadata` alone is the key that most of the usage carries; where nothing carries any, the model. */
async function resolvedBy(
  warehouse: Reader,
  report: Report,
  request: ReportRequest,
  asked: Asked,
): Promise<By | null> {
  if (report.by === null) return null;
  const by = parseBy(request.by ?? report.by, report.takesTime);
  if (by.kind !== 'tag' || by.key !== null) return by;
  const [key] = await metadataKeys(warehouse, asked);
  return key === undefined ? parseBy('model', true) : tagOf(key);
}

/** Metadata keys of a period, the most useful to group by first. */
export async function metadataKeys(warehouse: Reader, asked: Asked): Promise<readonly string[]> {
  const { rows } = await warehouse.query(statement('reports/parts/keys'), { ...asked });
  return rows.map(([key]) => String(key));
}

async function readBounds(warehouse: Reader): Promise<Bounds> {
  const [row] = await objects(warehouse, 'reports/parts/bounds');
  const text = (name: string): string | null => {
    const value = row?.[name] ?? null;
    return value === null ? null : String(value);
  };
  return {
    asOf: text('as_of'),
    settledUntil: text('settled_until'),
    openFrom: text('open_from'),
    completeFrom: text('complete_from'),
    asOfDate: text('as_of_date'),
  };
}

async function readCompleteness(warehouse: Reader, bounds: Bounds, asked: Asked): Promise<Completeness> {
  const [row] = await objects(warehouse, 'reports/parts/completeness', { ...asked });
  const number = (name: string): number | null => {
    const value = row?.[name] ?? null;
    return value === null ? null : Number(value);
  };
  const cost = row?.['list_cost_usd'] ?? null;
  return {
    asOf: bounds.asOf,
    settledUntil: bounds.settledUntil,
    coveredShare: number('covered_share'),
    daysWithGaps: number('days_with_gaps') ?? 0,
    rowsMissingEstimate: number('rows_missing_estimate'),
    completions: number('completions') ?? 0,
    completionsWithoutUsage: number('completions_without_usage') ?? 0,
    totalTokens: number('total_tokens'),
    pricedTokenShare: number('priced_token_share'),
    listCostUsd: cost === null ? null : String(cost),
  };
}

async function objects(
  warehouse: Reader,
  file: string,
  parameters: SqlParameters = {},
): Promise<readonly ReportRow[]> {
  const { columns, rows } = await queried(warehouse, statement(file), parameters);
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
}
