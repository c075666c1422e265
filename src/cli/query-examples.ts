/** Questions in SQL that run as they are, from sql/examples: what `query --examples` prints and `query --example` runs. Pure. */
import { descriptionOf } from '../analytics/report-sql.ts';
import { statement } from '../warehouse/engine/statements.ts';

/** In the order in which they are shown: files of sql/examples. */
export const EXAMPLE_NAMES = [
  'tokens_by_model',
  'spend_by_tag',
  'days',
  'cache_by_model',
  'dearest_calls',
  'tail_of_calls',
  'cut_off',
  'tools_called',
  'without_a_price',
  'complete_days',
] as const;

export interface QueryExample {
  readonly name: string;
  readonly about: string;
  /** Without the comment. */
  readonly sql: string;
}

export function queryExamples(): readonly QueryExample[] {
  return EXAMPLE_NAMES.map((name) => {
    const text = statement(`examples/${name}`);
    return { name, about: descriptionOf(text), sql: text.replace(/^(?:--[^\n]*\n)+/, '').trim() };
  });
}

/** As it is typed: in double quotes, which bash, zsh, fish and PowerShell take alike, as no example holds one, nor a `$`. */
export const exampleCommand = ({ sql }: QueryExample): string => `tokenhouse query "\n${indented(sql)}"`;

export const examplesText = (examples: readonly QueryExample[]): string =>
  examples
    .map((example) => `# ${example.about} (--example ${example.name})\n${exampleCommand(example)}\n`)
    .join('\n');

const indented = (sql: string): string =>
  sql
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
