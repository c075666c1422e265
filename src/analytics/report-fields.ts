/** What a completion can be grouped and chosen by: a time, a column, a metadata key. Pure. */

/** In UTC; `hour` is an hour of a day, as `2026-11-24T13:00Z`, not an hour of all days. */
export const TIME_FIELDS = ['hour', 'day', 'week', 'month'] as const;
export const COLUMN_FIELDS = [
  'model',
  'model_family',
  'base_model',
  'service_tier',
  'source',
  'finish_reason',
  'input_user',
] as const;
export type TimeField = (typeof TIME_FIELDS)[number];
export type ColumnField = (typeof COLUMN_FIELDS)[number];

export type Field =
  | { readonly kind: 'time'; readonly name: TimeField }
  /** `finish_reason` is that of a completion's first answer. */
  | { readonly kind: 'column'; readonly name: ColumnField }
  | { readonly kind: 'tag'; readonly key: string };

export const METADATA = 'metadata';

export const tagOf = (key: string): Field => ({ kind: 'tag', key });

/** As `--by` and `--where` have it. */
export const fieldText = (field: Field): string =>
  field.kind === 'tag' ? `${METADATA}.${field.key}` : field.name;

/** For a heading. */
export const fieldTitle = (field: Field): string =>
  field.kind === 'tag' ? field.key : field.name.replace('_', ' ');

export const timeNamed = (text: string): TimeField | null =>
  TIME_FIELDS.find((name) => name === text) ?? null;

export const columnNamed = (text: string): ColumnField | null =>
  COLUMN_FIELDS.find((name) => name === text) ?? null;

/** Whether a completion may lack it; every one has a model, or `(unknown)` for one. */
export const mayBeAbsent = (field: Field): boolean =>
  field.kind === 'tag' || (field.kind === 'column' && ['finish_reason', 'input_user'].includes(field.name));

/** The name of the group of what lacks it. */
export const absentText = (field: Field): string => (field.kind === 'tag' ? '(untagged)' : '(none)');

/** Names of groups that are none of a value. */
const GROUP_NAMES = ['(untagged)', '(none)', '(others)', '(all)'];

/** A value that would read as the name of such a group, as nothing, or as if it were quoted, in quotes; `--where` takes it so. */
export const quotedValue = (value: string): string =>
  value.trim() !== value || value === '' || GROUP_NAMES.includes(value) || isQuoted(value)
    ? `"${value}"`
    : value;

export const isQuoted = (text: string): boolean =>
  text.length > 1 && text.startsWith('"') && text.endsWith('"');
