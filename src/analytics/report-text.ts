/** Values of a report as a person reads them, and what is said under its table. Pure. */
import type { SqlValue } from '../warehouse/engine/values.ts';
import { type ColumnKind, kindOf, type ReportColumn, titleOf } from './report-columns.ts';
import { quotedValue } from './report-fields.ts';
import { addDays, type Period } from './report-period.ts';
import type { ReportRow } from './report-query.ts';
import { whereText } from './report-where.ts';
import type { ReportResult } from './run-report.ts';
import { whatIfText } from './what-if.ts';

const grouped = (value: number, decimals = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** `12.3 %`; what is there and rounds to nothing is `<0.1 %`. */
export function percentText(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.0005) return value < 0 ? '>-0.1 %' : '<0.1 %';
  return `${grouped(value * 100, 1)} %`;
}

/** @param decimals for all of a column, so that the digits stand under each other. */
export function usdText(value: number, decimals: number): string {
  const sign = value < 0 ? '-' : '';
  const least = 10 ** -decimals;
  if (value !== 0 && Math.abs(value) < least / 2) return `<${sign}$${least.toFixed(decimals)}`;
  return `${sign}$${grouped(Math.abs(value), decimals)}`;
}

/** Cents for dollars, more where all of them are small. */
export function usdDecimals(values: readonly number[]): number {
  const largest = Math.max(0, ...values.map(Math.abs));
  if (largest === 0 || largest >= 1) return 2;
  return largest >= 0.01 ? 4 : 6;
}

const USAGE_COLUMNS = ['total_tokens', 'tokens', 'completions'];

/** The cells of a report, by row and column. */
export function cellTexts({ columns, rows }: Pick<ReportResult, 'columns' | 'rows'>): readonly string[][] {
  const decimals = columns.map(({ name, kind }) =>
    kind === 'usd' ? usdDecimals(rows.map((row) => Number(row[name] ?? 0))) : 0,
  );
  return rows.map((row) => columns.map((column, index) => cellText(column, row, decimals[index] ?? 2)));
}

function cellText(column: ReportColumn, row: ReportRow, decimals: number): string {
  const value = row[column.name] ?? null;
  if (value === null) return isUnpriced(column, row) ? 'unpriced' : '';
  const groupKind = row[column.name.replace('name', 'kind')];
  if (column.name.startsWith('group_name') && groupKind === 'value') return quotedValue(String(value));
  if (column.name === 'metric') return titleOf(String(value));
  if (column.kind === 'amount') return amountText(measureOf(row), value);
  const kind = column.kind === 'measure' ? measureOf(row) : column.kind;
  // As under the table: not all of it until it is.
  if (column.name.startsWith('priced_') && kind === 'ratio') return floorPercent(Number(value));
  const text = valueText(kind, value, kind === 'usd' && column.kind === 'measure' ? 2 : decimals);
  return column.isSigned && Number(value) > 0 ? `+${text}` : text;
}

/** A mean is seldom whole, and beside a sum it is small. */
function amountText(kind: ColumnKind, value: SqlValue): string {
  if (kind === 'usd') return valueText(kind, value, usdDecimals([Number(value)]));
  return valueText('number', value, 0);
}

/** What a row's own metric holds. */
const measureOf = (row: ReportRow): ColumnKind => kindOf(String(row['metric']), 'BIGINT');

/** No cost although there are tokens to pay for. */
const isUnpriced = ({ name }: ReportColumn, row: ReportRow): boolean =>
  name === 'list_cost_usd' && USAGE_COLUMNS.some((usage) => Number(row[usage] ?? 0) > 0);

function valueText(kind: ColumnKind, value: SqlValue, decimals: number): string {
  switch (kind) {
    case 'usd':
      return usdText(Number(value), decimals);
    case 'ratio':
      return percentText(Number(value));
    case 'points':
      return percentText(Number(value)).replace('%', 'pp');
    case 'tokens':
    case 'count':
      return grouped(Number(value));
    case 'number':
      return Number.isInteger(Number(value)) ? grouped(Number(value)) : grouped(Number(value), 1);
    case 'time':
      return String(value).replace('T', ' ');
    case 'tags':
      return tagsText(value);
    default:
      return typeof value === 'object' ? JSON.stringify(value, bigints) : String(value);
  }
}

const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

const tagsText = (value: SqlValue): string =>
  Object.entries(value ?? {})
    .map(([key, tag]) => `${key}=${String(tag)}`)
    .join(', ');

