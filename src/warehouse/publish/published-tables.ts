/** What of the warehouse's tables the published copy holds, and without which columns. Pure. */

/** `none`: no text of prompts and answers. */
export type PublishedContent = 'none' | 'full';

export interface PublishedTable {
  readonly schema: 'main' | 'sync';
  readonly name: string;
  /**
   * - `days`: its rows belong to the UTC day of `created_at`, and are copied when that day changed.
   * - `whole`: it is small, and copied each time.
   * - `grows`: rows are only ever added; the new ones are copied.
   */
  readonly copied: 'days' | 'whole' | 'grows';
  /** Columns that may hold text of prompts or answers, and what stands for them in a copy without. */
  readonly text: Readonly<Record<string, string>>;
}

const NULL = 'null';

const withheld = (...columns: readonly string[]): Record<string, string> =>
  Object.fromEntries(columns.map((column) => [column, NULL]));

/**
 * As it is when all its values are counters. No quote ends a string that is a value (`"` before `,`, `}` or `]`), and what begins
 * with one looks like the keys that CONTENT=none lets pass.
 */
const ONLY_COUNTERS = String.raw`case when not regexp_matches(usage::varchar, '"\s*[,}\]]|"[^"a-z:\s]|"[a-z][a-z0-9_/-]*[^a-z0-9_/"-]') then usage end`;

const days = (name: string, text: PublishedTable['text']): PublishedTable => ({
  schema: 'main',
  name,
  copied: 'days',
  text,
});

const whole = (schema: PublishedTable['schema'], name: string, text = {}): PublishedTable => ({
  schema,
  name,
  copied: 'whole',
  text,
});

export const PUBLISHED_TABLES: readonly PublishedTable[] = [
  days('completions', {
    ...withheld('raw', 'extra', 'tools', 'tool_choice', 'response_format', 'moderation', 'input_messages'),
  }),
  days('completion_usage', { usage: ONLY_COUNTERS }),
  days('completion_choices', {
    ...withheld('content', 'refusal', 'reasoning_content', 'function_call', 'annotations', 'audio'),
    ...withheld('logprobs', 'extra'),
  }),
  days('completion_tool_calls', withheld('arguments')),
  days('completion_metadata', {}),
  days('completion_messages', withheld('name', 'content', 'content_parts', 'tool_calls', 'raw')),
  whole('main', 'completion_deletions'),
  whole('main', 'model_prices'),
  whole('sync', 'sources'),
  whole('sync', 'checkpoints'),
  whole('sync', 'coverage'),
  whole('sync', 'gaps'),
  whole('sync', 'runs'),
  whole('sync', 'rejected', withheld('raw')),
  whole('sync', 'migrations'),
  whole('sync', 'editions'),
  { schema: 'sync', name: 'changes', copied: 'grows', text: {} },
];

export const nameOf = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  `${schema}.${name}`;

/** Whether rows of a table may hold text of prompts or answers. */
export const mayHoldText = (name: string): boolean =>
  PUBLISHED_TABLES.some((table) => nameOf(table) === name && Object.keys(table.text).length > 0);

/** The columns of a SELECT for the copy: all of them, of the same names and types. */
export function columnsOf({ text }: PublishedTable, content: PublishedContent): string {
  const replaced = Object.entries(text).map(([column, value]) => `${value} as ${column}`);
  return content === 'full' || replaced.length === 0 ? '*' : `* replace (${replaced.join(', ')})`;
}
