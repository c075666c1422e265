/** The warehouse or its published copy, open to be written into files; no SQL of others runs on it. */
import { TerminalError } from '../../errors.ts';
import { connect, detach } from '../engine/attachment.ts';
import type { Session, Statements } from '../engine/session.ts';
import { attachWaiting, type WarehouseOptions } from '../open.ts';
import { type PricesOfFile, showWithPrices } from '../present-prices.ts';
import { type CatalogColumn, hashOf, type PublishedMart, publicationOf } from '../publish/publication.ts';
import { mayHoldText, nameOf } from '../publish/published-tables.ts';

/** A table or view that has a day. */
export interface ExportTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Pick<CatalogColumn, 'column' | 'type'>[];
  /** Its rows of a day change with that day's completions alone. */
  readonly isOfDays: boolean;
}

/** `raw-csv`: with texts as they are, also those that a spreadsheet would take for formulas. */
export type ExportFileFormat = 'parquet' | 'csv' | 'raw-csv' | 'ndjson';

export class ExportSource implements AsyncDisposable {
  readonly #session: Session;
  readonly #close: () => Promise<void>;

  readonly #prices: PricesOfFile;

  private constructor(session: Session, prices: PricesOfFile, close: () => Promise<void>) {
    this.#session = session;
    this.#prices = prices;
    this.#close = close;
  }

  /** Whether what is written has the prices it was opened with, in the file or shown on top of it. */
  get prices(): PricesOfFile['kind'] {
    return this.#prices.kind;
  }

