/** What `--where` chooses completions by, and the condition of SQL it comes to. Pure. */
import { SettingsError } from '../errors.ts';
import { nearest } from '../spelling.ts';
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
} from './report-fields.ts';

/** One `--where`. */
export interface Condition {
  readonly field: Field;
  readonly operator: '=' | '!=';
  /** null: what lacks the field. */
  readonly value: string | null;
}

export const WHERE_CHOICES: readonly string[] = [...COLUMN_FIELDS, `${METADATA}.KEY`];

/** What lacks a field, however it is called. */
const ABSENT = ['(untagged)', '(none)'];

const FORM = /^\s*(?:metadata\."([^"]+)"|([^=]*?))\s*(!?=)(?!=)\s*(.*?)\s*$/s;

/**
 * `FIELD=VALUE` or `FIELD!=VALUE`. A value in double quotes is taken as it stands; `(untagged)` and `(none)` without them are
 * what lacks the field.
 *
 * @param isKey whether a name that is no field is a metadata key: `team=search` for `metadata.team=search`.
 * @throws {SettingsError} for anything else.
 */
export function parseWhere(text: string, isKey: (name: string) => boolean): Condition {
  const [, quotedKey, name = '', operator, value = ''] = FORM.exec(text) ?? [];
  if (operator !== '=' && operator !== '!=') {
    throw new SettingsError(`--where ${text}: say FIELD=VALUE or FIELD!=VALUE, one = of them`);
  }
  const field = quotedKey === undefined ? fieldNamed(name, isKey) : tagOf(quotedKey);
  return { field, operator, value: valueIn(text, field, value) };
}

/** What stands before the sign: a field, or a key that has to be looked for. */
export const nameIn = (text: string): string => FORM.exec(text)?.[2] ?? '';

function fieldNamed(name: string, isKey: (name: string) => boolean): Field {
  const column = columnNamed(name);
  if (column !== null) return { kind: 'column', name: column };
  const key = name.startsWith(`${METADATA}.`) ? name.slice(METADATA.length + 1) : '';
  if (key !== '') return tagOf(key);
  if (isKey(name)) return tagOf(name);
  const meant = nearest(name, COLUMN_FIELDS);
  throw new SettingsError(
    `--where ${name}: there is no such field or metadata key; it takes ${WHERE_CHOICES.join(', ')}, or a metadata key alone ` +
      `(days: --since and --until)${meant === null ? '' : `; is ${meant} meant?`}`,
  );
}

function valueIn(text: string, field: Field, value: string): string | null {
  if (isQuoted(value)) return value.slice(1, -1);
  const name = fieldText(field);
  if (value === '') {
    throw new SettingsError(
      `--where ${text} names no value: ${mayBeAbsent(field) ? `say '${name}=${absentText(field)}' for what lacks it, '${name}=""' for an empty one` : `say which ${name}`}`,
    );
  }
  if (value === '(others)') {
    throw new SettingsError(
      `--where ${text}: (others) is what --top leaves over and no value; for a value of that name say '${name}="(others)"'`,
    );
  }
  if (!ABSENT.includes(value)) return value;
  if (mayBeAbsent(field)) return null;
  throw new SettingsError(
    `--where ${text}: every completion has a ${name}; what the API did not name is (unknown)`,
  );
}

/** A key with a sign in it has to be quoted. */
const nameText = (field: Field): string =>
  field.kind === 'tag' && field.key.includes('=') ? `${METADATA}."${field.key}"` : fieldText(field);

/** As a person may give it again. */
export const conditionText = ({ field, operator, value }: Condition): string =>
  `${nameText(field)}${operator}${value === null ? absentText(field) : quotedValue(value)}`;

/** Fields alike with the same operator: their values are alternatives for `=`, and all ruled out for `!=`. */
export interface Choice {
  readonly field: Field;
  readonly operator: Condition['operator'];
  readonly values: readonly string[];
  readonly takesAbsent: boolean;
}

export function choicesOf(conditions: readonly Condition[]): readonly Choice[] {
  const alike = Map.groupBy(conditions, ({ field, operator }) => `${operator}${fieldText(field)}`);
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const values = new Set(group.map(({ value }) => value));
    return [
      {
        field: first.field,
        operator: first.operator,
        values: [...values].filter((value) => value !== null),
        takesAbsent: values.has(null),
      },
    ];
  });
}

/** For people: `metadata.team=search or billing and model!=gpt-4o`. */
export const whereText = (conditions: readonly Condition[]): string =>
  choicesOf(conditions)
    .map(({ field, operator, values, takesAbsent }) => {
      const texts = [...values.map(quotedValue), ...(takesAbsent ? [absentText(field)] : [])];
      return `${nameText(field)}${operator}${texts.join(operator === '=' ? ' or ' : ' nor ')}`;
    })
    .join(' and ');

/**
 * The condition on one row, its values as parameters: none of what a person gave is part of the text.
 *
 * @param sqlOf the column or expression of a field.
 * @param prefix of the parameters' names.
 */
export function conditionSql(
  choices: readonly Choice[],
  sqlOf: (field: Field) => string,
  prefix: string,
): { readonly sql: string; readonly parameters: Readonly<Record<string, string>> } {
  const parameters: Record<string, string> = {};
  const parts = choices.map(({ field, operator, values, takesAbsent }, place) => {
    const names = values.map((value, index) => {
      const name = `${prefix}_${place + 1}_${index + 1}`;
      parameters[name] = value;
      return `$${name}`;
    });
    const column = sqlOf(field);
    const tests = [
      ...(names.length === 0 ? [] : [`coalesce(${column} in (${names.join(', ')}), false)`]),
      ...(takesAbsent ? [`${column} is null`] : []),
    ];
    const test = tests.join(' or ');
    // What lacks the field is not of that value, so = and != together are the whole.
    return operator === '=' ? `(${test})` : `not (${test})`;
  });
  return { sql: parts.length === 0 ? 'true' : parts.join(' and '), parameters };
}
