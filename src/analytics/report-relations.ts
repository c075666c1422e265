/**
 * The relations that the SQL of reports reads (`usage_by`, `choices_by`, …): each is a part of sql/reports/parts of the period,
 * chosen by `--where` and grouped by `--by`. A rollup is read where it knows every field that is asked for, else the completions
 * one by one; both give the same rows. Pure.
 */
import { statement } from '../warehouse/engine/statements.ts';
import type { Budget } from './budget-file.ts';
import { budgetList, budgetsOfRow } from './report-budgets.ts';
import { absentText, type Field, fieldText, TIME_FIELDS } from './report-fields.ts';
import { priceRelations, viewBody } from './report-prices.ts';
import { parametersIn } from './report-sql.ts';
import { type Choice, conditionSql } from './report-where.ts';

export interface Asked {
  /** At most two, one time among them at most. */
  readonly groups: readonly Field[];
  readonly where: readonly Choice[];
  /** What a completion may count for, several of them too, in place of groups; absent: nothing is told of by budget. */
  readonly budgets?: readonly Budget[] | null;
}

export interface BoundSql {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string | number | null>>;
}

interface Source {
  /** File of sql/reports/parts that it is read by. */
  readonly part: string;
  /** Fields it knows; null: all of them. */
  readonly fields: readonly string[] | null;
  /** It knows one metadata key as well. */
  readonly isTagged?: boolean;
  /** File of sql/reports/parts that sums it up by group; null: its rows are read as they are. */
  readonly sums: string | null;
}

interface Relation {
  /** The cheapest first; the last knows every field. */
  readonly sources: readonly Source[];
  /** It has the column `grp`. */
  readonly isGrouped: boolean;
}

const DAYS = TIME_FIELDS.filter((name) => name !== 'hour');

const grouped = (...sources: readonly Source[]): Relation => ({ sources, isGrouped: true });
const plain = (...sources: readonly Source[]): Relation => ({ sources, isGrouped: false });

const hourly = (sums: string): Source => ({
  part: 'usage_hourly',
  fields: [...TIME_FIELDS, 'model', 'model_family', 'base_model', 'service_tier', 'source'],
  sums,
});
const daily = (part: string, sums: string | null, ...fields: readonly string[]): Source => ({
  part,
  fields: [...DAYS, 'model', 'source', ...fields],
  sums,
});
const rows = (part: string, sums: string | null): Source => ({ part, fields: null, sums });

const RELATIONS = {
  usage_by: grouped(
    hourly('usage_sums'),
    { ...daily('usage_tagged', 'usage_sums', 'service_tier'), isTagged: true },
    rows('usage_rows', 'usage_sums'),
  ),
  usage_detail_by: grouped(hourly('usage_detail_sums'), rows('usage_rows', 'usage_detail_sums')),
  choices_by: grouped(
    daily('choices_daily', 'choices_sums', 'service_tier'),
    rows('choices_rows', 'choices_sums'),
  ),
  /** One by one, with the second they are of. */
  answers_by: grouped(rows('choices_rows', 'as_chosen')),
  models_by: grouped(
    hourly('model_sums'),
    { ...daily('usage_tagged', 'model_sums', 'service_tier'), isTagged: true },
    rows('usage_rows', 'model_sums'),
  ),
  calls_by: grouped(daily('calls_daily', 'calls_sums'), rows('calls_rows', 'calls_sums')),
  costs_by: grouped(daily('costs_daily', 'costs_sums', 'service_tier'), rows('costs_rows', 'costs_sums')),
  /** With the price of each: what a mart works out from them. */
  cost_lines: plain(daily('costs_daily', null, 'service_tier'), rows('cost_line_rows', null)),
  buckets_by: grouped(
    {
      part: 'bucket_rows',
      fields: [...TIME_FIELDS, 'model', 'service_tier', 'source'],
      sums: 'bucket_sums',
    },
    rows('bucket_completion_rows', 'bucket_sums'),
  ),
  hours_by: grouped(hourly('hour_sums'), rows('usage_rows', 'hour_sums')),
  sizes_by: grouped(rows('usage_rows', 'call_sizes')),
  tags_by: grouped(daily('tags_daily', 'tags_sums', 'service_tier'), rows('usage_rows', 'tags_row_sums')),
  completions_by: grouped(rows('completion_rows', 'as_chosen')),
} as const satisfies Record<string, Relation>;

