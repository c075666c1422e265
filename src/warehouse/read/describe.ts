/** What a warehouse or a copy says of its own tables. */
import { statement } from '../engine/statements.ts';
import type { WarehouseFile } from '../warehouse-file.ts';
import { TABLE_KEYS } from './table-keys.ts';

export interface DescribedColumn {
  readonly name: string;
  /** DuckDB's, `TIMESTAMPTZ` by its short name. */
  readonly type: string;
  readonly comment: string | null;
  readonly isKey: boolean;
}

export interface DescribedTable {
  /** `main`, `marts` or `sync`. */
  readonly schema: string;
  readonly name: string;
  /** A copy holds marts of a day as tables. */
  readonly kind: 'table' | 'view';
  readonly comment: string | null;
  /** Columns in which no two rows agree; none: one row, or rows that may be alike. */
  readonly key: readonly string[];
  /** In their order. */
  readonly columns: readonly DescribedColumn[];
}

export const fullName = ({ schema, name }: Pick<DescribedTable, 'schema' | 'name'>): string =>
  `${schema}.${name}`;

/** By schema and name. */
export async function describeTables(
  warehouse: Pick<WarehouseFile, 'query'>,
): Promise<readonly DescribedTable[]> {
  const { rows } = await warehouse.query(statement('state/describe_tables'));
  const text = (value: unknown): string | null => (value === null ? null : String(value));
  const tables = new Map<string, DescribedTable & { readonly columns: DescribedColumn[] }>();
  for (const [schema, name, kind, comment, column, type, columnComment] of rows) {
    const names = { schema: String(schema), name: String(name) };
    const key = TABLE_KEYS[fullName(names)] ?? [];
    const table = tables.get(fullName(names)) ?? {
      ...names,
      kind: kind === 'view' ? 'view' : 'table',
      comment: text(comment),
      key,
      columns: [],
    };
    tables.set(fullName(names), table);
    table.columns.push({
      name: String(column),
      type: String(type).replace('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ'),
      comment: text(columnComment),
      isKey: key.includes(String(column)),
    });
  }
  return [...tables.values()];
}
