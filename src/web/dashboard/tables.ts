/** The numbers of the page as tables: the page shows them, `/csv` and `/dashboard.json` hand the same ones out. Pure. */
import type { DashboardData, Group, GroupUsage } from './data.ts';
import { GROUPS } from './filters.ts';
import { labelOf } from './palette.ts';
import { WEEKDAYS } from './period.ts';
import { cacheHitRate, dollars, pricedShare, reasoningShare, type Sums, shareOf } from './sums.ts';
import { sharesOf } from './sums-over-time.ts';

/** How a cell is written: exact in CSV and JSON, for people on the page. */
export type ColumnKind = 'text' | 'day' | 'time' | 'count' | 'usd' | 'share' | 'change' | 'tags';

export interface Column {
  /** In CSV and JSON. */
  readonly name: string;
  /** On the page. */
  readonly title: string;
  readonly kind: ColumnKind;
}

export type Tags = readonly (readonly [key: string, value: string | null])[];
export type Cell = string | number | bigint | boolean | null | Tags;

export interface Table {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Of rows that are of a group. */
  readonly groups?: readonly Group[];
}

export const TABLE_NAMES = [
  'usage_over_time',
  'usage_before',
  'usage_by_group',
  'usage_by_tag',
  'shares_over_time',
  'usage_by_hour',
  'finish_reasons',
  'truncation',
  'top_completions',
  'coverage',
] as const;
export type TableName = (typeof TABLE_NAMES)[number];

export const isTableName = (name: string): name is TableName =>
  (TABLE_NAMES as readonly string[]).includes(name);

export const column =
  (kind: ColumnKind) =>
  (name: string, title: string): Column => ({ name, title, kind });
const text = column('text');
const day = column('day');
const count = column('count');
const usd = column('usd');
const share = column('share');
const change = column('change');

/** What the groups of the charts are: `Model`, or a metadata key. */
export const groupTitle = ({ filters, key }: Pick<DashboardData, 'filters' | 'key'>): string =>
  filters.by === 'metadata' ? (key ?? GROUPS.model) : GROUPS[filters.by];

export function tableOf(name: TableName, data: DashboardData): Table {
  switch (name) {
    case 'usage_over_time':
      return usageOverTime(data);
    case 'usage_before':
      return usageBefore(data);
    case 'usage_by_group':
      return usageByGroup(name, groupTitle(data), data.byGroup, data.totals.shown);
    case 'usage_by_tag':
      return usageByGroup(name, data.key ?? GROUPS.metadata, data.byTag, data.totals.shown);
    case 'shares_over_time':
      return sharesOverTime(data);
    case 'usage_by_hour':
      return usageByHour(data);
    case 'finish_reasons':
      return finishReasons(data);
    case 'truncation':
      return truncation(data);
    case 'top_completions':
      return topCompletions(data);
    case 'coverage':
      return coverage(data);
  }
}

const GRAIN_TITLES = { day: 'Day', week: 'Week from', month: 'Month from' } as const;

function usageOverTime(data: DashboardData): Table {
  return {
    name: 'usage_over_time',
    title: 'Tokens and list cost over time',
    columns: [
      day('starts_on', GRAIN_TITLES[data.period.grain]),
      text('name', groupTitle(data)),
      text('kind', 'Kind'),
      ...USAGE_COLUMNS,
    ],
    rows: data.overTime.map(({ startsOn, group, sums }) => [
      startsOn,
      ...groupCells(group),
      ...usageCells(sums),
    ]),
    groups: data.overTime.map(({ group }) => group),
  };
}

/** Of the days before: all groups together, and nothing where it is not compared. */
function usageBefore({ period, overTimeBefore }: DashboardData): Table {
  return {
    name: 'usage_before',
    title: 'Tokens and list cost of the days before, beside the days they are held against',
    columns: [
      day('starts_on', GRAIN_TITLES[period.grain]),
      count('before_completions', 'Requests before'),
      count('before_total_tokens', 'Tokens before'),
      usd('before_list_cost_usd', 'List cost before'),
    ],
    rows: overTimeBefore.map((one) => [one.startsOn, one.completions, one.totalTokens, one.listCostUsd]),
  };
}