  /** @throws as `openWarehouse`, read only. */
  static async open(options: Omit<WarehouseOptions, 'readOnly' | 'content'>): Promise<ExportSource> {
    const attachment = await attachWaiting({
      ...options,
      content: 'full',
      readOnly: true,
      reachesFiles: true,
    });
    const session = await connect(attachment.instance).catch(async (error: unknown) => {
      await detach(attachment);
      throw error;
    });
    const prices = await session
      .exclusive((statements) => showWithPrices(statements, options.prices ?? []))
      .catch(async (error: unknown) => {
        await session.close();
        await detach(attachment);
        throw error;
      });
    const stop = (): void => void session.close();
    options.signal?.addEventListener('abort', stop, { once: true });
    return new ExportSource(session, prices, async () => {
      options.signal?.removeEventListener('abort', stop);
      await session.close();
      await detach(attachment);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  /** How far what is open has come, and everything that decides how its rows look. */
  version(): Promise<{ changeNumber: number; changeId: string; definition: string }> {
    return this.#session.exclusive(async (statements) => {
      const [publication] = await statements.rows('state/is_copy');
      if (Number(publication?.['found']) === 0) return await liveVersion(statements);
      const [row] = await statements.rows('publish/own_publication');
      if (row === undefined)
        throw new TerminalError('the published copy is empty: run `tokenhouse publish --full`');
      const copied = publicationOf(row);
      if (this.#prices.kind !== 'shown') return copied;
      // The costs of all days are others than those of the copy.
      return { ...copied, definition: hashOf([copied.definition, this.#prices.database]) };
    });
  }

  /** Whether what these tables hold may have text of prompts and answers in it. */
  async hasText(tables: readonly ExportTable[]): Promise<boolean> {
    if (!tables.some(({ schema, name }) => mayHoldText(nameOf({ schema, name })))) return false;
    const [copy] = await this.#rows('state/is_copy');
    if (Number(copy?.['found']) === 0) return true;
    const [row] = await this.#rows('publish/own_publication');
    return row === undefined || publicationOf(row).content === 'full';
  }

  async hasChange(number: number, id: string): Promise<boolean> {
    const [row] = await this.#rows('publish/has_change', { number, id });
    return Number(row?.['found']) > 0;
  }

  /** Newest commit that changed each day, days ascending. */
  async dayChanges(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#rows('publish/day_changes');
    return new Map(rows.map((row) => [String(row['day']), Number(row['change_number'])]));
  }

  /** Tables and views that have a day, by schema and name. */
  async tables(marts: readonly Pick<PublishedMart, 'name' | 'dayColumn'>[]): Promise<readonly ExportTable[]> {
    const rows = await this.#rows('publish/columns', { databases: 'dest' });
    const names = [...new Set(rows.map((row) => `${row['schema_name']}.${row['table_name']}`))];
    return names.flatMap((qualified) => {
      const columns = rows
        .filter((row) => `${row['schema_name']}.${row['table_name']}` === qualified)
        .map((row) => ({ column: String(row['column_name']), type: String(row['data_type']) }));
      const [schema = '', name = ''] = qualified.split('.');
      if (schema === 'sync' || !columns.some(hasDay)) return [];
      const isOfDays =
        schema === 'main' || marts.some((mart) => mart.name === name && mart.dayColumn !== null);
      return [{ schema, name, columns, isOfDays }];
    });
  }

  /** Days a table has rows of, ascending. */
  async daysOf(table: ExportTable): Promise<readonly string[]> {
    const sql = `select distinct (${dayOf(table)})::varchar as day from ${table.schema}.${table.name} where day is not null order by day`;
    const { rows } = await this.#session.exclusive((statements) => statements.query('export/days', sql));
    return rows.map(([day]) => String(day));
  }

  /**
   * Writes the rows of a day, without the day itself: it is in the name of the folder.
   *
   * @returns rows.
   */
  writeDay(table: ExportTable, day: string, path: string, format: ExportFileFormat): Promise<number> {
    const columns = table.columns
      .filter(({ column }) => column !== 'created_date')
      .map((column) => `${shown(column, format)} as ${identifier(column.column)}`);
    const sql = `select ${columns.join(', ')} from ${table.schema}.${table.name} where ${ofDay(table, day)}`;
    return this.#session.exclusive(async (statements) => {
      if (format === 'csv') await statements.run('export/spreadsheet_safe');
      return await statements.run(
        'export/write_day',
        undefined,
        `copy (${sql}) to '${path.replaceAll("'", "''")}' (${OPTIONS[format]})`,
      );
    });
  }

  #rows(name: string, parameters?: Parameters<Statements['rows']>[1]): ReturnType<Statements['rows']> {
    return this.#session.exclusive((statements) => statements.rows(name, parameters));
  }
}

async function liveVersion(statements: Statements) {
  const columns = await statements.rows('publish/columns', { databases: 'dest' });
  const [prices] = await statements.rows('publish/prices_hash');
  const [change] = await statements.rows('publish/last_change');
  return {
    changeNumber: Number(change?.['change_number'] ?? 0),
    changeId: String(change?.['change_id'] ?? ''),
    definition: hashOf([
      columns.map(({ comment: _, table_comment: __, ...shape }) => shape),
      prices?.['hash'],
    ]),
  };
}

const OPTIONS: Readonly<Record<ExportFileFormat, string>> = {
  parquet: 'format parquet, compression zstd',
  csv: 'format csv, header true',
  'raw-csv': 'format csv, header true',
  ndjson: 'format json, array false',
};

const hasDay = ({ column, type }: Pick<CatalogColumn, 'column' | 'type'>): boolean =>
  (column === 'created_date' && type === 'DATE') ||
  (column === 'created_at' && type === 'TIMESTAMP WITH TIME ZONE');

const hasColumn = ({ columns }: ExportTable, name: string): boolean =>
  columns.some((column) => column.column === name && hasDay(column));

const dayOf = (table: ExportTable): string =>
  hasColumn(table, 'created_date') ? 'created_date' : "(created_at at time zone 'UTC')::date";

/** By the time where there is one: that is what tables are sorted by, and only what is of the day is read. */
const ofDay = (table: ExportTable, day: string): string =>
  hasColumn(table, 'created_at')
    ? `created_at >= '${day} 00:00:00+00'::timestamptz and created_at < '${day} 00:00:00+00'::timestamptz + interval 24 hours`
    : `created_date = '${day}'::date`;

/** A value as every reader of the format understands it. */
function shown({ column, type }: ExportTable['columns'][number], format: ExportFileFormat): string {
  const name = identifier(column);
  // Parquet has no whole number of 128 bits, and would get a double.
  if (/^U?HUGEINT$/.test(type)) return `${name}::decimal(38, 0)`;
  if (format === 'parquet') return name;
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    return `strftime(${name} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
  }
  if (format === 'ndjson' || NO_TEXT.test(type)) return name;
  const isNested = /^(MAP|STRUCT)\(|\[\d*\]$/.test(type);
  const text = isNested ? `to_json(${name})::varchar` : name;
  return format === 'csv' ? `spreadsheet_safe(${text}::varchar)` : text;
}

/** Types whose values are written as numbers, times and the like. */
const NO_TEXT = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL\(.*\)|BOOLEAN|DATE|TIME.*)$/;

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
