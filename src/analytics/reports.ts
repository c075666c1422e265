/** The reports this program brings: what each is called, takes and shows. Their SQL is in sql/reports, a file each. Pure. */
import { statement } from '../warehouse/engine/statements.ts';
import { type ColumnKind, columnOf, type ReportColumn } from './report-columns.ts';
import { parametersOf, readsAllDays } from './report-relations.ts';
import { descriptionOf } from './report-sql.ts';

export type ReportPeriod = 'days' | 'month';

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
  /** `month`: about the open month, whatever the days asked for. */
  readonly period: ReportPeriod;
  readonly reach: ReportReach;
  /** In their order; null: known when it has run. */
  readonly columns: readonly ReportColumn[] | null;
  /** The column a bar shows; null: none. */
  readonly bar: string | null;
  /** Columns that are left out first where there is no room for all. */
  readonly minor: readonly string[];
}

export const REPORT_PARAMETERS = ['since', 'until', 'source', 'by', 'top', 'key', 'budget'] as const;
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
  readonly reach?: ReportReach;
  readonly period?: ReportPeriod;
}

function made(name: string, fields: Made): Report {
  const sql = statement(`reports/${name.replaceAll('-', '_')}`);
  const groupsMax = fields.groupsMax ?? 0;
  const names = [...parametersOf(sql), ...(groupsMax === 0 ? [] : ['by'])];
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
    columns: Object.entries(fields.columns).map(([column, kind]) => columnOf(column, kind)),
    bar: fields.bar ?? null,
    minor: fields.minor ?? [],
  };
}

