/** Runs a report on a warehouse or its published copy, and says how complete the period is that it is about. */
import { SettingsError } from '../errors.ts';
import type { QueryResult } from '../warehouse/engine/session.ts';
import { statement } from '../warehouse/engine/statements.ts';
import type { SqlValue } from '../warehouse/engine/values.ts';
import { BUDGETS_FORM, type Budget, budgetsOf } from './budget-file.ts';
import { checkGroups, parseBy } from './report-by.ts';
import { columnOf, kindOf, type ReportColumn } from './report-columns.ts';
import { comparedSpans, compareParameters, daysOf, halvesOf } from './report-compare.ts';
import {
  type AskedDays,
  type Completeness,
  type LookedAt,
  readBounds,
  readCompleteness,
  readLookedAt,
} from './report-completeness.ts';
import type { Report } from './report-definition.ts';
import { columnNamed, type Field, fieldText, METADATA, tagOf } from './report-fields.ts';
import { byTexts, checkRoom, columnsOf, groupCells } from './report-groups.ts';
import {
  addDays,
  type Bounds,
  daysBetween,
  lastWeek,
  openMonth,
  type Period,
  periodOf,
} from './report-period.ts';
import { queried, type Reader, type ReportRow } from './report-query.ts';
import { withRelations } from './report-relations.ts';
import { type Choice, type Condition, choicesOf, nameIn, parseWhere } from './report-where.ts';
import { checkWhatIf, takesWhatIf, type WhatIf } from './what-if.ts';

export interface ReportRequest {
  /** First day (UTC), as `2026-11-24`; null: 30 whole days before the end. */
  readonly since: string | null;
  /** The day after the last; null: with the open day. */
  readonly until: string | null;
  /** What to group by, as each `--by` has it; none: the report's default. */
  readonly by: readonly string[];
  /** What the completions are chosen by, as each `--where` has it; none: all of them. */
  readonly where: readonly string[];
  /** Rows (or groups) at the most; null: the report's default. */
  readonly top: number | null;
  /** One source; null: all. */
  readonly source: string | null;
  /** The moment that a report of before and after is about, Unix seconds; null: the middle of its whole days. */
  readonly compare?: number | null;
  /** BUDGET_MONTHLY, US dollars. */
  readonly budget: number | null;
  /** Of BUDGETS_FILE; absent: there is none. */
  readonly budgets?: readonly Budget[] | null;
  /** What is to be otherwise; absent: nothing. */
  readonly whatIf?: WhatIf;
  /** Stands in for the last sync where there was none. */
  readonly nowMs: number;
}

export interface ReportResult {
  readonly report: Report;
  readonly period: Period;
  /** What it was grouped by, as `--by` has it; none: it does not group, or as it does when nothing is asked for. */
  readonly by: readonly string[];
  readonly where: readonly Condition[];
  readonly top: number | null;
  readonly source: string | null;
  /** null: the report takes nothing to be otherwise. */
  readonly whatIf: WhatIf | null;
  readonly completeness: Completeness;
  /** null: it tells of all of them. */
  readonly lookedAt: LookedAt | null;
  readonly columns: readonly ReportColumn[];
  /** Values as {@link SqlValue} has them; tags as an object. */
  readonly rows: readonly ReportRow[];
  /** Rows beyond --top, a count; 0 too where the report does not tell. */
  readonly rowsMore: number;
}

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
  checkRoom(report, request.by);
  if (takesWhatIf(report)) await checkWhatIf(warehouse, request.whatIf);
  const bounds = await readBounds(warehouse);
  const spans = report.parameters.includes('compare') ? comparedSpans(request, bounds) : null;
  const asked = spans === null ? request : { ...request, ...daysOf(spans) };
  const period = periodFor(report, asked, bounds);
  const { since, until } = period;
  const { source } = request;
  const where = await readWhere(warehouse, request.where);
  const choices = choicesOf(where);
  const groups = await resolvedBy(warehouse, report, request, choices, { since, until, source });
  const isAsked = request.by.length > 0;
  const budgets = takesBudgets(report) ? budgetsOf(budgetsIn(request), since.slice(0, 7)) : null;
  const bound =
    report.file === null
      ? withRelations(report.sql, { groups, where: choices, budgets })
      : { sql: report.sql, parameters: { by: request.by[0] ?? null, key: keyIn(request.by[0]) } };
  const top = request.top ?? report.top;
  const result = await queried(warehouse, bound.sql, {
    ...bound.parameters,
    since,
    until,
    ...readDays(report, period),
    ...compareParameters(spans ?? halvesOf(period, bounds)),
    source,
    top: top ?? ROWS_MAX,
    budget: request.budget,
    model: request.whatIf?.model ?? null,
    tier: request.whatIf?.tier ?? null,
    cached_share: request.whatIf?.cachedShare ?? null,
  });

  const inAll = result.columns.findIndex(({ name }) => name === ROWS_IN_ALL);
  const rowsInAll = Number(result.rows[0]?.[inAll] ?? result.rows.length);
  const columns =
    columnsOf(report, groups, isAsked) ??
    uniqueColumns(result).map(({ name, type }) => columnOf(name, kindOf(name, type)));
  return {
    report,
    period,
    by: isAsked || report.byColumns === null ? byTexts(groups) : [],
    where,
    top: report.parameters.includes('top') ? top : null,
    source,
    whatIf: takesWhatIf(report) ? (request.whatIf ?? null) : null,
    completeness: await readCompleteness(warehouse, bounds, { since, until, source }, choices),
    lookedAt: report.isOfMessages ? await readLookedAt(warehouse, { since, until, source }, choices) : null,
    columns,
    rows: result.rows.map((row) => {
      const names = report.columns === null ? columns : result.columns;
      const cells = Object.fromEntries(names.map(({ name }, index) => [name, row[index] ?? null]));
      const grouped = { ...groupCells(report, groups, isAsked, cells['grp'] ?? null), ...cells };
      return Object.fromEntries(
        columns.map((column) => [column.name, cellOf(column, grouped[column.name] ?? null)]),
      );
    }),
    rowsMore: report.file === null ? Math.max(0, rowsInAll - result.rows.length) : 0,
  };
}

