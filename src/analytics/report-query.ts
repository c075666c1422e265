/** Asks a warehouse with the parameters that a statement has. */
import type { QueryResult, SqlParameters } from '../warehouse/engine/session.ts';
import type { SqlValue } from '../warehouse/engine/values.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import { parametersIn } from './report-sql.ts';

export type Reader = Pick<WarehouseFile, 'query'>;

export type ReportRow = Readonly<Record<string, SqlValue>>;

/** DuckDB refuses a value for a parameter that the statement does not have. */
export function queried(warehouse: Reader, sql: string, values: SqlParameters): Promise<QueryResult> {
  const names = parametersIn(sql).filter((name) => name in values);
  return names.length === 0
    ? warehouse.query(sql)
    : warehouse.query(sql, Object.fromEntries(names.map((name) => [name, values[name] ?? null])));
}

/** Its rows, each by the names of its columns. */
export async function objects(
  warehouse: Reader,
  sql: string,
  parameters: SqlParameters = {},
): Promise<readonly ReportRow[]> {
  const { columns, rows } = await queried(warehouse, sql, parameters);
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
}