/**
 * Relations that are a mart over what is chosen and grouped, where the mart itself tells only of all: its SQL, with the usage it
 * reads put in place of `marts.usage_daily`, over all days, which is for its own reckoning to bound.
 */
const MART_RELATIONS = {
  /** `key` is the column of the mart that the group stands in; `part`: one that only its own reckoning has. */
  forecast_told: { mart: 'month_to_date_forecast', key: 'source' },
  anomalies_told: { mart: 'usage_anomalies_daily', key: 'model' },
  weeks_told: { mart: 'usage_week_over_week', key: 'part' },
} as const;

type MartRelation = (typeof MART_RELATIONS)[keyof typeof MART_RELATIONS];

type RelationName = keyof typeof RELATIONS;
const NAMES = Object.keys(RELATIONS) as readonly RelationName[];

const part = (name: string): string => statement(`reports/parts/${name}`).trim();
const reads = (sql: string, name: string): boolean => new RegExp(`\\b(?:from|join)\\s+${name}\\b`).test(sql);

/** `folded_by` is made of `usage_by`. */
const relationsOf = (sql: string): readonly RelationName[] =>
  NAMES.filter((name) => reads(sql, name) || (name === 'usage_by' && reads(sql, 'folded_by')));

/** Parameters that a report takes by what it reads. */
export function parametersOf(sql: string): readonly string[] {
  const names = relationsOf(sql);
  const files = names.flatMap((name) => {
    const { sources, isGrouped } = RELATIONS[name];
    return [...sources.map((source) => source.part), ...(isGrouped ? ['grouped'] : [])];
  });
  const texts = [sql, ...files.map(part), ...(reads(sql, 'folded_by') ? [part('folded')] : [])];
  // What is read by relation is read for the days that are asked for, which the parts call $from and $to.
  return [
    ...texts.flatMap(parametersIn),
    ...(names.length > 0 ? ['since', 'until'] : []),
    ...(martsOf(sql).length > 0 ? ['source'] : []),
  ];
}

const martsOf = (sql: string): readonly (readonly [string, MartRelation])[] =>
  Object.entries(MART_RELATIONS).filter(([name]) => reads(sql, name));

/** Whether it reckons over all that is held, whatever the days it tells of. */
export const readsAllDays = (sql: string): boolean => martsOf(sql).length > 0;

/** The report's SQL with the relations it reads before it, and the parameters that these need for what is asked. */
export function withRelations(sql: string, asked: Asked): BoundSql {
  const parameters: Record<string, string | number | null> = {};
  const relations = relationsOf(sql).map((name) => {
    const made = relationSql(RELATIONS[name], asked);
    Object.assign(parameters, made.parameters);
    return `${name} as (\n${made.sql}\n)`;
  });
  for (const [name, relation] of martsOf(sql)) {
    const made = martSql(relation, asked);
    Object.assign(parameters, made.parameters);
    relations.push(`${name} as (\n${made.sql}\n)`);
  }
  if (reads(sql, 'cards_told')) relations.push(...priceRelations());
  if (reads(sql, 'budget_list')) {
    const list = budgetList(asked.budgets ?? []);
    Object.assign(parameters, list.parameters);
    relations.push(`budget_list as (\n${list.sql}\n)`);
  }
  if (reads(sql, 'folded_by')) relations.push(`folded_by as (\n${part('folded')}\n)`);
  if (reads(sql, 'prompts_held')) relations.push(`prompts_held as (\n${part('prompts_held')}\n)`);
  return { sql: prefixed(relations, sql), parameters: { ...parameters, ...groupParameters(asked.groups) } };
}

