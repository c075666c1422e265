import { TransientError } from '../../errors.ts';
import { engineErrorKind, shownMessage, translated } from '../engine/engine-error.ts';
import type { SqlParameters, Statements } from '../engine/session.ts';
import type { Unit } from './prepare.ts';
import type { RejectedRow, StagedRows } from './rows.ts';

/**
 * Rows into the temporary staging tables, one JSON object a line, one statement a table.
 *
 * As fast as the appender (some 150,000 rows/s) and without blocking the event loop. All casts happen here, before the
 * transaction that writes the file, so a value the engine refuses fails here and can be found by halving the batch.
 */

/** JSON text of a statement is some 3 times this, and parsing it takes some 10 times: 4 Mi cost 40 MB of memory more. */
const STATEMENT_LENGTH_MAX = 1024 * 1024;

const TABLES = ['completions', 'usage', 'choices', 'tool_calls', 'metadata', 'messages'] as const;

/** What every staged row gets: parameters of the staging statements. */
export interface StageValues {
  readonly source: string;
  readonly runId: string;
  readonly nowMs: number;
}

/** What the staging statements read: JSON.stringify writes no line break. */
export const jsonLines = (rows: readonly object[]): string =>
  rows.map((row) => JSON.stringify(row)).join('\n');

/** @returns rows of sync.rejected for the units that the engine refused; all others are staged. */
export async function stageUnits(
  statements: Statements,
  units: readonly Unit[],
  values: StageValues,
): Promise<readonly RejectedRow[]> {
  const rejected: RejectedRow[] = [];
  for (const group of groupsByLength(units)) rejected.push(...(await stageGroup(statements, group, values)));
  return rejected;
}

/** Consecutive units of up to 1 Mi characters together; a longer one alone. */
function groupsByLength(units: readonly Unit[]): readonly (readonly Unit[])[] {
  const groups: Unit[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    if (length + unit.length > STATEMENT_LENGTH_MAX) {
      groups.push([]);
      length = 0;
    }
    groups.at(-1)?.push(unit);
    length += unit.length;
  }
  return groups;
}

/** A refused group is halved until the refused units stand alone. */
async function stageGroup(
  statements: Statements,
  group: readonly Unit[],
  values: StageValues,
): Promise<readonly RejectedRow[]> {
  const refusal = await tryStage(statements, group, values);
  if (refusal === null) return [];
  const [first] = group;
  if (group.length === 1 && first !== undefined) return [first.rejectedAs(refusal)];
  const middle = Math.ceil(group.length / 2);
  return [
    ...(await stageGroup(statements, group.slice(0, middle), values)),
    ...(await stageGroup(statements, group.slice(middle), values)),
  ];
}

/** @returns null when all rows are staged; else none is, and this is why. */
async function tryStage(
  statements: Statements,
  group: readonly Unit[],
  values: StageValues,
): Promise<string | null> {
  try {
    await statements.transaction(async () => {
      for (const table of TABLES) await stageTable(statements, group, table, values);
    });
    return null;
  } catch (error) {
    if (error instanceof RefusedContent) return error.message;
    throw error;
  }
}

/** The engine refused a value; the message holds none of it. Never leaves this file. */
class RefusedContent extends Error {}

async function stageTable(
  statements: Statements,
  group: readonly Unit[],
  table: keyof StagedRows,
  values: StageValues,
): Promise<void> {
  const rows = group.flatMap((unit): readonly object[] => unit.rows[table]);
  if (rows.length === 0) return;
  try {
    await statements.runUntranslated(`load/stage_${table}`, parametersOf(table, jsonLines(rows), values));
  } catch (error) {
    if (engineErrorKind(error) === 'content') {
      throw new RefusedContent(`the engine refuses a value for ${table}: ${shownMessage(error)}`);
    }
    // A text of more than 512 MiB characters: JSON.stringify cannot write it.
    if (error instanceof RangeError) throw new TransientError(`a batch is too long for ${table}`);
    throw translated(error, `load/stage_${table}`);
  }
}

/** DuckDB refuses parameters that a statement does not name. */
function parametersOf(table: keyof StagedRows, rows: string, values: StageValues): SqlParameters {
  const source = values.source;
  if (table !== 'completions') return { rows, source };
  return { rows, source, run_id: values.runId, now_ms: values.nowMs };
}
