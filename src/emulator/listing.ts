/** Which rows a page shows: the decision a list call comes down to, without HTTP. */
import type { RowFilter } from './columns.ts';
import type { Dice } from './random.ts';
import type { RowRef, RowStore, Run } from './store.ts';

/** The cursor of a server that goes on inside a second. */
export interface Cursor {
  readonly second: number;
  readonly id: string;
}

export interface Selection {
  readonly order: 'desc' | 'asc';
  /** Both ends included; where the walk may go. */
  readonly fromSecond: number;
  readonly toSecond: number;
  /** Only rows behind this one; null: all. Its second must be the first one of the range in the order of the walk. */
  readonly behind: Cursor | null;
  readonly filter: RowFilter;
  readonly pageSize: number;
  readonly ties: 'shuffled' | 'id' | 'id-mirrored';
  readonly isVisible: (row: RowRef) => boolean;
}

export interface Selected {
  readonly rows: readonly RowRef[];
  /** Whether rows are left behind the page, those of its cut second included. */
  readonly more: boolean;
}

/** First place of a run whose `created` is above `second`. */
function placeAbove(run: Run, second: number): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (run.createdAt(middle) > second) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Goes through one run second by second, in the order of the walk. */
interface Pointer {
  readonly run: Run;
  place: number;
}

/** @returns up to `pageSize` rows, whole seconds in order, the last second cut where the page is full. */
export function selectPage(store: RowStore, selection: Selection, roll: Dice): Selected {
  const { order, fromSecond, toSecond, pageSize } = selection;
  const step = order === 'desc' ? -1 : 1;
  const pointers: Pointer[] = store.runs(selection.filter).map((run) => ({
    run,
    place: order === 'desc' ? placeAbove(run, toSecond) - 1 : placeAbove(run, fromSecond - 1),
  }));
  const rows: RowRef[] = [];
  while (rows.length <= pageSize) {
    const second = nextSecond(pointers, step);
    if (second === null || second < fromSecond || second > toSecond) break;
    const group: RowRef[] = [];
    for (const pointer of pointers) takeSecond(store, pointer, second, step, selection, group);
    orderTies(store, group, pageSize + 1 - rows.length, selection, roll);
    for (const row of group) {
      rows.push(row);
      if (rows.length > pageSize) break;
    }
  }
  const more = rows.length > pageSize;
  if (more) rows.length = pageSize;
  return { rows, more };
}

function nextSecond(pointers: readonly Pointer[], step: number): number | null {
  let nearest: number | null = null;
  for (const { run, place } of pointers) {
    if (place < 0 || place >= run.length) continue;
    const second = run.createdAt(place);
    if (nearest === null || (step < 0 ? second > nearest : second < nearest)) nearest = second;
  }
  return nearest;
}

function takeSecond(
  store: RowStore,
  pointer: Pointer,
  second: number,
  step: number,
  { behind, ties, order, isVisible }: Selection,
  group: RowRef[],
): void {
  const { run } = pointer;
  while (pointer.place >= 0 && pointer.place < run.length && run.createdAt(pointer.place) === second) {
    const row = run.at(pointer.place);
    pointer.place += step;
    if (store.isDeleted(row) || !isVisible(row)) continue;
    if (behind?.second === second) {
      const id = store.idOf(row);
      const isBehind = ties === 'id-mirrored' && order === 'desc' ? id < behind.id : id > behind.id;
      if (!isBehind) continue;
    }
    group.push(row);
  }
}

/** Puts the rows of one second in order; of a shuffled second only the first `wanted` places are drawn. */
function orderTies(store: RowStore, group: RowRef[], wanted: number, selection: Selection, roll: Dice): void {
  if (group.length < 2) return;
  if (selection.ties === 'shuffled') {
    for (let place = 0; place < Math.min(wanted, group.length - 1); place++) {
      const other = place + Math.floor(roll() * (group.length - place));
      const row = group[place] as RowRef;
      group[place] = group[other] as RowRef;
      group[other] = row;
    }
    return;
  }
  const sign = selection.ties === 'id-mirrored' && selection.order === 'desc' ? -1 : 1;
  const byId = group.map((row) => ({ row, id: store.idOf(row) }));
  byId.sort((a, b) => (a.id < b.id ? -sign : sign));
  byId.forEach(({ row }, place) => {
    group[place] = row;
  });
}

/** Rows of a filter that can be seen, for servers that report a `total`. */
export function countRows(store: RowStore, selection: Selection, countEach: boolean): number {
  let total = 0;
  for (const run of store.runs(selection.filter)) {
    const first = placeAbove(run, selection.fromSecond - 1);
    const end = placeAbove(run, selection.toSecond);
    if (!countEach && run.length > 0 && typeof run.at(0) === 'number') total += end - first;
    else {
      for (let place = first; place < end; place++) {
        const row = run.at(place);
        if (!store.isDeleted(row) && selection.isVisible(row)) total++;
      }
    }
  }
  return total;
}
