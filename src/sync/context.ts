import type { Beginning } from './end.ts';
import type { Loader } from './loader.ts';
import type { CompletionSource, Page, PageRequest, UnixSeconds, Warehouse } from './ports.ts';
import type { Foresee } from './read-ahead.ts';
import type { ServerTraits } from './traits.ts';

/** What a walker fills pieces with; all but the pages on their way and the progress is shared by those of a run. */
export interface FillContext {
  readonly source: CompletionSource;
  /** What coverage is kept under. */
  readonly scope: string;
  readonly warehouse: Warehouse;
  readonly loader: Loader;
  readonly traits: ServerTraits;
  readonly beginning: Beginning;
  /** The run's start. */
  readonly now: UnixSeconds;
  readonly pageSize: number;
  /** What a page of long rows is kept to. */
  readonly pageBytes: number;
  readonly signal: AbortSignal;
  /** The present, by whichever clock is further on: rows have expired up to it less the retention. */
  present(): UnixSeconds;
  /** Youngest second that may be marked as covered. */
  settledUntil(): UnixSeconds;
  /** Fetches a page and gathers its items for the next commit. @param foresee the page to be on its way meanwhile. */
  fetchPage(request: PageRequest, foresee?: Foresee): Promise<Page>;
  /** Nothing is listed and nothing ever was: no second is marked, and none that is kept counts as unproven. */
  noteEmptyList(): void;
  noteOldestServed(second: UnixSeconds): void;
  /** @param reached the walk has dealt with its piece down to this second. */
  onProgress(reached: UnixSeconds): void;
}
