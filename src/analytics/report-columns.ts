/** What the columns of a report hold, for headings, formats and bars. Pure. */

/**
 * - `date` a UTC day, `time` an ISO time in UTC; `text`; `tags` an object of metadata;
 * - `tokens` and `count` whole numbers, `number` any other, `usd` US dollars of list cost, `ratio` a share, 1 being the whole,
 *   `points` the difference of two, 0.01 being a percentage point;
 * - `measure` whatever the row's `metric` says, `amount` the same to as many decimals as it needs;
 *   `mark` a word about the row, most often none;
 * - `group` what `--by` names, which stands for as many columns as it names; `kind` whether a group is one of a value, of what lacks
 *   one or of the others; `bound` a UTC day, or an ISO time, that the row's figures begin on or end before. People are told the last two in words.
 */
export type ColumnKind =
  | 'date'
  | 'time'
  | 'text'
  | 'tags'
  | 'tokens'
  | 'count'
  | 'number'
  | 'usd'
  | 'ratio'
  | 'points'
  | 'measure'
  | 'amount'
  | 'mark'
  | 'group'
  | 'kind'
  | 'bound';

export interface ReportColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Heading for people. */
  readonly title: string;
  /** A change: shown with its sign. */
  readonly isSigned: boolean;
}

const TITLES: Readonly<Record<string, string>> = {
  created_date: 'day',
  created_at: 'created',
  group_name: 'group',
  state: '',
  warning: '',
  place: '#',
  total_tokens: 'tokens',
  input_tokens: 'input',
  input_cached_tokens: 'cached',
  output_tokens: 'output',
  output_reasoning_tokens: 'reasoning tokens',
  priced_token_share: 'priced',
  cache_hit_ratio: 'cache hit',
  completion_id: 'completion',
  service_tier: 'tier',
  list_cost_per_completion_usd: 'list cost a completion',
  list_cost_before_usd: 'list cost before',
  cost_change_usd: 'change',
  tokens_change: 'tokens change',
  volume_effect_usd: 'volume',
  mix_effect_usd: 'mix',
  tokens_per_call_effect_usd: 'tokens a call',
  distinct_values: 'values',
  cumulative_cost_usd: 'so far',
  budget_to_date_usd: 'budget by then',
  budget_difference_usd: 'above it',
  all_values: 'all of them',
  top_ten_share: 'top ten',
  without_value: 'without one',
  without_value_share: 'without %',
  compared_token_share: 'compared',
  compared_cost_usd: 'cost compared',
  what_if_cost_usd: 'what-if cost',
  cost_difference_usd: 'difference',
  relative_difference: 'difference %',
  budget_used_share: 'budget used',
  month_passed_share: 'month passed',
  price_effect_usd: 'price',
  main_driver: 'most of it',
  priced_token_share_before: 'priced before',
  standard_cost_usd: 'at default tier',
  open_day_list_cost_usd: 'open day',
  forecast_list_cost_usd: 'forecast list cost',
  run_rate_list_cost_usd: 'at run rate',
  value_before: 'before',
  relative_change: 'change %',
  list_cost_per_mtok_usd: 'list cost a million tokens',
  tokens_per_completion: 'tokens a completion',
  robust_z: 'z',
  baseline_median: 'usual',
  metrics: 'out of line',
  choice_share_change: 'change',
  repeated_list_cost_usd: 'list cost of repeats',
  repeated_tokens: 'tokens of repeats',
  system_fingerprint: 'fingerprint',
  use: '',
  seen: '',
  week_from: 'week of',
  month_from: 'month of',
  list_cost_p50_usd: 'cost p50',
  list_cost_p95_usd: 'cost p95',
  list_cost_p99_usd: 'cost p99',
  list_cost_max_usd: 'cost max',
  input_tokens_p50: 'input p50',
  input_tokens_p95: 'input p95',
  input_tokens_p99: 'input p99',
  input_tokens_max: 'input max',
  output_tokens_p50: 'output p50',
  output_tokens_p95: 'output p95',
  output_tokens_p99: 'output p99',
  output_tokens_max: 'output max',
  priced_completion_share: 'calls priced',
};

const SIGNED = /(?:^|_)(?:change|delta|effect|growth|difference|z)(?:_usd)?$/;

export const titleOf = (name: string): string =>
  TITLES[name] ?? name.replace(/_usd$/, '').replaceAll('_', ' ');

export const columnOf = (name: string, kind: ColumnKind): ReportColumn => ({
  name,
  kind,
  title: titleOf(name),
  isSigned: SIGNED.test(name),
});

/**
 * What a column holds, told from its name and its type in DuckDB: for reports that say no more of themselves.
 */
export function kindOf(name: string, type: string): ColumnKind {
  if (type === 'DATE') return 'date';
  if (type.startsWith('MAP')) return 'tags';
  if (!/^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL\b.*)$/.test(type)) return 'text';
  if (/_usd(?:_|$)|^usd$/.test(name)) return 'usd';
  if (/(?:^|_)(?:ratio|share|rate|growth|relative_change)$/.test(name)) return 'ratio';
  if (/(?:^|_)tokens(?:_|$)/.test(name)) return 'tokens';
  return /INT/.test(type) ? 'count' : 'number';
}

/** A column of the tables for people. */
export const isForPeople = ({ kind }: ReportColumn): boolean => kind !== 'kind' && kind !== 'bound';

export const isNumeric = ({ kind }: ReportColumn): boolean =>
  ['tokens', 'count', 'number', 'usd', 'ratio', 'points', 'measure', 'amount'].includes(kind);
