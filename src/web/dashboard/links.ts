/** Where the names and bars of the page lead: the same page with one more filter, a page of one completion, a CSV. Pure. */
import type { Field } from '../../analytics/report-fields.ts';
import type { Condition } from '../../analytics/report-where.ts';
import { equal, withCondition } from './conditions.ts';
import type { Group } from './data.ts';
import { addDays } from './days.ts';
import { addressOf, type Filters, queryOf } from './filters.ts';
import { nextBucket, type Period } from './period.ts';
import type { TableName } from './tables.ts';

/** The same page, of what has this value alone. */
export function chosenAddress(filters: Filters, condition: Condition): string {
  const { field, value } = condition;
  // A source has a place of its own among the filters.
  if (field.kind === 'column' && field.name === 'source') return addressOf({ ...filters, source: value });
  return addressOf({ ...filters, where: withCondition(filters.where, condition) });
}

/** null: the rest of a breakdown has no one value. */
export function groupAddress(filters: Filters, field: Field, group: Group): string | null {
  if (group.kind === 'other') return null;
  return chosenAddress(filters, equal(field, group.kind === 'named' ? group.name : null));
}

/** The same page, of the days of one bar. */
export function bucketAddress(filters: Filters, { since, until, grain }: Period, startsOn: string): string {
  const first = startsOn < since ? since : startsOn;
  const end = nextBucket(startsOn, grain);
  return addressOf({ ...filters, range: null, since: first, last: addDays(end < until ? end : until, -1) });
}

/** In the query, as an id may hold anything: `completion?id=chatcmpl-1&source=openai`. */
export const completionAddress = (id: string, source: string): string =>
  `completion?${new URLSearchParams({ id, source })}`;

export function csvAddress(name: TableName, filters: Filters): string {
  const query = queryOf(filters);
  return `csv/${name}${query === '' ? '' : `?${query}`}`;
}