/** `with` and what goes before it, whether or not the SQL has relations of its own. */
export function prefixed(relations: readonly string[], sql: string): string {
  if (relations.length === 0) return sql;
  const body = sql.replace(/^(?:\s*--[^\n]*\n)*\s*/, '');
  const before = `with ${relations.join(',\n')}`;
  return /^with\s/i.test(body)
    ? `${before},\n${body.slice('with'.length).trimStart()}`
    : `${before}\n${body}`;
}

/** Sources whose coverage is told of: `--where` of another field leaves none out. */
export function sourcesSql(where: readonly Choice[]): BoundSql {
  const { sql, parameters } = ofSources(`(\n${part('sources')}\n)`, where);
  return { sql: `sources_told as (\n${sql}\n)`, parameters };
}

/** What a relation with a column `source` says of those that are asked for. */
function ofSources(relation: string, where: readonly Choice[]): BoundSql {
  const ofSource = where.filter(({ field }) => fieldText(field) === 'source');
  const { sql, parameters } = conditionSql(ofSource, () => 'source', 'where_source');
  const named = '($source::varchar is null or source = $source::varchar)';
  return { sql: `select * from ${relation} as read where ${named} and ${sql}`, parameters };
}

interface Read {
  readonly source: Source;
  readonly sqlOf: (field: Field) => string;
  readonly condition: string;
  readonly parameters: BoundSql['parameters'];
}

/** The cheapest source that knows all fields, and what is asked in its words. */
function readFrom(sources: readonly Source[], { groups, where, budgets }: Asked): Read {
  const fields = [
    ...groups,
    ...where.map(({ field }) => field),
    ...(budgets ?? []).map(({ condition }) => condition.field),
  ];
  const source = sources.find((one) => knows(one, fields)) ?? sources.at(-1);
  if (source === undefined) throw new Error('a relation without a source');
  const keys = [...new Set(fields.flatMap((field) => (field.kind === 'tag' ? [field.key] : [])))];
  const sqlOf = (field: Field): string => {
    if (field.kind === 'time') return TIME_SQL[field.name];
    if (field.kind === 'column') return field.name;
    return source.isTagged ? 'tag_value' : `tags[$key_${keys.indexOf(field.key) + 1}]`;
  };
  const { sql, parameters } = conditionSql(where, sqlOf, 'where');
  const named = source.isTagged
    ? { key: keys[0] ?? null }
    : Object.fromEntries(keys.map((key, place) => [`key_${place + 1}`, key]));
  return { source, sqlOf, condition: sql, parameters: { ...parameters, ...named } };
}

function relationSql({ sources, isGrouped }: Relation, asked: Asked): BoundSql {
  const { source, sqlOf, condition, parameters } = readFrom(sources, asked);
  const [group_1, group_2] = asked.groups.map(sqlOf);
  const isHourly = asked.groups.some((field) => fieldText(field) === 'hour');
  const hour = isHourly ? 'created_hour' : 'null::timestamptz';
  const columns = source.sums === null ? '*' : groupColumns({ hour, group_1, group_2 });
  const chosen = `select ${columns} from (\n${part(source.part)}\n) as read where ${condition}`;
  if (source.sums === null) return { sql: chosen, parameters };
  const summed = `with chosen as (\n${chosen}\n)`;
  return {
    sql: isGrouped
      ? `${summed},\nsummed as (\n${part(source.sums)}\n)\nselect * from (\n${part('grouped')}\n) as named`
      : `${summed}\n${part(source.sums)}`,
    parameters,
  };
}

/** A mart's SQL with the column `part` shown, and taken from what it reads. */
function opened(body: string, key: MartRelation['key']): string {
  if (key !== 'part') return body;
  const shown = body.replaceAll("'' as part", 'part').replace('select * exclude (part)', 'select *');
  if (shown === body) throw new Error('the mart has no column part');
  return shown;
}

/** A mark before the value: what lacks it has none, and no value reads as a word of the mart's own, such as (all). */
function keyColumns(key: MartRelation['key'], group: string | null): string {
  if (key !== 'part' && group === null) return '*';
  const marked = group === null ? "''" : `coalesce('=' || ${group}, '')`;
  return key === 'part' ? `*, ${marked} as part` : `* replace (${marked} as ${key})`;
}

