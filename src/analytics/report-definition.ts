/** What a report is: what it is called, takes and shows. Pure. */
import { statement } from '../warehouse/engine/statements.ts';
import { type ColumnKind, columnOf, type ReportColumn } from './report-columns.ts';
import { parametersOf, readsAllDays } from './report-relations.ts';
import { descriptionOf } from './report-sql.ts';

export type ReportPeriod = 'days' | 'week' | 'month';

/** Days whose usage is read: those asked for, as many before them as well, or all that is held. */
export type ReportReach = 'period' | 'before' | 'all';

export interface Report {
  readonly name: string;
  /** For a heading. */
  readonly title: string;
  /** The same where it is grouped by what was asked for. */
  readonly groupedTitle: string;
  /** From the comment its SQL begins with. */
  readonly description: string;
  readonly sql: string;
  /** Where the SQL is, for errors; null: in this program. */
  readonly file: string | null;
  /** Names of the parameters it takes, without the `$`. */
  readonly parameters: readonly ReportParameter[];
  /** What it groups by when nothing is asked for, which may be nothing. */
  readonly by: readonly string[];
  /** How much of `--by` it has room for; 0: it does not group by choice. */
  readonly groupsMax: number;
  /** Columns of the groups when nothing is asked for; null: they are called as those that are. */
  readonly byColumns: Readonly<Record<string, ColumnKind>> | null;
  /** Groups that it has a column for as it is. */
  readonly byOwn: readonly string[];
  /** Whether it may be grouped by hour, day, week or month. */
  readonly takesTime: boolean;
  /** Whether it can tell of what `--where` chooses alone. */
  readonly takesWhere: boolean;
  /** Rows (or groups) at the most when nothing is asked for; null: all. */
  readonly top: number | null;
  /** `week`: the last whole week when nothing is asked for; `month`: about the open month, whatever the days asked for. */
  readonly period: ReportPeriod;
  readonly reach: ReportReach;
  /** A report that is shown with it, for the same question; null: none. */
  readonly beside: string | null;
  /** Whether it can only tell of calls whose messages are held with their text. */
  readonly isOfMessages: boolean;
  /** In their order; null: known when it has run. */
  readonly columns: readonly ReportColumn[] | null;
  /** The column a bar shows; null: none. */
  readonly bar: string | null;
  /** Columns that are left out first where there is no room for all. */
  readonly minor: readonly string[];
}

export const REPORT_PARAMETERS = [
  'since',
  'until',
  'source',
  'by',
  'top',
  'compare',
  'key',
  'budget',
  'model',
  'tier',
  'cached_share',
] as const;
export type ReportParameter = (typeof REPORT_PARAMETERS)[number];

/** Parameters of a text that reports know of. */
export const knownParameters = (names: readonly string[]): readonly ReportParameter[] =>
  REPORT_PARAMETERS.filter((known) => names.includes(known));

export const TOP_DEFAULT = 20;

interface Made {
  readonly title: string;
  readonly groupedTitle?: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  readonly bar?: string;
  readonly minor?: readonly string[];
  readonly by?: readonly string[];
  readonly groupsMax?: number;
  readonly byColumns?: Readonly<Record<string, ColumnKind>>;
  readonly byOwn?: readonly string[];
  readonly takesTime?: boolean;
  readonly takesWhere?: boolean;
  readonly top?: number | null;
  readonly beside?: string;
  readonly reach?: ReportReach;
  readonly isOfMessages?: boolean;
  readonly period?: ReportPeriod;
}

/** One that comes with the program: its SQL is in sql/reports, a file each. */
export function made(name: string, fields: Made): Report {
  const sql = statement(`reports/${name.replaceAll('-', '_')}`);
  const groupsMax = fields.groupsMax ?? 0;
  const names = [
    ...parametersOf(sql),
    ...(groupsMax === 0 ? [] : ['by']),
    // For the other one.
    ...(fields.beside === undefined ? [] : ['top']),
  ];
  return {
    name,
    title: fields.title,
    groupedTitle: fields.groupedTitle ?? fields.title,
    description: descriptionOf(sql),
    sql,
    file: null,
    parameters: knownParameters(names),
    by: fields.by ?? [],
    groupsMax,
    byColumns: fields.byColumns ?? null,
    byOwn: fields.byOwn ?? [],
    takesTime: fields.takesTime ?? true,
    takesWhere: fields.takesWhere ?? true,
    top: fields.top === undefined ? TOP_DEFAULT : fields.top,
    period: fields.period ?? 'days',
    reach: fields.reach ?? (readsAllDays(sql) ? 'all' : 'period'),
    beside: fields.beside ?? null,
    isOfMessages: fields.isOfMessages ?? false,
    columns: Object.entries(fields.columns).map(([column, kind]) => columnOf(column, kind)),
    bar: fields.bar ?? null,
    minor: fields.minor ?? [],
  };
}

/** What reports of single calls show of each. */
export const CALL_COLUMNS = {
  grp: 'group',
  completion_id: 'text',
  created_at: 'time',
  source: 'text',
  model: 'text',
  service_tier: 'text',
  input_tokens: 'tokens',
  output_tokens: 'tokens',
  total_tokens: 'tokens',
  list_cost_usd: 'usd',
  priced_token_share: 'ratio',
  finish_reason: 'text',
  tags: 'tags',
} as const satisfies Readonly<Record<string, ColumnKind>>;