/** Lengths of bars from 0 to 1, for the column they show; null: that row has none. */
export function barsOf(result: ReportResult): readonly (number | null)[] | null {
  const { bar } = result.report;
  const column = result.columns.find(({ name }) => name === bar);
  if (bar === null || column === undefined || result.rows.length < 1) return null;
  const values = result.rows.map((row) => (row[bar] === null ? null : Number(row[bar])));
  // A share is of the whole; anything else is of the largest.
  const whole = column.kind === 'ratio' ? 1 : Math.max(0, ...values.map((value) => value ?? 0));
  if (whole === 0) return null;
  return values.map((value) => (value === null ? null : Math.min(1, Math.max(0, value / whole))));
}

/** `2026-10-25 to 2026-11-24 (UTC), 30 whole days and the open one`. */
function periodText({ since, until, wholeDays, openDays, isDefault }: Period): string {
  const last = addDays(until, -1);
  const days = [
    ...(wholeDays > 0 || openDays === 0 ? [wholeDays === 1 ? '1 whole day' : `${wholeDays} whole days`] : []),
    ...(openDays > 0 ? [openDays === 1 ? 'the open one' : `${openDays} open ones`] : []),
  ];
  const which = wholeDays === 0 && openDays === 1 ? 'the open day' : days.join(' and ');
  const how = isDefault ? '; --since and --until change that' : '';
  return `${since === last ? since : `${since} to ${last}`} (UTC), ${which}${how}`;
}

/** `List cost by metadata.team and model, where service_tier=flex`. */
export function headingOf({ report, by, where, whatIf }: ReportResult): string {
  const otherwise = whatIf === null ? '' : ` ${whatIfText(whatIf)},`;
  const grouped =
    by.length === 0 ? report.title : `${report.groupedTitle}${otherwise} by ${by.join(' and ')}`;
  return where.length === 0 ? grouped : `${grouped}, where ${whereText(where)}`;
}

/** What stands under the table: the period, its whole, and how complete it is. */
export function noteLines(result: ReportResult): readonly string[] {
  const { completeness, period, report } = result;
  const isMonth = report.period === 'month';
  return [
    ...(result.rowsMore === 0
      ? []
      : [
          `More      and ${grouped(result.rowsMore)} more; --top ${result.rows.length + result.rowsMore} shows all`,
        ]),
    `Period    ${periodText(isMonth ? { ...period, isDefault: false } : period)}${result.source === null ? '' : `, source ${result.source}`}`,
    ...(result.where.length === 0 ? [] : [`Filter    ${whereText(result.where)}`]),
    ...comparedNotes(result),
    ...lookedAtNotes(result),
    ...callNotes(result),
    ...whatIfNotes(result),
    ...budgetNotes(result),
    `Whole     ${wholeText(completeness)}`,
    ...assumedNotes(completeness),
    `Complete  ${completeText(completeness)}`,
    ...(completeness.rowsMissingEstimate !== null || completeness.daysWithGaps > 0
      ? [`Gaps      ${gapText(result)}`]
      : []),
    ...stateNotes(result),
    ...(isUncompared(result) ? ['Before    not compared: the whole days before were not all read'] : []),
  ];
}

function isUncompared({ report, rows, completeness }: ReportResult): boolean {
  if (report.name === 'summary') return rows.every((row) => row['value_before'] === null);
  return report.name === 'cost-drivers' && rows.length === 0 && completeness.completions > 0;
}

function wholeText(whole: ReportResult['completeness']): string {
  const { completions, completionsWithoutUsage, totalTokens, pricedTokenShare, listCostUsd } = whole;
  if (completions === 0) return 'no completions';
  const parts = [
    `${grouped(completions)} completions`,
    `${grouped(totalTokens ?? 0)} tokens`,
    listCostUsd === null
      ? 'list cost unknown: nothing has a price (see the report unpriced)'
      : `list cost ${usdText(Number(listCostUsd), usdDecimals([Number(listCostUsd)]))}${pricedText(pricedTokenShare)}`,
    ...(completionsWithoutUsage === 0
      ? []
      : [
          `${grouped(completionsWithoutUsage)} ${completionsWithoutUsage === 1 ? 'completion' : 'completions'} told no tokens`,
        ]),
  ];
  return parts.join(' · ');
}

function pricedText(share: number | null): string {
  if (share === null) return '';
  if (share === 1) return ', all tokens priced';
  return ` of the ${floorPercent(share)} of tokens that have a price (see the report unpriced)`;
}

/** What a list is silent on is not charged in silence. */
function assumedNotes({ assumedCostUsd }: ReportResult['completeness']): readonly string[] {
  const usd = Number(assumedCostUsd);
  if (usd === 0) return [];
  return [
    `Assumed   ${usdText(usd, usdDecimals([usd]))} of the list cost is caching that the price lists name no price for, at the price of input; ` +
      'marts.usage_costs_daily has it as is_assumed, PRICES_FILE can name the price',
  ];
}

/** Downwards: what is nearly all must not read as all. */
const floorPercent = (share: number): string => `${grouped(Math.floor(share * 1000) / 10, 1)} %`;

