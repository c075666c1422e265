/** How many rows a page is asked for, when pages of the full size cannot be read. */
import { ReplyTooLargeError } from '../errors.ts';
import type { Page } from './ports.ts';

/**
 * A page that fails may only be too heavy, with answers of megabytes. Then smaller ones are asked for: twenty of them at first, and
 * ten times as many after each further failure, as one costs all the retries there are. Two rows are the fewest that a tie-safe
 * walk gets on with.
 */
const FEWEST = 2;
const SMALL_PAGE_SIZES = [10, 4, FEWEST];
const SMALL_PAGES_FIRST = 20;
/** Pages of long rows are kept to this, all walkers' together: two of each are in memory at a time, and a batch. */
export const PAGE_BYTES = 16 * 1024 * 1024;

export class PageSizes {
  readonly #full: number;
  readonly #pageBytes: number;
  /** Number of the size in use, 0 for the full one. */
  #step = 0;
  #pagesLeft = 0;
  #pagesNext = SMALL_PAGES_FIRST;
  /** Rows like those of the last page that come to so many bytes. */
  #rowsByWeight = Number.POSITIVE_INFINITY;

  /**
   * @param pageBytes that a page of long rows is kept to.
   * @param rowBytes of a row, as other walkers have met them; null: none has.
   */
  constructor(full: number, pageBytes: number, rowBytes: number | null) {
    this.#full = full;
    this.#pageBytes = pageBytes;
    if (rowBytes !== null) this.#weigh(rowBytes);
  }

  /** Rows to ask for now. */
  get now(): number {
    return this.#sizeAt(this.#pagesLeft);
  }

  /** Rows to ask for after a page that could be read. */
  get next(): number {
    return this.#sizeAt(this.#pagesLeft - 1);
  }

  noteRead({ items }: Page): void {
    const rowBytes = bytesARow(items);
    if (rowBytes !== null) this.#weigh(rowBytes);
    this.#pagesLeft = Math.max(0, this.#pagesLeft - 1);
    if (this.#pagesLeft === 0) this.#step = 0;
  }

  /** @returns false when there is no smaller size to try. */
  shrink(error: Error): boolean {
    // A reply that is too large is seen at once, any other failure takes minutes of retries.
    const steps = error instanceof ReplyTooLargeError ? SMALL_PAGE_SIZES.length : 1;
    if (this.#step >= steps) return false;
    if (this.#step === 0) {
      this.#pagesLeft = this.#pagesNext;
      this.#pagesNext *= 10;
    }
    this.#step += 1;
    return true;
  }

  #weigh(rowBytes: number): void {
    this.#rowsByWeight = Math.max(FEWEST, Math.floor(this.#pageBytes / Math.max(1, rowBytes)));
  }

  #sizeAt(pagesLeft: number): number {
    const size = pagesLeft > 0 ? (SMALL_PAGE_SIZES[this.#step - 1] ?? this.#full) : this.#full;
    return Math.min(this.#full, size, this.#rowsByWeight);
  }
}

/** null: there is none. */
export const bytesARow = (items: Page['items']): number | null =>
  items.length === 0 ? null : items.reduce((sum, { raw }) => sum + raw.length, 0) / items.length;
