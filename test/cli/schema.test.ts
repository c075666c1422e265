import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tableSchemaText } from '../../src/cli/schema-output.ts';
import { publishBeside, REAL_MARTS } from '../warehouse/publishing.ts';
import { completion, observe, open, temporaryPath } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

interface Told {
  readonly of: string;
  readonly tables: readonly {
    readonly schema: string;
    readonly table: string;
    readonly kind: string;
    readonly comment: string | null;
    readonly key: readonly string[];
    readonly columns: readonly { name: string; type: string; is_key: boolean; comment: string | null }[];
  }[];
}

const told = async (args: readonly string[]): Promise<Told> => {
  const { code, stdout, stderr } = await run(['schema', '--json', ...args]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as Told;
};
const namesIn = ({ tables }: Told): readonly string[] =>
  tables.map(({ schema, table }) => `${schema}.${table}`);

test('the tables are those of the copy, else of the warehouse, else of this version, and all have the same to say', async () => {
  const path = await filled({ items: [observe(completion('a', T0))] });
  const ofWarehouse = await told(['--warehouse', path]);
  expect(ofWarehouse.of).toBe('warehouse');
  // Whoever writes has it: the tables are those that this version makes.
  const writing = await open(path);
  const nowhere = await temporaryPath();
  const ofVersion = await told(['--warehouse', path]);
  await writing.close();
  expect(ofVersion).toEqual({ ...ofWarehouse, of: 'this version' });
  expect(await told(['--warehouse', nowhere])).toEqual(ofVersion);
  expect(existsSync(nowhere)).toBe(false);

  await publishBeside(path, { marts: REAL_MARTS });
  const ofCopy = await told(['--warehouse', path]);
  expect(ofCopy.of).toBe('published copy');
  expect(namesIn(ofCopy)).toEqual([...namesIn(ofWarehouse), 'sync.publication'].sort());
  // A copy holds marts as tables, with the same columns, types and comments, and says which columns it has without text.
  const ABSENT = ' NULL in this copy (PUBLISH_CONTENT=none).';
  expect(JSON.stringify(ofCopy)).toContain(ABSENT);
  const withoutKind = ({ tables }: Told): unknown =>
    JSON.parse(
      JSON.stringify(
        tables.filter(({ table }) => table !== 'publication').map(({ kind: _, ...table }) => table),
      ).replaceAll(ABSENT, ''),
    );
  expect(withoutKind(ofCopy)).toEqual(withoutKind(ofWarehouse));
  for (const { schema, table, comment, columns } of ofCopy.tables) {
    expect({ table: `${schema}.${table}`, comment: comment?.length ?? 0 }).toMatchObject({
      comment: expect.toSatisfy((length) => length > 20),
    });
    expect(
      columns.filter((column) => (column.comment?.length ?? 0) < 10),
      table,
    ).toEqual([]);
  }
  // A shell offers the same names.
  const { commands } = JSON.parse((await run(['completion', 'bash', '--json'])).stdout) as {
    commands: { path: string; words: { word: string }[] }[];
  };
  const offered = commands.find((command) => command.path === 'schema')?.words.map(({ word }) => word);
  expect(offered?.toSorted()).toEqual(namesIn(ofWarehouse));
});

test('one table is told of whole, by its name with or without the schema; a wrong name is told the nearest', async () => {
  const path = await filled({ items: [observe(completion('a', T0))] });
  const schema = (...args: readonly string[]) => run(['schema', '--warehouse', path, ...args]);
  const { stdout } = await schema('marts.dim_models');
  expect(stdout).toContain('marts.dim_models (view)\nModels that answered, one row each');
  expect(stdout).toContain('* Key: model\n');
  expect(stdout).toMatch(/^\* {2}model {10}VARCHAR {2}\S/m);
  expect(stdout).toMatch(/^ {3}base_model {5}VARCHAR {2}\S/m);
  expect((await schema('Completions')).stdout.match(/^\S+ \((?:table|view)\)$/gm)).toEqual([
    'main.completions (table)',
    'marts.completions (view)',
  ]);
  expect(namesIn(await told(['sync', '--warehouse', path])).every((name) => name.startsWith('sync.'))).toBe(
    true,
  );
  expect((await schema('completion_usage', '--md')).stdout).toContain(
    '## main.completion_usage\n\nToken usage, one row a completion; a count the API did not give is NULL, not 0.\n\n' +
      'Key: `source`, `completion_id`, `created_at`\n\n| Column | Type | What it is |\n| --- | --- | --- |\n' +
      '| `source` (key) | VARCHAR | Name of the source; completions.source. |\n',
  );
  expect(await schema('usage_dayly')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('is usage_daily meant?'),
  });
  expect(await schema('--md', '--json')).toMatchObject({ code: 2 });
  const lines = (await run(['schema', '--warehouse', path])).stdout.trimEnd().split('\n');
  expect(lines).toHaveLength((await told(['--warehouse', path])).tables.length);
  expect(lines).toContainEqual(
    expect.stringMatching(/^main\.completions +Stored chat completions, one row each\.$/),
  );
});

test('in a narrow terminal what is said of a column has lines of its own, and no word is broken', () => {
  const comment = `Tokens read from the cache; usage.${'prompt_tokens_details'}.cached_tokens.`;
  const column = { name: 'completion_rejected_prediction_tokens', type: 'BIGINT', comment, isKey: false };
  const table = {
    schema: 'main',
    name: 'completion_usage',
    kind: 'table',
    comment: null,
    key: [],
    columns: [column],
  } as const;
  expect(tableSchemaText(table, { color: false, width: 80 })).toContain(
    `\n   ${column.name}  BIGINT\n      Tokens read from the cache; usage.prompt_tokens_details.cached_tokens.\n`,
  );
  expect(tableSchemaText(table, { color: false, width: 140 })).toContain('  BIGINT  Tokens read');
});
