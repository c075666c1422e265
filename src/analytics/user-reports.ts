/** Reports of the person's own: the `.sql` files of REPORTS_DIR. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { SettingsError, TerminalError } from '../errors.ts';
import { countStatements } from '../warehouse/engine/engine.ts';
import { knownParameters, REPORT_PARAMETERS, type Report, TOP_DEFAULT } from './report-definition.ts';
import { descriptionOf, parametersIn } from './report-sql.ts';
import { REPORTS, reportKey } from './reports.ts';

export interface OwnReports {
  readonly reports: readonly Report[];
  /** Files that are not used, and why: for people. */
  readonly notes: readonly string[];
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const BYTES_MAX = 1_000_000;

/**
 * What is in the folder, by name. Files are only ever taken from its list: no name a person gives becomes part of a path.
 *
 * @throws {SettingsError} when the folder cannot be read.
 */
export function readOwnReports(dir: string): OwnReports {
  const reports: Report[] = [];
  const notes: string[] = [];
  const folder = attempt(dir, () => realpathSync(dir));
  for (const entry of attempt(dir, () => readdirSync(folder)).sort()) {
    if (!entry.endsWith('.sql') || entry.startsWith('.')) continue;
    const file = join(dir, entry);
    const name = entry.slice(0, -'.sql'.length);
    const why = whyUnused(folder, entry, name, reports);
    if (why !== null) notes.push(`${file} (REPORTS_DIR) ${why}`);
    else reports.push(reportOf(file, name, readFileSync(join(folder, entry), 'utf8')));
  }
  return { reports, notes };
}

function attempt<T>(dir: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new SettingsError(`REPORTS_DIR ${dir} cannot be read (${code}): set it to a folder of .sql files`, {
      cause: error,
    });
  }
}

function whyUnused(folder: string, entry: string, name: string, known: readonly Report[]): string | null {
  if (!NAME.test(name))
    return 'is not used: a report’s name is letters, digits, - and _, 64 at the most; rename it';
  const alike = (report: Report): boolean => reportKey(report.name) === reportKey(name);
  if (REPORTS.some(alike)) return 'is not used: a report of that name comes with the program; rename it';
  if (known.some(alike)) return 'is not used: another file has that name but for - and _; rename it';
  try {
    const path = realpathSync(join(folder, entry));
    if (relative(folder, path).split(sep)[0] === '..') return 'is not used: it links to a file outside of it';
    const { size, isFile } = ((stat) => ({ size: stat.size, isFile: stat.isFile() }))(statSync(path));
    if (!isFile) return 'is not used: it is no file';
    return size > BYTES_MAX ? 'is not used: it is larger than 1 MB' : null;
  } catch (error) {
    return `cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`;
  }
}

function reportOf(file: string, name: string, text: string): Report {
  const sql = text.replace(/^\uFEFF/, '');
  return {
    name,
    title: name.replaceAll(/[-_]/g, ' '),
    groupedTitle: name.replaceAll(/[-_]/g, ' '),
    description: descriptionOf(sql),
    sql,
    file,
    parameters: knownParameters(parametersIn(sql)),
    by: [],
    // `$by` is one text; what it chooses and groups is for its SQL to say.
    groupsMax: 1,
    byColumns: null,
    byOwn: [],
    takesTime: true,
    takesWhere: false,
    top: TOP_DEFAULT,
    period: 'days',
    reach: 'period',
    beside: null,
    isOfMessages: false,
    columns: null,
    bar: null,
    minor: [],
  };
}

/** @throws {TerminalError} naming the file, for SQL that cannot be a report. */
export async function checkOwn(report: Report): Promise<void> {
  if (report.file === null) return;
  const unknown = parametersIn(report.sql).filter(
    (name) => !REPORT_PARAMETERS.some((known) => known === name),
  );
  const cannot = `the report ${report.name} (${report.file}) cannot be run:`;
  if (unknown.length > 0) {
    throw new TerminalError(
      `${cannot} it asks for ${unknown.map((name) => `$${name}`).join(', ')}; reports have ${REPORT_PARAMETERS.map((name) => `$${name}`).join(', ')}`,
    );
  }
  const count = await countStatements(report.sql);
  if (count !== null && count !== 1) {
    throw new TerminalError(`${cannot} it holds ${count} statements; a report is one`);
  }
}
