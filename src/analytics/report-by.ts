/** What `--by` may name. Pure. */
import { SettingsError } from '../errors.ts';
import { nearest } from '../spelling.ts';
import {
  COLUMN_FIELDS,
  columnNamed,
  type Field,
  fieldText,
  METADATA,
  TIME_FIELDS,
  tagOf,
  timeNamed,
} from './report-fields.ts';

/** The words `--by` takes; `metadata.KEY` comes with them. */
export const BY_CHOICES: readonly string[] = [...TIME_FIELDS, ...COLUMN_FIELDS, `${METADATA}.KEY`];

/** `metadata`: the key that most of the usage carries. */
export type By = Field | { readonly kind: 'metadata' };

/** @throws {SettingsError} for what is none of {@link BY_CHOICES}; without time where the report compares times itself. */
export function parseBy(text: string, takesTime: boolean): By {
  if (text === METADATA) return { kind: 'metadata' };
  if (text.startsWith(`${METADATA}.`) && text.length > METADATA.length + 1) {
    return tagOf(text.slice(METADATA.length + 1));
  }
  const time = takesTime ? timeNamed(text) : null;
  if (time !== null) return { kind: 'time', name: time };
  const column = columnNamed(text);
  if (column !== null) return { kind: 'column', name: column };
  const choices = BY_CHOICES.filter((word) => takesTime || timeNamed(word) === null);
  const meant = nearest(text, choices);
  // `--where` takes a key alone, so people try it here: what is like no word may be one.
  const hint =
    meant === null || meant.endsWith('.KEY')
      ? timeNamed(text) === null
        ? `; a metadata key is named like metadata.${text || 'KEY'}`
        : ''
      : `; is ${meant} meant?`;
  throw new SettingsError(`--by takes ${choices.join(', ')}${hint}`);
}

/** @throws {SettingsError} for two groups that are one, and for two times: a row has one. */
export function checkGroups(fields: readonly Field[]): void {
  const texts = fields.map(fieldText);
  const twice = texts.find((text, place) => texts.indexOf(text) !== place);
  if (twice !== undefined) throw new SettingsError(`--by ${twice} is there twice`);
  const times = fields.filter(({ kind }) => kind === 'time').map(fieldText);
  if (times.length > 1) throw new SettingsError(`--by takes one time, not ${times.join(' and ')}`);
}