/** Marts that such a mart may be made of, what stands in for each, and the relation whose rows that has. */
const MART_BASES = {
  usage_daily: { name: 'daily_told', relation: 'usage_by' },
  usage_costs_daily: { name: 'costs_told', relation: 'cost_lines' },
  coverage_daily: { name: 'coverage_told', relation: null },
} as const satisfies Record<string, { readonly name: string; readonly relation: RelationName | null }>;

type MartBase = (typeof MART_BASES)[keyof typeof MART_BASES];

function martSql({ mart, key }: MartRelation, asked: Asked): BoundSql {
  const parameters: Record<string, string | number | null> = {};
  const read = new Map<string, MartBase>();
  const over = opened(viewBody(mart), key).replace(/\bmarts\.(\w+)/g, (whole, name: string) => {
    if (name === 'as_of') return whole;
    const base = Object.hasOwn(MART_BASES, name) ? MART_BASES[name as keyof typeof MART_BASES] : undefined;
    if (base === undefined)
      throw new Error(`the mart ${mart} cannot be told of a part, as it is made of ${name}`);
    read.set(base.name, base);
    return base.name;
  });
  const [group] = asked.groups;
  const told = [...read.values()].map(({ name, relation }) => {
    if (relation === null) {
      const covered = ofSources('marts.coverage_daily', asked.where);
      Object.assign(parameters, covered.parameters);
      return `${name} as (\n${covered.sql}\n)`;
    }
    const { source, sqlOf, condition, parameters: needed } = readFrom(RELATIONS[relation].sources, asked);
    Object.assign(parameters, needed);
    const columns = keyColumns(key, group === undefined ? null : sqlOf(group));
    if (asked.budgets !== undefined && asked.budgets !== null) {
      const counted = budgetsOfRow(asked.budgets, sqlOf);
      Object.assign(parameters, counted.parameters);
      const chosen = `select * replace (unnest(${counted.sql}) as ${key}) from (\n${part(source.part)}\n) as read where ${condition}`;
      return `${name} as (\n${chosen}\n)`;
    }
    return `${name} as (\nselect ${columns} from (\n${part(source.part)}\n) as read where ${condition}\n)`;
  });
  const named = part('mart_grouped').replaceAll('group_key', key);
  return { sql: `with ${told.join(',\n')},\ntold as (\n${over}\n)\n${named}`, parameters };
}

const groupColumns = (of: {
  readonly hour: string;
  readonly group_1: string | undefined;
  readonly group_2: string | undefined;
}): string =>
  `*, ${of.hour} as hour_from, ${of.group_1 ?? 'null::varchar'} as group_1, ${of.group_2 ?? 'null::varchar'} as group_2`;

/** Names of times, as text that is in order. */
const TIME_SQL = {
  hour: "strftime(created_hour, '%Y-%m-%dT%H:00Z')",
  day: 'created_date::varchar',
  week: "date_trunc('week', created_date)::date::varchar",
  month: "strftime(created_date, '%Y-%m')",
} as const;

function knows(source: Source, fields: readonly Field[]): boolean {
  const { fields: known } = source;
  if (known === null) return true;
  const tags = new Set(fields.filter(({ kind }) => kind === 'tag').map(fieldText));
  if (tags.size > 0 ? !(source.isTagged && tags.size === 1) : source.isTagged) return false;
  return fields.every((field) => field.kind === 'tag' || known.includes(field.name));
}

function groupParameters(groups: readonly Field[]): BoundSql['parameters'] {
  const [first, second] = groups;
  const time = groups.find(({ kind }) => kind === 'time');
  return {
    time: time === undefined ? null : fieldText(time),
    time_place: time === undefined ? 0 : groups.indexOf(time) + 1,
    absent_1: first === undefined ? null : absentText(first),
    absent_2: second === undefined ? null : absentText(second),
  };
}