function completeText({ asOf, settledUntil, coveredShare }: ReportResult['completeness']): string {
  if (asOf === null) return 'nothing was synced yet';
  const until = settledUntil === null ? '' : ` up to ${minuteText(settledUntil)}`;
  const share =
    coveredShare === null
      ? 'none of it has settled'
      : `${floorPercent(coveredShare)} proven to be read${until}`;
  return `${share}; last sync ${minuteText(asOf)}`;
}

const minuteText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;

function gapText({ completeness, where }: ReportResult): string {
  const { daysWithGaps, rowsMissingEstimate } = completeness;
  const missing =
    rowsMissingEstimate === null
      ? ''
      : `, about ${grouped(Math.round(rowsMissingEstimate))} completions missing${where.length === 0 ? '' : ' (of all, not of what the filter takes)'}`;
  return `open on ${daysWithGaps === 1 ? '1 day' : `${grouped(daysWithGaps)} days`}${missing}; see \`tokenhouse gaps\``;
}

function lookedAtNotes({ lookedAt }: ReportResult): readonly string[] {
  if (lookedAt === null || lookedAt.ofCompletions === 0) return [];
  const { completions, ofCompletions } = lookedAt;
  const share = `${grouped(completions)} of ${grouped(ofCompletions)} completions (${floorPercent(completions / ofCompletions)})`;
  if (completions === ofCompletions) return [`Looked at ${share}`];
  return [
    `Looked at ${share}: of the others no message text is held here. \`tokenhouse sync --with-messages\` copies messages, CONTENT=none ` +
      'keeps their text out, and a published copy has it with PUBLISH_CONTENT=full alone (--live reads the warehouse)',
  ];
}

/** How to see one of the completions that a report names. */
function callNotes({ rows }: ReportResult): readonly string[] {
  return rows.some((row) => typeof row['completion_id'] === 'string')
    ? ['Call      `tokenhouse get COMPLETION` shows the whole of one']
    : [];
}

/** Days that are compared, where a report has them in columns of its own. */
function comparedNotes({ columns, rows }: ReportResult): readonly string[] {
  const [row] = rows;
  if (row === undefined || !columns.some(({ name }) => name === 'later_since')) return [];
  const days = (half: string): string => {
    const [since, until] = [String(row[`${half}_since`]), String(row[`${half}_until`])];
    if (until.includes('T')) return `${minuteText(since)} to ${minuteText(until)}`;
    const last = addDays(until, -1);
    return since === last ? since : `${since} to ${last}`;
  };
  return [`Compared  ${days('later')} with ${days('earlier')} (before)`];
}

/** How the days of a month get a budget to be held against; of a group there is none here. */
const budgetNotes = ({ columns, rows, by }: ReportResult): readonly string[] =>
  by.length === 0 &&
  rows.length > 0 &&
  columns.some(({ name }) => name === 'budget_to_date_usd') &&
  rows.every((row) => row['budget_usd'] === null)
    ? ['Budget    none is set: BUDGET_MONTHLY, in US dollars, is what the days are held against']
    : [];

/** The whole of what would be otherwise. */
function whatIfNotes({ rows, whatIf }: ReportResult): readonly string[] {
  if (whatIf === null || rows.length === 0) return [];
  const sum = (value: (row: ReportRow) => number): number => rows.reduce((all, row) => all + value(row), 0);
  const of =
    (name: string) =>
    (row: ReportRow): number =>
      Number(row[name] ?? 0);
  const tokens = sum(of('total_tokens'));
  const compared = sum((row) => of('compared_token_share')(row) * of('total_tokens')(row));
  if (compared === 0) return ['Otherwise nothing to compare: no tokens have a price on both sides'];
  const [was, other] = [sum(of('compared_cost_usd')), sum(of('what_if_cost_usd'))];
  const decimals = usdDecimals([was, other]);
  const difference = other - was;
  const relative = was === 0 ? '' : `, ${signed(difference, percentText(difference / was))}`;
  return [
    `Otherwise ${usdText(other, decimals)} instead of ${usdText(was, decimals)} (${signed(difference, usdText(difference, decimals))}${relative}), ` +
      `${Math.round(compared) === tokens ? 'all tokens compared' : `of the ${floorPercent(compared / tokens)} of tokens that have a price on both sides`}`,
  ];
}

const signed = (value: number, text: string): string => (value > 0 ? `+${text}` : text);

function stateNotes({ rows }: ReportResult): readonly string[] {
  const states = new Set(rows.map((row) => row['state'] ?? null));
  const words = [
    ...(states.has('open') ? ['open: not over yet, more will come'] : []),
    ...(states.has('partial') ? ['partial: only a part of it was read or asked for'] : []),
  ];
  return words.length === 0 ? [] : [`Marks     ${words.join('; ')}`];
}
