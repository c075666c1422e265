import { TransientError } from '../../errors.ts';
import { engineErrorKind, shownMessage, translated } from '../engine/engine-error.ts';
import type { SqlParameters, Statements } from '../engine/session.ts';
import type { PlainUnit, Unit } from './prepare.ts';
import type { RejectedRow, StagedRows } from './rows.ts';

/**
 * A batch into the temporary staging tables: the text of plain completions as it came, for the engine to take apart; all else as
 * rows, one JSON object a line, one statement a table.
 *
 * All reading and casting happens here, before the transaction that writes the file, so a value the engine refuses fails here
 * and can be found by halving the batch. What it refuses of a plain completion is taken apart by us, and only then rejected.
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

/** Text of a statement is copied some 5 times on its way into the staging table. */
const PLAIN_BYTES_MAX = 4 * 1024 * 1024;
/** Stands between two JSON texts: no JSON text can hold this character. */
const SEPARATOR = Buffer.from([30]);

/** @returns the plain completions that the engine refuses; all others are staged. */
export async function stagePlain(
  statements: Statements,
  plain: readonly PlainUnit[],
  values: StageValues,
): Promise<readonly PlainUnit[]> {
  const refused: PlainUnit[] = [];
  for (const group of groupsByLength(plain, (unit) => unit.raw.length, PLAIN_BYTES_MAX)) {
    refused.push(...(await stagePlainGroup(statements, group, values)));
  }
  return refused;
}

async function stagePlainGroup(
  statements: Statements,
  group: readonly PlainUnit[],
  values: StageValues,
): Promise<readonly PlainUnit[]> {
  try {
    await statements.runUntranslated('load/stage_plain', {
      source: values.source,
      run_id: values.runId,
      now_ms: values.nowMs,
      raws: Buffer.concat(group.flatMap(({ raw }, place) => (place === 0 ? [raw] : [SEPARATOR, raw]))),
      hashes: group.map(({ rawHash }) => rawHash).join(' '),
      seconds: group.map(({ created }) => created).join(' '),
      observed_ms: group.map(({ observedAtMs }) => observedAtMs).join(' '),
    });
    return [];
  } catch (error) {
    if (engineErrorKind(error) !== 'content') throw translated(error, 'load/stage_plain');
    if (group.length === 1) return group;
    const middle = Math.ceil(group.length / 2);
    return [
      ...(await stagePlainGroup(statements, group.slice(0, middle), values)),
      ...(await stagePlainGroup(statements, group.slice(middle), values)),
    ];
  }
}

/** @returns rows of sync.rejected for the units that the engine refused; all others are staged. */
export async function stageUnits(
  statements: Statements,
  units: readonly Unit[],
  values: StageValues,
): Promise<readonly RejectedRow[]> {
  const rejected: RejectedRow[] = [];
  for (const group of groupsByLength(units, (unit) => unit.length, STATEMENT_LENGTH_MAX))
    rejected.push(...(await stageGroup(statements, group, values)));
  return rejected;
}

/** Consecutive units of up to a length together; a longer one alone. */
function groupsByLength<T>(
  units: readonly T[],
  lengthOf: (unit: T) => number,
  lengthMax: number,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    if (length + lengthOf(unit) > lengthMax) {
      groups.push([]);
      length = 0;
    }
    groups.at(-1)?.push(unit);
    length += lengthOf(unit);
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
