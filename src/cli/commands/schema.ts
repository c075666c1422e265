/** `tokenhouse schema`: the tables there are to ask, and what each of their columns means. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Option } from 'commander';
import type { LocalConfig } from '../../config.ts';
import { BusyError, EXIT, SettingsError } from '../../errors.ts';
import { nearest } from '../../spelling.ts';
import { MARTS } from '../../warehouse/marts.ts';
import { openWarehouse } from '../../warehouse/open.ts';
import { nameOf, PUBLISHED_TABLES } from '../../warehouse/publish/published-tables.ts';
import { type DescribedTable, describeTables, fullName } from '../../warehouse/read/describe.ts';
import { suggesting } from '../completion/suggestions.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { openForReading } from '../open-for-reading.ts';
import { openCopy } from '../open-published.ts';
import { write, writeJson } from '../output.ts';
import { listText, schemaJson, schemaMarkdown, tableSchemaText } from '../schema-output.ts';

interface SchemaOptions {
  readonly md?: boolean;
}

/** Those that every copy has, in the order in which they are of use. */
const TABLE_NAMES: readonly string[] = [
  ...MARTS.map(({ name }) => nameOf({ schema: 'marts', name })),
  ...PUBLISHED_TABLES.map(nameOf),
];

export const schema: CommandDefinition = {
  name: 'schema',
  examples: [
    ['tokenhouse schema', 'all tables, a line each'],
    ['tokenhouse schema marts.completions', 'its columns, their units and its key'],
    ['tokenhouse schema completions', 'every table of that name'],
    ['tokenhouse schema marts --md > marts.md', 'a schema as Markdown'],
    ['tokenhouse schema --json', 'everything, for a script or a model that writes SQL'],
  ],
  define(command, run) {
    command
      .description(
        'Print the tables that can be asked, with their columns, types, comments and keys. They are those of the published copy where ' +
          'there is one, else of the warehouse; where neither can be read they are what this version makes. A key is columns in ' +
          'which no two rows agree; the file does not enforce it.',
      )
      .addArgument(
        suggesting(
          new Argument('[table]', 'a table, with or without its schema, or a schema: main, marts, sync'),
          [...TABLE_NAMES],
        ),
      )
      .addOption(new Option('--md', 'as Markdown'))
      .action((table: string | undefined) =>
        run((context) => start(context, table, command.opts<SchemaOptions>())),
      );
  },
};

async function start(
  context: CommandContext,
  asked: string | undefined,
  { md }: SchemaOptions,
): Promise<number> {
  if (context.json && md === true) throw new SettingsError('--json and --md: choose one of them');
  const { of, tables } = await described(context, context.localConfig());
  const chosen = asked === undefined ? tables : named(asked, tables);
  const style = { color: context.color, width: context.columns };
  if (context.json) await writeJson(context.stdout, { of, tables: schemaJson(chosen) });
  else if (md === true) await write(context.stdout, schemaMarkdown(chosen));
  else if (asked === undefined) await write(context.stdout, listText(chosen, style));
  else await write(context.stdout, chosen.map((table) => tableSchemaText(table, style)).join('\n'));
  if (of === 'this version') {
    context.note('no warehouse could be read: these are the tables that this version makes');
  }
  return EXIT.landed;
}

interface Described {
  readonly of: 'published copy' | 'warehouse' | 'this version';
  readonly tables: readonly DescribedTable[];
}

async function described(context: CommandContext, config: LocalConfig): Promise<Described> {
  const copy = await openCopy(context, config);
  if (copy !== null) {
    await using warehouse = copy.warehouse;
    return { of: 'published copy', tables: await describeTables(warehouse) };
  }
  if (existsSync(config.warehouse.path)) {
    try {
      // What a run that has it open has made of it is what this version makes, so there is nothing to wait for.
      const atOnce = { ...config, warehouse: { ...config.warehouse, waitSeconds: 0 } };
      await using warehouse = await openForReading(context, atOnce);
      return { of: 'warehouse', tables: await describeTables(warehouse) };
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
    }
  }
  return { of: 'this version', tables: await tablesOfThisVersion(config) };
}

async function tablesOfThisVersion({ warehouse }: LocalConfig): Promise<readonly DescribedTable[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenhouse-schema-'));
  try {
    await using empty = await openWarehouse({
      ...warehouse,
      path: join(folder, 'empty.duckdb'),
      waitSeconds: 0,
    });
    return await describeTables(empty);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws {SettingsError} naming what is probably meant. */
function named(asked: string, tables: readonly DescribedTable[]): readonly DescribedTable[] {
  const name = asked.toLowerCase();
  const found = tables.filter((table) => [table.schema, table.name, fullName(table)].includes(name));
  if (found.length > 0) return found;
  const meant =
    nearest(name, tables.map(fullName)) ??
    nearest(
      name,
      tables.map((table) => table.name),
    );
  throw new SettingsError(
    `there is no table of that name${meant === null ? '' : ` (is ${meant} meant?)`}; \`tokenhouse schema\` shows all`,
  );
}
