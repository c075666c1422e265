/** A report as a table for people, Markdown, CSV or JSON. */
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { isForPeople, isNumeric } from '../analytics/report-columns.ts';
import { barsOf, cellTexts, headingOf, noteLines } from '../analytics/report-text.ts';
import { conditionText } from '../analytics/report-where.ts';
import type { ReportResult } from '../analytics/run-report.ts';
import { type HeatmapMetric, heatmapText } from './heatmap-output.ts';
import { type CsvStyle, type Row, writeCsv } from './output.ts';
import { renderTable } from './table.ts';
import { wrapped } from './wrap.ts';

export interface ReportStyle {
  /** Lines and bars: a terminal; else plain columns. */
  readonly isTty: boolean;
  readonly color: boolean;
  /** Columns of the terminal; null: as wide as it gets. */
  readonly width: number | null;
  /** What the grid of a heat map shows. */
  readonly metric: HeatmapMetric;
}

const BAR_WIDTH = 12;
/** `Period    `: what is said under a table begins with a label. */
const NOTE_LABEL_WIDTH = 10;
/** A cell of text: what is longer is cut, down to the least where the table is too wide. */
const TEXT_WIDTH_MAX = 48;
const TEXT_WIDTH_MIN = 14;

/** The title, the table and what is to be known of it. */
export function reportText(result: ReportResult, style: ReportStyle): string {
  // Further lines stand under the text, beside the labels.
  const notes = noteLines(result).map((line) => {
    const text = wrapped(line, style.width, NOTE_LABEL_WIDTH);
    return style.color ? styleText('dim', text, { validateStream: false }) : text;
  });
  return `${headingText(result, style)}\n\n${tableText(result, style)}\n${notes.join('\n')}\n`;
}

export function headingText(result: ReportResult, { color, width }: ReportStyle): string {
  const text = wrapped(headingOf(result), width, 2);
  return color ? styleText('bold', text, { validateStream: false }) : text;
}

const isGrid = ({ report }: ReportResult): boolean => report.file === null && report.name === 'heatmap';

/** The table alone; a line instead of it where there are no rows. */
export function tableText(result: ReportResult, style: ReportStyle): string {
  if (isGrid(result)) return heatmapText(result, style.metric, style);
  if (result.rows.length === 0) return 'No rows.\n';
  const fitted = fit(columnsFor(result, style), style);
  const table = renderTable(
    fitted.columns.map(({ key, title, align, isBar }) => ({
      key,
      title,
      align,
      color: isBar ? 'cyan' : null,
    })),
    result.rows.map((_, row) =>
      Object.fromEntries(fitted.columns.map(({ key, cells }) => [key, cells[row] ?? ''])),
    ),
    { lines: style.isTty, color: style.color },
  );
  if (fitted.left.length === 0) return table;
  return `${table}${wrapped(`Left out for want of room: ${fitted.left.join(', ')}`, style.width, 2)}\n`;
}

interface Shown {
  readonly key: string;
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cells: readonly string[];
  readonly isText: boolean;
  /** The bars of a column, which come before it in what is left out. */
  readonly isBar: boolean;
  /** Place in what is left out; null: never. */
  readonly leftOut: number | null;
}

