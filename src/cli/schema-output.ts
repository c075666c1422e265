/** Tables and their columns as text, Markdown or JSON. Pure. */
import { styleText } from 'node:util';
import { type DescribedTable, fullName } from '../warehouse/read/describe.ts';
import { wrapped } from './wrap.ts';

export interface SchemaStyle {
  readonly color: boolean;
  /** Columns of the terminal; null: as wide as it gets. */
  readonly width: number | null;
}

/** Each table with the sentence that says what it is. */
export function listText(tables: readonly DescribedTable[], style: SchemaStyle): string {
  const width = Math.max(...tables.map((table) => fullName(table).length));
  return tables
    .map((table) => entry([fullName(table).padEnd(width)], firstSentence(table.comment ?? ''), style))
    .join('');
}

/** One table with its key and columns; a key column is marked. */
export function tableSchemaText(table: DescribedTable, style: SchemaStyle): string {
  const heading = style.color
    ? styleText('bold', fullName(table), { validateStream: false })
    : fullName(table);
  const names = Math.max(...table.columns.map(({ name }) => name.length));
  const types = Math.max(...table.columns.map(({ type }) => type.length));
  const lines = table.columns.map(({ name, type, comment, isKey }) =>
    entry([isKey ? '*' : ' ', name.padEnd(names), type.padEnd(types)], comment ?? '', style),
  );
  return [
    `${heading} (${table.kind})\n`,
    ...(table.comment === null ? [] : [`${wrapped(table.comment, style.width)}\n`]),
    ...(table.key.length === 0 ? [] : [`${wrapped(`* Key: ${table.key.join(', ')}`, style.width, 2)}\n`]),
    '\n',
    ...lines,
  ].join('');
}

const NESTED = ' '.repeat(6);

/** What it says stands under itself, beside what it is said of. */
function entry(parts: readonly string[], text: string, { width }: SchemaStyle): string {
  const start = `${parts.join('  ')}  `;
  // Names of fields are long words: in a narrow terminal what is said gets lines of its own.
  if (width !== null && start.length > width / 2) {
    return `${wrapped(`${start.trimEnd()}\n${NESTED}${text}`.trimEnd(), width)}\n`;
  }
  return `${wrapped(`${start}${text}`.trimEnd(), width, Math.min(start.length, 44))}\n`;
}

export function schemaMarkdown(tables: readonly DescribedTable[]): string {
  return tables
    .map((table) => {
      const rows = table.columns.map(
        ({ name, type, comment, isKey }) =>
          `| \`${name}\`${isKey ? ' (key)' : ''} | ${type} | ${cell(comment ?? '')} |`,
      );
      return [
        `## ${fullName(table)}\n`,
        ...(table.comment === null ? [] : [`${cell(table.comment)}\n`]),
        ...(table.key.length === 0 ? [] : [`Key: ${table.key.map((name) => `\`${name}\``).join(', ')}\n`]),
        '| Column | Type | What it is |',
        '| --- | --- | --- |',
        ...rows,
      ].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}

const cell = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\|<]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`));

export const schemaJson = (tables: readonly DescribedTable[]): readonly object[] =>
  tables.map(({ schema, name, kind, comment, key, columns }) => ({
    schema,
    table: name,
    kind,
    comment,
    key,
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type,
      is_key: column.isKey,
      comment: column.comment,
    })),
  }));

/** Up to the first stop or semicolon. */
function firstSentence(text: string): string {
  const sentence = /^(.*?)[.;](?:\s|$)/.exec(text)?.[1];
  return sentence === undefined ? text : `${sentence}.`;
}
