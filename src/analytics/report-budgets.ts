/** Budgets as SQL: the list of them, and which of them a completion counts for. Pure. */
import type { Budget } from './budget-file.ts';
import type { Field } from './report-fields.ts';
import { choicesOf, conditionSql } from './report-where.ts';

interface Made {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string | number>>;
}

const nameParameter = (place: number): string => `budget_name_${place + 1}`;

/** A row a budget: `label` and `budget_usd`. What the person wrote is no part of the text. */
export function budgetList(budgets: readonly Budget[]): Made {
  const rows = budgets.map(
    (_, place) =>
      `select $${nameParameter(place)}::varchar as label, $budget_usd_${place + 1}::double as budget_usd`,
  );
  return {
    sql:
      rows.join('\nunion all\n') || 'select null::varchar as label, null::double as budget_usd where false',
    parameters: Object.fromEntries(
      budgets.flatMap(({ name, monthlyUsd }, place) => [
        [nameParameter(place), name],
        [`budget_usd_${place + 1}`, monthlyUsd],
      ]),
    ),
  };
}

/**
 * A list of what a completion counts for, as a mart has the names of groups (with a mark before them): each budget it is in, or '' for
 * none, and all.
 */
export function budgetsOfRow(budgets: readonly Budget[], sqlOf: (field: Field) => string): Made {
  const parameters: Record<string, string | number> = {};
  const tests = budgets.map(({ condition, name }, place) => {
    const test = conditionSql(choicesOf([condition]), sqlOf, `budget_where_${place + 1}`);
    Object.assign(parameters, test.parameters, { [nameParameter(place)]: name });
    return `case when ${test.sql} then '=' || $${nameParameter(place)}::varchar end`;
  });
  const within = tests.length === 0 ? "['']" : inOrNone(tests.join(', '));
  return { sql: `list_concat(${within}, ['(all)'])`, parameters };
}

const inOrNone = (tests: string): string =>
  `case when coalesce(${tests}) is null then [''] else [name for name in [${tests}] if name is not null] end`;
