/** What the completions that are shown are chosen by, as the URL has it: `?model=gpt-5&metadata.team=search`. Pure. */
import {
  absentText,
  COLUMN_FIELDS,
  columnNamed,
  type Field,
  fieldText,
  isQuoted,
  METADATA,
  mayBeAbsent,
  quotedValue,
  tagOf,
} from '../../analytics/report-fields.ts';
import type { Condition } from '../../analytics/report-where.ts';
import { quotedText } from './palette.ts';

/** `source` has a place of its own among the filters, as coverage knows it too. */
const FIELDS: readonly string[] = COLUMN_FIELDS.filter((name) => name !== 'source');

const TITLES: Readonly<Record<string, string>> = {
  model: 'Model',
  model_family: 'Model family',
  base_model: 'Base model',
  service_tier: 'Service tier',
  source: 'Source',
  finish_reason: 'Finish reason',
  input_user: 'User of the request',
};

/** A name of the query; null: it is no field to choose by. */
export function fieldOfName(name: string): Field | null {
  if (name.startsWith(`${METADATA}.`)) {
    const key = name.slice(METADATA.length + 1);
    return key === '' ? null : tagOf(key);
  }
  const column = columnNamed(name);
  return column !== null && FIELDS.includes(column) ? { kind: 'column', name: column } : null;
}

/** `(untagged)` and `(none)` are what lacks the field; in double quotes they are values, as `--where` has it. */
export function conditionOf(field: Field, text: string): Condition {
  const value = isQuoted(text)
    ? text.slice(1, -1)
    : ['(untagged)', '(none)'].includes(text) && mayBeAbsent(field)
      ? null
      : text;
  return { field, operator: '=', value };
}

export const equal = (field: Field, value: string | null): Condition => ({ field, operator: '=', value });

/** Name and value of the query. */
export const entryOf = ({ field, value }: Condition): readonly [name: string, value: string] => [
  fieldText(field),
  value === null ? absentText(field) : quotedValue(value),
];

/** In place of others of the same field. */
export function withCondition(all: readonly Condition[], one: Condition): readonly Condition[] {
  const name = fieldText(one.field);
  return [...all.filter(({ field }) => fieldText(field) !== name), one];
}

/** For a heading or a crumb. */
export const titleOf = (field: Field): string =>
  field.kind === 'tag' ? field.key : (TITLES[field.name] ?? field.name);

/** As the tables have it: what lacks it reads `(untagged)`, and a value of that name stands in quotes. */
export function valueText({ field, value }: Condition): string {
  if (value === null) return absentText(field);
  return value === '' ? '(empty)' : quotedText(value);
}
