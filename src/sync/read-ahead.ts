/** The next page is on its way while the last one is read. */
import type { CompletionSource, Page, PageRequest, PageTail } from './ports.ts';

/** What will be asked for next, as far as the end of a page tells; null: that is not known yet. */
export type Foresee = (tail: PageTail) => PageRequest | null;

/** A page on its way. */
class Fetching {
  readonly request: PageRequest;
  readonly page: Promise<Page>;
  #tail: PageTail | null = null;
  #onTail: ((tail: PageTail) => void) | null = null;

  constructor(request: PageRequest, source: CompletionSource, signal: AbortSignal) {
    this.request = request;
    this.page = source.fetchPage(request, signal, (tail) => {
      this.#tail = tail;
      this.#onTail?.(tail);
    });
    // One that is dropped may fail when it likes; one that is asked for is awaited as well.
    this.page.catch(() => {});
  }

  /** Calls back as soon as the page's end is known, at once when it is known already. */
  whenTail(onTail: (tail: PageTail) => void): void {
    this.#onTail = onTail;
    if (this.#tail !== null) onTail(this.#tail);
  }
}

/**
 * Fetches the pages of a walk: the one that is asked for, and ahead of that the one its end leads to. What was fetched ahead and
 * is not asked for is dropped. An error comes with the page that it belongs to.
 */
export class ReadAhead {
  readonly #source: CompletionSource;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #end = (): void => this.#ended.abort();
  #ahead: Fetching | null = null;

  /** @param signal of the run: it ends what is on its way as well. */
  constructor(source: CompletionSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
    signal.addEventListener('abort', this.#end, { once: true });
  }

  async fetch(request: PageRequest, foresee: Foresee | null): Promise<Page> {
    this.#signal.throwIfAborted();
    const ahead = this.#ahead;
    const isForeseen = ahead !== null && isSame(ahead.request, request);
    const asked = isForeseen ? ahead : this.#start(request);
    this.#ahead = null;
    asked.whenTail((tail) => {
      const next = foresee?.(tail) ?? null;
      if (next !== null && this.#ahead === null) this.#ahead = this.#start(next);
    });
    try {
      return await asked.page;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    }
  }

  /** Ends what is on its way. To be called when the run is over. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#end);
    this.#ended.abort();
  }

  #start(request: PageRequest): Fetching {
    return new Fetching(request, this.#source, this.#ended.signal);
  }
}

const isSame = (a: PageRequest, b: PageRequest): boolean =>
  a.after === b.after && a.order === b.order && a.pageSize === b.pageSize && a.filter === b.filter;
