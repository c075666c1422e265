/** Budgets of a month as people write them down, in CSV. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SettingsError } from '../errors.ts';
import { type CsvRow, parseCsv } from './csv.ts';
import { type Condition, conditionText, nameIn, parseWhere } from './report-where.ts';

/** A budget of every month from one to another. */
export interface Budget {
  /** Whose it is, as `--where` has it: `metadata.team=search`. */
  readonly name: string;
  readonly condition: Condition;
  readonly monthlyUsd: number;
  /** First month it holds for, yyyy-mm; null: it always did. */
  readonly from: string | null;
  /** First month it does not hold for any more; null: no end is known. */
  readonly to: string | null;
  /** Of one month alone, which wins over one of many. */
  readonly isOfMonth: boolean;
}

/** What is wrong with a file, where; goes on from the file's name. */
class BudgetFileError extends Error {}

const REQUIRED = ['group', 'monthly_usd'] as const;
const COLUMNS = [...REQUIRED, 'month', 'valid_from', 'valid_to'] as const;

/** For people without a file. */
export const BUDGETS_FORM = `a CSV with the columns ${REQUIRED.join(', ')} and, as you like, month or valid_from, valid_to`;

const month = z
  .string()
  .regex(
    /^(\d{4}-(0[1-9]|1[0-2])(-01)?)?$/,
    'must be a month as yyyy-mm, or its first day, as a budget is of whole months; or empty',
  )
  .transform((text) => (text === '' ? null : text.slice(0, 7)));

const budgetRow = z.object({
  group: z.string().min(1, 'must not be empty: say metadata.team=search, model=gpt-5 or source=prod'),
  monthly_usd: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be US dollars with at most six decimals, such as 250')
    .transform(Number)
    .refine((usd) => usd > 0, 'must be above 0'),
  month: month.default(null),
  valid_from: month.default(null),
  valid_to: month.default(null),
});

interface LinedBudget extends Budget {
  readonly line: number;
}

/** @throws {BudgetFileError} for the first thing that is wrong, with line and column. */
export function readBudgets(text: string): readonly Budget[] {
  const { columns, rows } = parseCsv(text);
  const missing = REQUIRED.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new BudgetFileError(`line 1 lacks the column ${missing.join(', ')}: it is ${BUDGETS_FORM}`);
  }
  const unknown = columns.find((column) => !COLUMNS.some((known) => known === column) && column !== 'note');
  if (unknown !== undefined) {
    throw new BudgetFileError(`line 1 has a column ${unknown}: there are ${COLUMNS.join(', ')} and note`);
  }
  const budgets = rows.map(budgetOf);
  for (const [place, budget] of budgets.entries()) {
    const other = budgets.slice(0, place).find((one) => overlap(one, budget));
    if (other === undefined) continue;
    throw new BudgetFileError(
      `lines ${other.line} and ${budget.line} give ${budget.name} two budgets for the same month: ` +
        'end the first one with valid_to (that month excluded) where the second one begins',
    );
  }
  return budgets.map(({ line: _, ...budget }) => budget);
}

function budgetOf(row: CsvRow): LinedBudget {
  const { line, fields } = row;
  if ('+' in fields) throw new BudgetFileError(`line ${line} has more fields than the header`);
  const parsed = budgetRow.safeParse(fields);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BudgetFileError(
      `line ${line}: ${String(issue?.path[0] ?? 'it')} ${issue?.message ?? 'is wrong'}`,
    );
  }
  const { group, monthly_usd, month: only, valid_from, valid_to } = parsed.data;
  if (only !== null && (valid_from ?? valid_to) !== null) {
    throw new BudgetFileError(
      `line ${line}: month stands for valid_from and valid_to: leave one of them empty`,
    );
  }
  if (valid_from !== null && valid_to !== null && valid_from >= valid_to) {
    throw new BudgetFileError(
      `line ${line}: valid_to must be a later month than valid_from, as it is excluded`,
    );
  }
  const condition = conditionOf(line, group);
  return {
    line,
    name: conditionText(condition),
    condition,
    monthlyUsd: monthly_usd,
    from: only ?? valid_from,
    to: only === null ? valid_to : after(only),
    isOfMonth: only !== null,
  };
}

function conditionOf(line: number, group: string): Condition {
  let condition: Condition;
  try {
    condition = parseWhere(group, () => false);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    // Which keys are in use is not known here, so a key alone is not taken.
    const said = error.message
      .replace(/^--where /, '')
      .replace(
        /, or a metadata key alone \(.*?\)/,
        `; a metadata key is named like metadata.${nameIn(group)}`,
      );
    throw new BudgetFileError(`line ${line}: group ${said}`, { cause: error });
  }
  if (condition.operator === '=') return condition;
  throw new BudgetFileError(
    `line ${line}: group ${group}: a budget is of what is so (=), not of what is not`,
  );
}

const after = (text: string): string => {
  const [year = 0, number = 0] = text.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
};

const overlap = (one: Budget, other: Budget): boolean =>
  one.name === other.name &&
  one.isOfMonth === other.isOfMonth &&
  (one.to === null || one.to > (other.from ?? '')) &&
  (other.to === null || other.to > (one.from ?? ''));

/** The budgets that hold for a month (yyyy-mm), one of each group. Pure. */
export function budgetsOf(budgets: readonly Budget[], monthAsked: string): readonly Budget[] {
  const held = budgets.filter(
    ({ from, to }) => (from === null || from <= monthAsked) && (to === null || to > monthAsked),
  );
  return held.filter(
    ({ name, isOfMonth }) => isOfMonth || !held.some((one) => one.isOfMonth && one.name === name),
  );
}

/** @throws {SettingsError} naming the file, when it cannot be read or a line of it is wrong. */
export function readBudgetsFile(file: string): readonly Budget[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new SettingsError(`BUDGETS_FILE ${file} cannot be read (${code})`, { cause: error });
  }
  try {
    return readBudgets(text);
  } catch (error) {
    if (!(error instanceof BudgetFileError)) throw error;
    throw new SettingsError(`BUDGETS_FILE ${file}: ${error.message}`, { cause: error });
  }
}