/** In the order of `report --list`. */
export const REPORTS: readonly Report[] = [
  made('summary', {
    title: 'At a glance, over whole days',
    groupsMax: 2,
    takesTime: false,
    reach: 'before',
    columns: {
      grp: 'group',
      metric: 'text',
      value: 'measure',
      value_before: 'measure',
      change: 'measure',
      relative_change: 'ratio',
    },
    minor: ['change', 'relative_change', 'value_before'],
  }),
  made('usage', {
    title: 'Usage by day and model',
    groupedTitle: 'Usage',
    by: ['day', 'model'],
    groupsMax: 2,
    byColumns: { created_date: 'date', model: 'text' },
    top: null,
    columns: {
      grp: 'group',
      completions: 'count',
      input_tokens: 'tokens',
      input_cached_tokens: 'tokens',
      output_tokens: 'tokens',
      output_reasoning_tokens: 'tokens',
      total_tokens: 'tokens',
      list_cost_usd: 'usd',
      priced_token_share: 'ratio',
      cache_hit_ratio: 'ratio',
      reasoning_share: 'ratio',
      state: 'mark',
    },
    bar: 'total_tokens',
    minor: [
      'output_reasoning_tokens',
      'input_cached_tokens',
      'reasoning_share',
      'cache_hit_ratio',
      'input_tokens',
      'output_tokens',
      'completions',
    ],
  }),
  made('cost', {
    title: 'List cost',
    by: ['day'],
    groupsMax: 2,
    columns: {
      grp: 'group',
      completions: 'count',
      input_tokens: 'tokens',
      output_tokens: 'tokens',
      total_tokens: 'tokens',
      token_share: 'ratio',
      list_cost_usd: 'usd',
      cost_share: 'ratio',
      priced_token_share: 'ratio',
      state: 'mark',
    },
    bar: 'list_cost_usd',
    minor: ['token_share', 'input_tokens', 'output_tokens', 'completions'],
  }),
  made('cache', {
    title: 'Input read from the cache',
    by: ['model'],
    groupsMax: 2,
    columns: {
      grp: 'group',
      completions: 'count',
      input_tokens: 'tokens',
      input_cached_tokens: 'tokens',
      cache_hit_ratio: 'ratio',
      told_share: 'ratio',
      state: 'mark',
    },
    bar: 'cache_hit_ratio',
    minor: ['told_share', 'completions'],
  }),
  made('reasoning', {
    title: 'Output spent on reasoning',
    by: ['model'],
    groupsMax: 2,
    columns: {
      grp: 'group',
      completions: 'count',
      output_tokens: 'tokens',
      output_reasoning_tokens: 'tokens',
      reasoning_share: 'ratio',
      told_share: 'ratio',
      state: 'mark',
    },
    bar: 'reasoning_share',
    minor: ['told_share', 'completions'],
  }),
  made('tiers', {
    title: 'Service tiers, and what they saved or added',
    groupedTitle: 'Service tiers',
    groupsMax: 2,
    byOwn: ['service_tier'],
    columns: {
      grp: 'group',
      service_tier: 'text',
      completions: 'count',
      total_tokens: 'tokens',
      token_share: 'ratio',
      list_cost_usd: 'usd',
      standard_cost_usd: 'usd',
      saved_usd: 'usd',
      added_usd: 'usd',
      priced_token_share: 'ratio',
    },
    bar: 'total_tokens',
    minor: ['completions', 'token_share'],
  }),
  made('top-spenders', {
    title: 'Top spenders',
    by: ['metadata'],
    groupsMax: 2,
    takesTime: false,
    top: 10,
    columns: {
      place: 'count',
      grp: 'group',
      completions: 'count',
      total_tokens: 'tokens',
      list_cost_usd: 'usd',
      cost_share: 'ratio',
      cumulative_cost_share: 'ratio',
      list_cost_per_completion_usd: 'usd',
      priced_token_share: 'ratio',
    },
    bar: 'list_cost_usd',
    minor: ['cumulative_cost_share', 'list_cost_per_completion_usd', 'completions'],
  }),
  made('top-completions', {
    title: 'Most expensive completions',
    groupsMax: 2,
    top: 10,
    columns: {
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
    },
    minor: [
      'source',
      'service_tier',
      'finish_reason',
      'input_tokens',
      'output_tokens',
      'created_at',
      'priced_token_share',
      'tags',
    ],
  }),
  made('growth', {
    title: 'What grows and what shrinks',
    by: ['model'],
    groupsMax: 2,
    takesTime: false,
    columns: {
      grp: 'group',
      list_cost_before_usd: 'usd',
      list_cost_usd: 'usd',
      cost_change_usd: 'usd',
      total_tokens_before: 'tokens',
      total_tokens: 'tokens',
      tokens_change: 'tokens',
      tokens_growth: 'ratio',
      trend: 'text',
      earlier_since: 'bound',
      earlier_until: 'bound',
      later_since: 'bound',
      later_until: 'bound',
    },
    minor: ['tokens_change', 'total_tokens_before', 'list_cost_before_usd'],
  }),
  made('finish-reasons', {
    title: 'Why answers ended',
    by: ['model'],
    groupsMax: 2,
    byColumns: { model: 'text' },
    byOwn: ['finish_reason'],
    columns: {
      grp: 'group',
      finish_reason: 'text',
      choices: 'count',
      choice_share: 'ratio',
      warning: 'mark',
    },
    bar: 'choice_share',
  }),
  made('refusals', {
    title: 'Answers cut off, filtered or refused',
    by: ['model'],
    groupsMax: 2,
    byColumns: { model: 'text' },
    columns: {
      grp: 'group',
      choices: 'count',
      truncated_choices: 'count',
      truncation_rate: 'ratio',
      content_filtered_choices: 'count',
      content_filter_rate: 'ratio',
      refused_choices: 'count',
      refusal_rate: 'ratio',
      warning: 'mark',
    },
    minor: ['refused_choices', 'content_filtered_choices', 'truncated_choices'],
  }),
  made('tools', {
    title: 'Tool calls',
    groupsMax: 2,
    columns: {
      grp: 'group',
      tool_name: 'text',
      tool_type: 'text',
      calls: 'count',
      call_share: 'ratio',
      completions: 'count',
      completion_share: 'ratio',
      models: 'count',
    },
    bar: 'calls',
    minor: ['models', 'tool_type'],
  }),
  made('percentiles', {
    title: 'Tokens a call',
    by: ['model'],
    groupsMax: 2,
    byColumns: { model: 'text' },
    columns: {
      grp: 'group',
      completions: 'count',
      input_tokens_p50: 'number',
      input_tokens_p95: 'number',
      input_tokens_p99: 'number',
      input_tokens_max: 'tokens',
      output_tokens_p50: 'number',
      output_tokens_p95: 'number',
      output_tokens_p99: 'number',
      output_tokens_max: 'tokens',
    },
    minor: ['input_tokens_max', 'output_tokens_max', 'completions'],
  }),
  made('week-over-week', {
    title: 'Week over week',
    groupsMax: 1,
    takesTime: false,
    columns: {
      week_from: 'date',
      grp: 'group',
      completions: 'count',
      completions_before: 'count',
      total_tokens: 'tokens',
      tokens_delta: 'tokens',
      tokens_volume_effect: 'tokens',
      tokens_mix_effect: 'tokens',
      tokens_per_call_effect: 'tokens',
      list_cost_usd: 'usd',
      cost_delta_usd: 'usd',
      cost_volume_effect_usd: 'usd',
      cost_mix_effect_usd: 'usd',
      cost_per_call_effect_usd: 'usd',
      cost_composition_effect_usd: 'usd',
      cost_rate_effect_usd: 'usd',
      priced_token_share: 'ratio',
    },
    minor: [
      'completions_before',
      'tokens_mix_effect',
      'tokens_per_call_effect',
      'tokens_volume_effect',
      'completions',
      'tokens_delta',
    ],
  }),
  made('anomalies', {
    title: 'Days out of line',
    by: ['model'],
    groupsMax: 1,
    byColumns: { model: 'text' },
    takesTime: false,
    top: 50,
    columns: {
      created_date: 'date',
      grp: 'group',
      metric: 'text',
      value: 'measure',
      baseline_median: 'measure',
      difference: 'measure',
      robust_z: 'number',
      metrics: 'text',
      also: 'text',
      baseline_days: 'count',
    },
    minor: ['baseline_days', 'difference', 'also', 'metrics'],
  }),
  made('forecast', {
    title: 'Where the month will end',
    by: ['source'],
    groupsMax: 1,
    byColumns: { source: 'text' },
    takesTime: false,
    period: 'month',
    columns: {
      grp: 'group',
      month_from: 'date',
      complete_days: 'count',
      remaining_days: 'count',
      list_cost_usd: 'usd',
      open_day_list_cost_usd: 'usd',
      forecast_list_cost_usd: 'usd',
      run_rate_list_cost_usd: 'usd',
      total_tokens: 'tokens',
      forecast_total_tokens: 'tokens',
      priced_token_share: 'ratio',
      baseline_days: 'count',
      state: 'mark',
    },
    bar: 'forecast_list_cost_usd',
    minor: ['baseline_days', 'total_tokens', 'forecast_total_tokens', 'month_from', 'complete_days'],
  }),
  made('budget', {
    title: 'Budget of the month',
    groupsMax: 1,
    takesTime: false,
    takesWhere: false,
    period: 'month',
    columns: {
      grp: 'group',
      month_from: 'date',
      budget_usd: 'usd',
      list_cost_usd: 'usd',
      budget_used_share: 'ratio',
      month_passed_share: 'ratio',
      forecast_list_cost_usd: 'usd',
      forecast_share: 'ratio',
      verdict: 'text',
      state: 'mark',
    },
    bar: 'budget_used_share',
  }),
  made('unpriced', {
    title: 'Usage without a price',
    groupsMax: 2,
    byOwn: ['model', 'service_tier'],
    columns: {
      grp: 'group',
      model: 'text',
      service_tier: 'text',
      token_type: 'text',
      reason: 'text',
      completions: 'count',
      tokens: 'tokens',
      token_share: 'ratio',
      first_date: 'date',
      last_date: 'date',
    },
    bar: 'tokens',
    minor: ['first_date', 'last_date', 'completions'],
  }),
  made('tagging', {
    title: 'Metadata keys and how far they reach',
    groupsMax: 2,
    columns: {
      grp: 'group',
      key: 'text',
      distinct_values: 'count',
      completions: 'count',
      completion_share: 'ratio',
      total_tokens: 'tokens',
      token_share: 'ratio',
      list_cost_usd: 'usd',
      cost_share: 'ratio',
    },
    bar: 'token_share',
    minor: ['total_tokens', 'completions'],
  }),
  made('health', {
    title: 'Freshness and completeness of the sources',
    takesWhere: false,
    columns: {
      source: 'text',
      last_run_at: 'time',
      last_run_status: 'text',
      last_landed_at: 'time',
      completions: 'count',
      newest_created_at: 'time',
      covered_from: 'time',
      covered_until: 'time',
      covered_share: 'ratio',
      hole_seconds: 'count',
      open_gaps: 'count',
      rows_missing_estimate: 'number',
      rejected_items: 'count',
    },
    minor: ['hole_seconds', 'newest_created_at', 'last_landed_at', 'rejected_items', 'covered_from'],
  }),
];

/** `top_spenders` and `top-spenders` are one name. */
export const reportKey = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** One that comes with the program. @throws {Error} for a name there is not: a slip in our own code. */
export function builtIn(name: string): Report {
  const found = REPORTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no report ${name}`);
  return found;
}