const USAGE_COLUMNS: readonly Column[] = [
  count('completions', 'Requests'),
  count('input_tokens', 'Input tokens'),
  count('output_tokens', 'Output tokens'),
  count('total_tokens', 'Tokens'),
  usd('list_cost_usd', 'List cost'),
  share('priced_share', 'Priced share'),
];

const usageCells = (sums: Sums): readonly Cell[] => [
  sums.completions,
  sums.inputTokens,
  sums.outputTokens,
  sums.totalTokens,
  sums.listCostUsd,
  pricedShare(sums),
];

/** The name itself, and what kind of row it is, as a group may be named as another kind is written. The page has the label instead. */
const groupCells = (group: Group): readonly Cell[] => [
  group.kind === 'named' ? group.name : labelOf(group),
  group.kind === 'other' ? `other, of ${group.groups}` : group.kind,
];

function usageByGroup(name: TableName, title: string, usage: readonly GroupUsage[], whole: Sums): Table {
  const isCompared = usage.some(({ compared }) => compared !== null);
  return {
    name,
    title: `Usage by ${title}`,
    columns: [
      text('name', title),
      text('kind', 'Kind'),
      ...USAGE_COLUMNS,
      share('share_of_list_cost', 'Share of list cost'),
      share('share_of_tokens', 'Share of tokens'),
      share('cache_hit_rate', 'Cache hit rate'),
      share('reasoning_share', 'Reasoning share'),
      ...(isCompared ? COMPARED_COLUMNS : []),
    ],
    rows: usage.map(({ group, sums, compared }) => [
      ...groupCells(group),
      ...usageCells(sums),
      costShare(sums, whole),
      shareOf(sums.totalTokens, whole.totalTokens),
      cacheHitRate(sums),
      reasoningShare(sums),
      ...(compared === null ? [] : comparedCells(compared)),
    ]),
    groups: usage.map(({ group }) => group),
  };
}

const COMPARED_COLUMNS: readonly Column[] = [
  count('before_completions', 'Requests before'),
  count('before_total_tokens', 'Tokens before'),
  usd('before_list_cost_usd', 'List cost before'),
  change('requests_change', 'Requests, change'),
  change('tokens_change', 'Tokens, change'),
  change('list_cost_change', 'List cost, change'),
];

/** The whole days shown against as many before them; null: there was nothing before. */
function comparedCells({ whole, before }: NonNullable<GroupUsage['compared']>): readonly Cell[] {
  const changed = (now: number | null, then: number | null): number | null =>
    now === null || then === null || then === 0 ? null : now / then - 1;
  // What was not called any more costs nothing, whether or not it has a price.
  const costNow = whole.completions === 0n ? 0 : dollars(whole.listCostUsd);
  return [
    before.completions,
    before.totalTokens,
    before.listCostUsd,
    changed(Number(whole.completions), Number(before.completions)),
    changed(Number(whole.totalTokens ?? 0n), Number(before.totalTokens ?? 0n)),
    changed(costNow, dollars(before.listCostUsd)),
  ];
}

/** null: one of both has no price. */
function costShare(part: Sums, whole: Sums): number | null {
  if (part.listCostUsd === null || whole.listCostUsd === null) return null;
  const all = Number(whole.listCostUsd);
  return all === 0 ? null : Number(part.listCostUsd) / all;
}

function sharesOverTime(data: DashboardData): Table {
  return {
    name: 'shares_over_time',
    title: 'Cache hit rate and reasoning share over time',
    columns: [
      day('starts_on', GRAIN_TITLES[data.period.grain]),
      share('cache_hit_rate', 'Cache hit rate'),
      share('reasoning_share', 'Reasoning share'),
    ],
    rows: sharesOf(data).map((one) => [one.startsOn, one.cacheHitRate, one.reasoningShare]),
  };
}

