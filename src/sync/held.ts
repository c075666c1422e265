/** How many rows are held where, of a stretch that is read again: how long that will take is then no guess. Pure. */
import { type HeldRow, type UnixSeconds, unixSeconds } from './ports.ts';

export class HeldRows {
  /** Ascending. */
  readonly #seconds: readonly UnixSeconds[];
  /** Rows of the first so many. */
  readonly #sums: readonly number[];

  constructor(held: readonly HeldRow[]) {
    const ascending = held.toSorted((a, b) => a.createdAt - b.createdAt);
    this.#seconds = ascending.map(({ createdAt }) => createdAt);
    let sum = 0;
    this.#sums = [0, ...ascending.map(({ rows }) => (sum += rows))];
  }

  /** Rows from a second up to one before another, nearly. */
  rowsBetween(from: number, to: number): number {
    return Math.max(0, this.#sumBefore(to) - this.#sumBefore(from));
  }

  /** The second down to which there are so many rows below another one; the oldest one where there are not. */
  secondBelow(second: number, rows: number): UnixSeconds {
    const wanted = this.#sumBefore(second) - rows;
    const place = lowestFrom(this.#sums, (sum) => sum >= wanted);
    return this.#seconds[Math.min(place, this.#seconds.length - 1)] ?? unixSeconds(0);
  }

  #sumBefore(second: number): number {
    return this.#sums[lowestFrom(this.#seconds, (one) => one >= second)] ?? 0;
  }
}

/** The first place whose value passes, as all after it do; the length where none does. */
function lowestFrom(values: readonly number[], passes: (value: number) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (passes(values[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
