/** The reports this program brings, by name. Their SQL is in sql/reports, a file each. Pure. */
import type { Report } from './report-definition.ts';
import { ANSWER_REPORTS } from './reports-answers.ts';
import { QUALITY_REPORTS } from './reports-quality.ts';
import { QUESTION_REPORTS } from './reports-questions.ts';
import { TIME_REPORTS } from './reports-time.ts';
import { USAGE_REPORTS } from './reports-usage.ts';

/** In the order of `report --list`. */
export const REPORTS: readonly Report[] = [
  ...USAGE_REPORTS,
  ...ANSWER_REPORTS,
  ...QUALITY_REPORTS,
  ...TIME_REPORTS,
  ...QUESTION_REPORTS,
];

/** `top_spenders` and `top-spenders` are one name. */
export const reportKey = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** One that comes with the program. @throws {Error} for a name there is not: a slip in our own code. */
export function builtIn(name: string): Report {
  const found = REPORTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no report ${name}`);
  return found;
}