function periodFor({ period }: Report, request: ReportRequest, bounds: Bounds): Period {
  if (period === 'month') return openMonth(bounds, request.nowMs);
  const isDefault = request.since === null && request.until === null;
  if (period === 'week' && isDefault) return lastWeek(bounds, request.nowMs);
  return periodOf(request, bounds, request.nowMs);
}

const takesBudgets = ({ file, name }: Report): boolean => file === null && name === 'budgets';

function budgetsIn({ budgets }: ReportRequest): readonly Budget[] {
  if (budgets !== undefined && budgets !== null) return budgets;
  throw new SettingsError(`the report budgets needs BUDGETS_FILE: ${BUDGETS_FORM}`);
}

/** The days whose usage is read: `from`, and `to` excluded. */
function readDays(
  { reach }: Report,
  { since, until }: Period,
): { readonly from: string; readonly to: string } {
  if (reach === 'all') return { from: '0001-01-01', to: '9999-12-31' };
  return { from: reach === 'before' ? addDays(since, -daysBetween(since, until)) : since, to: until };
}

/** Last column of our own reports that --top cuts off: how many rows there would be. It is no column of the report. */
const ROWS_IN_ALL = 'rows_in_all';

/** Stands for no limit. */
const ROWS_MAX = 1_000_000_000;

/** For a report of the person's own that has `$key`. */
const keyIn = (by: string | undefined): string | null => /^metadata\.(.+)$/s.exec(by ?? '')?.[1] ?? null;

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

function checkTaken(report: Report, request: ReportRequest): void {
  const isAsked = {
    since: request.since !== null,
    until: request.until !== null,
    source: request.source !== null,
    by: request.by.length > 0,
    top: request.top !== null,
    compare: (request.compare ?? null) !== null,
    where: request.where.length > 0,
    model: (request.whatIf?.model ?? null) !== null,
    tier: (request.whatIf?.tier ?? null) !== null,
    'cached-share': (request.whatIf?.cachedShare ?? null) !== null,
  };
  const taken: readonly string[] = optionsOf(report);
  const refused = Object.entries(isAsked).flatMap(([name, asked]) =>
    asked && !taken.includes(name) ? [`--${name}`] : [],
  );
  if (refused.length === 0) return;
  throw new SettingsError(
    `the report ${report.name} takes no ${refused.join(' and no ')}; ` +
      (taken.length === 0 ? 'it takes none' : `it takes ${taken.map((name) => `--${name}`).join(', ')}`) +
      (report.file !== null && isAsked.where ? ': it is yours, and chooses by its own SQL' : ''),
  );
}

/** Options of the command that the report takes, without their dashes. */
export const optionsOf = ({ parameters, takesWhere }: Report): readonly string[] => [
  ...parameters.filter((name) => name !== 'key' && name !== 'budget').map((name) => name.replace('_', '-')),
  ...(takesWhere ? ['where'] : []),
];

async function readWhere(warehouse: Reader, texts: readonly string[]): Promise<readonly Condition[]> {
  const known = new Set<string>();
  // Which names are keys is asked before: parsing is pure.
  for (const key of new Set(texts.map(nameIn))) {
    if (columnNamed(key) !== null || key.startsWith(`${METADATA}.`)) continue;
    const { rows } = await queried(warehouse, statement('reports/parts/is_key'), { key });
    if (rows.length > 0) known.add(key);
  }
  return texts.map((text) => parseWhere(text, (name) => known.has(name)));
}

/** `metadata` alone is the key that most of the usage carries; where nothing carries any, the model. */
async function resolvedBy(
  warehouse: Reader,
  report: Report,
  request: ReportRequest,
  where: readonly Choice[],
  asked: AskedDays,
): Promise<readonly Field[]> {
  if (report.file !== null) return [];
  const texts = request.by.length > 0 ? request.by : report.by;
  const groups: Field[] = [];
  for (const text of texts) {
    const by = parseBy(text, report.takesTime);
    if (by.kind !== 'metadata') groups.push(by);
    else {
      const keys = await metadataKeys(warehouse, asked);
      // One that is chosen by has one value left and makes no groups, and one that is asked for by name is there already.
      const equal = where.filter(({ operator }) => operator === '=').map(({ field }) => fieldText(field));
      const taken = new Set([...equal, ...texts]);
      const key = keys.find((name) => !taken.has(fieldText(tagOf(name))));
      groups.push(key === undefined ? { kind: 'column', name: 'model' } : tagOf(key));
    }
  }
  checkGroups(groups);
  return groups;
}

/** Metadata keys of a period, the most useful to group by first. */
export async function metadataKeys(warehouse: Reader, asked: AskedDays): Promise<readonly string[]> {
  const { rows } = await warehouse.query(statement('reports/parts/keys'), { ...asked });
  return rows.map(([key]) => String(key));
}
