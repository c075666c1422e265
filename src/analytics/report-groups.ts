/** The columns and cells of what a report is grouped by, and whether it takes what is asked. Pure. */
import { SettingsError } from '../errors.ts';
import type { SqlValue } from '../warehouse/engine/values.ts';
import { columnOf, type ReportColumn } from './report-columns.ts';
import type { Report } from './report-definition.ts';
import { type Field, fieldText, fieldTitle } from './report-fields.ts';

/** @throws {SettingsError} for more groups than the report has room for, or for one it has a column of anyway. */
export function checkRoom(report: Report, by: readonly string[]): void {
  if (by.length > report.groupsMax) {
    const most = report.groupsMax === 1 ? 'one --by' : `${report.groupsMax} --by at the most`;
    throw new SettingsError(`the report ${report.name} takes ${most}, not ${by.join(', ')}`);
  }
  const own = by.find((text) => report.byOwn.includes(text));
  if (own !== undefined) {
    throw new SettingsError(`the report ${report.name} tells ${own} apart as it is: leave --by ${own} out`);
  }
}

/** Columns in their order, `grp` replaced by those of the groups; a time has its mark. */
export function columnsOf(
  report: Report,
  groups: readonly Field[],
  isAsked: boolean,
): readonly ReportColumn[] | null {
  if (report.columns === null) return null;
  const names = isAsked ? null : report.byColumns;
  const given = groupNames(report, groups, isAsked);
  const shown = groups.map((field, place) => {
    const name = given[place] ?? '';
    const column = columnOf(name, names?.[name] ?? 'text');
    return names === null ? { ...column, title: fieldTitle(field) } : column;
  });
  // The columns of a report as it is have had their names longer than groups have had kinds; times are never (others).
  const kinds =
    names === null &&
    report.columns.some(({ kind }) => kind === 'group') &&
    groups.some(({ kind }) => kind !== 'time')
      ? groups.map((_, place) => columnOf(kindName(place), 'kind'))
      : [];
  const isMarked =
    groups.some(({ kind }) => kind === 'time') && report.columns.some(({ kind }) => kind === 'group');
  const hasMark = report.columns.some(({ name }) => name === 'state');
  return [
    ...report.columns.flatMap((column) => (column.kind === 'group' ? shown : [column])),
    ...(isMarked && !hasMark ? [columnOf('state', 'mark')] : []),
    ...kinds,
  ];
}

const kindName = (place: number): string => (place === 0 ? 'group_kind' : 'group_kind_2');

function groupNames(report: Report, groups: readonly Field[], isAsked: boolean): readonly string[] {
  if (!isAsked && report.byColumns !== null) return Object.keys(report.byColumns);
  return groups.map((_, place) => (place === 0 ? 'group_name' : 'group_name_2'));
}

/** The cells that `grp` holds, by the names of their columns. */
export function groupCells(
  report: Report,
  groups: readonly Field[],
  isAsked: boolean,
  grp: SqlValue,
): Readonly<Record<string, SqlValue>> {
  if (grp === null || typeof grp !== 'object' || Array.isArray(grp)) return {};
  const { name, name_2, kind, kind_2, state } = grp as Readonly<Record<string, SqlValue>>;
  const [first = 'group_name', second = 'group_name_2'] = groupNames(report, groups, isAsked);
  return {
    [first]: name ?? null,
    [second]: name_2 ?? null,
    [kindName(0)]: kind ?? null,
    [kindName(1)]: kind_2 ?? null,
    state: state ?? null,
  };
}

export const byTexts = (groups: readonly Field[]): readonly string[] => groups.map(fieldText);
