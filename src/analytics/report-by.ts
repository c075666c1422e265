/** What `--by` may name, and the SQL that groups by it. Pure. */
import { SettingsError } from '../errors.ts';
import { nearest } from '../spelling.ts';

const TIME_GROUPS = ['day', 'week', 'month'] as const;
const COLUMN_GROUPS = ['model', 'model_family', 'service_tier', 'source'] as const;
const METADATA = 'metadata';

/** The words `--by` takes; `metadata.KEY` comes with them. */
export const BY_CHOICES: readonly string[] = [
  ...TIME_GROUPS,
  ...COLUMN_GROUPS,
  'finish_reason',
  `${METADATA}.KEY`,
];

export type By =
  | { readonly kind: 'column'; readonly text: string }
  | { readonly kind: 'finish_reason'; readonly text: string }
  /** Of metadata; `key` null: the key that most of the usage carries. */
  | { readonly kind: 'tag'; readonly text: string; readonly key: string | null };

/** @throws {SettingsError} for what is none of {@link BY_CHOICES}; without time where the report compares times itself. */
export function parseBy(text: string, takesTime: boolean): By {
  if (text === METADATA) return { kind: 'tag', text, key: null };
  if (text.startsWith(`${METADATA}.`)) {
    const key = text.slice(METADATA.length + 1);
    if (key !== '') return { kind: 'tag', text, key };
  }
  const choices = BY_CHOICES.filter((word) => takesTime || !isTime(word));
  if (!choices.includes(text) || text.endsWith('.KEY')) {
    const meant = nearest(text, choices);
    throw new SettingsError(
      `--by takes ${choices.join(', ')}${meant === null || meant.endsWith('.KEY') ? '' : `; is ${meant} meant?`}`,
    );
  }
  return text === 'finish_reason' ? { kind: 'finish_reason', text } : { kind: 'column', text };
}

const isTime = (text: string): boolean => TIME_GROUPS.some((word) => word === text);

export const tagOf = (key: string): By => ({ kind: 'tag', text: `${METADATA}.${key}`, key });

/** File of sql/ with the usage that is grouped. */
export const partOf = ({ kind }: By): string =>
  ({
    column: 'reports/parts/by_column',
    finish_reason: 'reports/parts/by_finish_reason',
    tag: 'reports/parts/by_tag',
  })[kind];

/** The report's SQL with its relation `usage_by` put before it. */
export function withUsageBy(part: string, sql: string): string {
  const body = sql.replace(/^(?:\s*--[^\n]*\n)*\s*/, '');
  const usage = `with usage_by as (\n${part.trim()}\n)`;
  return /^with\s/i.test(body) ? `${usage},\n${body.slice('with'.length).trimStart()}` : `${usage}\n${body}`;
}