function columnsFor(result: ReportResult, style: ReportStyle): readonly Shown[] {
  const texts = cellTexts(result);
  const bars = style.isTty ? barsOf(result) : null;
  return result.columns.flatMap((column, index) => {
    if (!isForPeople(column)) return [];
    const isId = column.name.endsWith('_id');
    const cells = texts.map((row) => cut(row[index] ?? '', isId ? Number.POSITIVE_INFINITY : TEXT_WIDTH_MAX));
    const minor = result.report.minor.indexOf(column.name);
    // A column of marks without a mark says nothing, and no more does a minor one without a value.
    if ((column.kind === 'mark' || minor >= 0) && cells.every((cell) => cell === '')) return [];
    const shown: Shown = {
      key: column.name,
      title: column.title,
      align: isNumeric(column) ? 'right' : 'left',
      cells,
      isText: column.kind === 'text' || column.kind === 'tags',
      isBar: false,
      leftOut: minor < 0 ? null : minor,
    };
    if (bars === null || column.name !== result.report.bar) return [shown];
    const drawn = bars.map((length) => barText(length ?? 0));
    return [
      shown,
      { ...shown, key: 'bar', title: '', align: 'left', cells: drawn, isText: false, isBar: true },
    ];
  });
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function barText(length: number, width = BAR_WIDTH): string {
  const eighths = Math.round(length * width * 8);
  // What is there shows.
  const least = length > 0 && eighths === 0 ? 1 : eighths;
  return '█'.repeat(Math.floor(least / 8)) + (EIGHTHS[least % 8] ?? '');
}

/**
 * Makes room: texts are shortened, then minor columns left out, then the bars, then texts are cut further, then the columns on
 * the right left out.
 */
function fit(
  columns: readonly Shown[],
  style: ReportStyle,
): { readonly columns: readonly Shown[]; readonly left: readonly string[] } {
  const { width } = style;
  if (width === null || widthOf(columns, style) <= width) return { columns, left: [] };
  let shown = columns.map((column) => shortened(column, 28));
  const left: string[] = [];
  for (const column of [...columns]
    .filter(({ leftOut, isBar }) => leftOut !== null && !isBar)
    .sort((a, b) => (a.leftOut ?? 0) - (b.leftOut ?? 0))) {
    if (widthOf(shown, style) <= width) break;
    shown = shown.filter(({ key }) => key !== column.key);
    left.push(column.title || column.key);
  }
  if (widthOf(shown, style) > width) shown = shown.filter(({ isBar }) => !isBar);
  if (widthOf(shown, style) > width) shown = shown.map((column) => shortened(column, TEXT_WIDTH_MIN));
  // From the right, down to what is told of and one thing told of it; the marks stay.
  while (widthOf(shown, style) > width) {
    const last = shown
      .filter(({ title, key }) => title !== '' && !key.endsWith('_id'))
      .slice(2)
      .at(-1);
    if (last === undefined) break;
    shown = shown.filter(({ key }) => key !== last.key);
    left.push(last.title);
  }
  return { columns: shown, left };
}

function widthOf(columns: readonly Shown[], { isTty }: ReportStyle): number {
  const cells = columns.reduce((sum, { title, cells: texts, isBar }) => {
    if (isBar) return sum + BAR_WIDTH;
    return sum + Math.max(lengthOf(title), ...texts.map(lengthOf));
  }, 0);
  // A line and a blank on each side of a cell; else two blanks between cells.
  return isTty ? cells + 3 * columns.length + 1 : cells + 2 * (columns.length - 1);
}

const lengthOf = (text: string): number => [...text].length;

/** Half an id is none. */
const shortened = (column: Shown, width: number): Shown =>
  column.isText && !column.key.endsWith('_id')
    ? { ...column, cells: column.cells.map((cell) => cut(cell, width)) }
    : column;

function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

const PLAIN = { isTty: false, color: false, width: null, metric: 'tokens' } as const;

export function reportMarkdown(result: ReportResult, metric: HeatmapMetric): string {
  const { description } = result.report;
  const texts = cellTexts(result);
  const kept = result.columns.flatMap((column, index) =>
    !isForPeople(column) || (column.kind === 'mark' && texts.every((row) => row[index] === ''))
      ? []
      : [{ column, index }],
  );
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(' | ')} |`;
  const table =
    result.rows.length === 0
      ? ['No rows.']
      : isGrid(result)
        ? ['```text', heatmapText(result, metric, PLAIN).trimEnd(), '```']
        : [
            line(kept.map(({ column }) => column.title)),
            line(kept.map(({ column }) => (isNumeric(column) ? '---:' : '---'))),
            ...texts.map((row) => line(kept.map(({ index }) => row[index] ?? ''))),
          ];
  const notes = noteLines(result).map((text) => `- ${markdownCell(text.replace(/^(\w+) +/, '$1: '))}`);
  const told = description === '' ? [] : [description, ''];
  return [`## ${markdownCell(headingOf(result))}`, '', ...told, ...table, '', ...notes, ''].join('\n');
}

/** On one line, and no code of the table's own or of HTML. */
const markdownCell = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .replace(/[\\|<]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`));

export const writeReportCsv = (
  stdout: Writable,
  { columns, rows }: ReportResult,
  style: CsvStyle,
): Promise<boolean> =>
  writeCsv(
    stdout,
    columns.map(({ name }) => name),
    rows,
    style,
  );

/** Field names of JSON are those of SQL. */
export function reportJson(result: ReportResult): object {
  const { report, period, completeness: whole, columns } = result;
  return {
    report: report.name,
    title: result.by.length === 0 ? report.title : report.groupedTitle,
    description: report.description,
    period: {
      since: period.since,
      until: period.until,
      whole_days: period.wholeDays,
      open_days: period.openDays,
      is_default: period.isDefault,
    },
    by: result.by[0] ?? null,
    by_2: result.by[1] ?? null,
    where: result.where.map(conditionText),
    top: result.top,
    source: result.source,
    ...(result.whatIf === null
      ? {}
      : {
          what_if: {
            model: result.whatIf.model,
            tier: result.whatIf.tier,
            cached_share: result.whatIf.cachedShare,
          },
        }),
    completeness: {
      as_of: whole.asOf,
      settled_until: whole.settledUntil,
      covered_share: whole.coveredShare,
      days_with_gaps: whole.daysWithGaps,
      rows_missing_estimate: whole.rowsMissingEstimate,
      completions: whole.completions,
      completions_without_usage: whole.completionsWithoutUsage,
      total_tokens: whole.totalTokens,
      priced_token_share: whole.pricedTokenShare,
      unpriced_token_share: whole.pricedTokenShare === null ? null : 1 - whole.pricedTokenShare,
      list_cost_usd: whole.listCostUsd === null ? null : Number(whole.listCostUsd),
      assumed_cost_usd: Number(whole.assumedCostUsd),
    },
    ...(result.lookedAt === null
      ? {}
      : {
          looked_at: {
            completions: result.lookedAt.completions,
            of_completions: result.lookedAt.ofCompletions,
          },
        }),
    columns: columns.map(({ name, kind }) => ({ name, kind })),
    rows: result.rows.map((row) => jsonRow(row, columns)),
    rows_more: result.rowsMore,
  };
}

/** US dollars as numbers, which scripts reckon with; exact to the last digit they are in CSV. */
const jsonRow = (row: Row, columns: ReportResult['columns']): Row =>
  Object.fromEntries(
    columns.map(({ name, kind }) => {
      const value = row[name] ?? null;
      return [name, kind === 'usd' && value !== null ? Number(value) : value];
    }),
  );
