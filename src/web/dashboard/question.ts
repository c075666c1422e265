/** One question to an open file: SQL of sql/dashboard, over the relations of the reports that it reads (`usage_by`, …). */
import { type Field, tagOf } from '../../analytics/report-fields.ts';
import { withRelations } from '../../analytics/report-relations.ts';
import { parametersIn } from '../../analytics/report-sql.ts';
import { type Condition, choicesOf } from '../../analytics/report-where.ts';
import type { SqlParameters, SqlRow } from '../../warehouse/engine/session.ts';
import { statement } from '../../warehouse/engine/statements.ts';
import type { WarehouseFile } from '../../warehouse/warehouse-file.ts';
import type { GroupBy } from './filters.ts';

export interface Question {
  readonly by?: Field | null;
  /** Completions that are chosen; none: all. */
  readonly where?: readonly Condition[];
  /** By name; those that the SQL does not have are left out. */
  readonly parameters?: SqlParameters;
}

/** @param name file of sql/dashboard. */
export async function rowsOf(
  connection: Pick<WarehouseFile, 'query'>,
  name: string,
  { by = null, where = [], parameters = {} }: Question = {},
): Promise<readonly SqlRow[]> {
  const bound = withRelations(statement(`dashboard/${name}`), {
    groups: by === null ? [] : [by],
    where: choicesOf(where),
  });
  const given: SqlParameters = { ...bound.parameters, ...parameters };
  // The engine refuses a value for a parameter that the statement does not have.
  const names = parametersIn(bound.sql).filter((one) => one in given);
  const { columns, rows } = await connection.query(
    bound.sql,
    names.length === 0 ? undefined : Object.fromEntries(names.map((one) => [one, given[one] ?? null])),
  );
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null])),
  );
}

/** @param key null: nothing carries metadata, and the groups are the models. */
export function groupedBy(by: GroupBy, key: string | null): Field {
  if (by !== 'metadata') return { kind: 'column', name: by };
  return key === null ? { kind: 'column', name: 'model' } : tagOf(key);
}