function usageByHour({ byHour, heatDays }: DashboardData): Table {
  return {
    name: 'usage_by_hour',
    title: 'Usage by weekday and hour of the day (UTC)',
    columns: [
      text('weekday', 'Weekday'),
      count('hour', 'Hour (UTC)'),
      count('days', 'Days'),
      count('completions', 'Requests'),
      count('total_tokens', 'Tokens'),
      usd('list_cost_usd', 'List cost'),
    ],
    rows: byHour.map(({ weekday, hour, completions, totalTokens, listCostUsd }) => [
      WEEKDAYS[weekday - 1] ?? '',
      hour,
      heatDays.weekdays[weekday - 1] ?? 0,
      completions,
      totalTokens,
      listCostUsd,
    ]),
  };
}

function finishReasons({ finishReasons: reasons }: DashboardData): Table {
  const all = reasons.reduce((sum, { choices }) => sum + choices, 0n);
  return {
    name: 'finish_reasons',
    title: 'Finish reasons',
    columns: [
      text('finish_reason', 'Finish reason'),
      count('choices', 'Answers'),
      share('share', 'Share'),
      count('refused_choices', 'Refusals'),
    ],
    rows: reasons.map(({ reason, choices, refused }) => [reason, choices, shareOf(choices, all), refused]),
  };
}

function truncation(data: DashboardData): Table {
  return {
    name: 'truncation',
    title: 'Truncated, filtered and refused, by model',
    columns: [
      text('model', 'Model'),
      count('completions', 'Requests'),
      count('truncated_completions', 'Truncated'),
      share('truncated_share', 'Truncated share'),
      count('content_filtered_completions', 'Filtered'),
      count('refused_completions', 'Refused'),
    ],
    rows: data.truncation.map((one) => [
      one.model,
      one.completions,
      one.truncated,
      shareOf(one.truncated, one.completions),
      one.contentFiltered,
      one.refused,
    ]),
  };
}

function topCompletions(data: DashboardData): Table {
  return {
    name: 'top_completions',
    title: 'Top completions by list cost',
    columns: [
      text('completion_id', 'Completion'),
      column('time')('created_at', 'Created'),
      text('source', 'Source'),
      text('model', 'Model'),
      text('service_tier', 'Tier'),
      column('tags')('tags', 'Metadata'),
      count('input_tokens', 'Input tokens'),
      count('output_tokens', 'Output tokens'),
      usd('list_cost_usd', 'List cost'),
      share('priced_share', 'Priced'),
      text('finish_reason', 'Finish reason'),
    ],
    rows: data.topCompletions.map((one) => [
      one.id,
      one.createdAt,
      one.source,
      one.model,
      one.serviceTier,
      one.tags,
      one.inputTokens,
      one.outputTokens,
      one.listCostUsd,
      one.pricedTokenShare,
      one.finishReason,
    ]),
  };
}

function coverage(data: DashboardData): Table {
  return {
    name: 'coverage',
    title: 'How much of each day is known to be read',
    columns: [
      day('created_date', 'Day'),
      text('source', 'Source'),
      share('covered_share', 'Read'),
      count('covered_seconds', 'Seconds read'),
      count('open_gaps', 'Open gaps'),
      count('rows_missing_estimate', 'Missing, estimated'),
      text('state', 'State'),
    ],
    rows: data.coverage.map((one) => [
      one.date,
      one.source,
      one.coveredShare,
      one.coveredSeconds,
      one.openGaps,
      one.rowsMissingEstimate,
      one.isComplete ? 'whole' : one.isOpen ? 'open' : one.openGaps > 0 ? 'gap' : 'in part',
    ]),
  };
}
