/**
 * Gathers what pages bring and commits it by batch: rows, and the coverage they prove, in one transaction. A batch is loaded while
 * the walk goes on and the next one is gathered; never two at a time, so that each proves its seconds with all batches before it.
 */

import { union } from './coverage.ts';
import type {
  Checkpoint,
  Clock,
  CompletionId,
  Gap,
  Item,
  Message,
  Page,
  Reread,
  RunCounts,
  RunEnd,
  SecondRange,
  SourceCounts,
  UnixSeconds,
  Warehouse,
} from './ports.ts';
import { NO_COUNTS } from './ports.ts';

export interface LoaderOptions {
  readonly runId: string;
  readonly source: string;
  readonly scope: string;
  readonly batchRows: number;
  readonly batchSeconds: number;
  /** Asked at each commit; see {@link Reread}. */
  readonly reread: () => Omit<Reread, 'met'> | null;
  readonly onCommit: (commit: CommitReport) => void;
}

/** What one commit wrote, for metrics. */
export interface CommitReport {
  readonly rows: number;
  readonly elapsedMs: number;
}

/** Long answers must not make a batch of 10,000 rows a matter of gigabytes. */
const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * A quarter of a batch is loaded after a fifth of its time, where no other one is being loaded: a slow server's rows, while the next ones
 * are waited for.
 */
const EARLY_FULLNESS = 1 / 4;
const EARLY_AGE = 1 / 5;

interface Observed {
  readonly item: Item;
  observedAtMs: number;
}

interface Gathered {
  /** The last item of each key: pages overlap, and a dense second is shown many times. */
  readonly byKey: Map<string, Observed>;
  items: Observed[];
  /** Keys that were not in the batch before. */
  rowsNew: number;
  messages: Message[];
  covered: SecondRange[];
  met: SecondRange[];
  gaps: Gap[];
  bytes: number;
}

const nothingGathered = (): Gathered => ({
  byKey: new Map(),
  items: [],
  rowsNew: 0,
  messages: [],
  covered: [],
  met: [],
  gaps: [],
  bytes: 0,
});

/** What `first` and then `second` gathered. */
const together = (first: Gathered, second: Gathered): Gathered => ({
  byKey: new Map([...first.byKey, ...second.byKey]),
  items: [...first.items, ...second.items],
  rowsNew: first.rowsNew + second.rowsNew,
  messages: [...first.messages, ...second.messages],
  covered: [...first.covered, ...second.covered],
  met: [...first.met, ...second.met],
  gaps: [...first.gaps, ...second.gaps],
  bytes: first.bytes + second.bytes,
});

const isSameText = (one: Item, other: Item): boolean =>
  one.raw.length === other.raw.length && Buffer.compare(one.raw, other.raw) === 0;

interface LastWords {
  readonly checkpoint?: Checkpoint | null;
  readonly oldestServedAt?: UnixSeconds | null;
  readonly end?: RunEnd;
}

export class Loader {
  readonly #warehouse: Warehouse;
  readonly #clock: Clock;
  readonly #sourceCounts: () => SourceCounts;
  readonly #options: LoaderOptions;
  #gathered = nothingGathered();
  /** The batch that is being loaded; empty: none is. */
  #inFlight = nothingGathered();
  /** Keys of the batch before the one that is gathered. */
  #keysBefore: ReadonlySet<string> = new Set();
  /** Ends with that batch, and never fails: see `#failure`. */
  #loading: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;
  #counts: RunCounts = NO_COUNTS;
  #lastCommitMs: number;

  constructor(warehouse: Warehouse, clock: Clock, sourceCounts: () => SourceCounts, options: LoaderOptions) {
    this.#warehouse = warehouse;
    this.#clock = clock;
    this.#sourceCounts = sourceCounts;
    this.#options = options;
    this.#lastCommitMs = clock.nowMs();
  }

  get counts(): RunCounts {
    return { ...this.#counts, ...this.#sourceCounts() };
  }

  /** What is not committed yet. */
  get pending(): { readonly covered: readonly SecondRange[]; readonly gaps: readonly Gap[] } {
    const [first, second] = [this.#inFlight, this.#gathered];
    return { covered: [...first.covered, ...second.covered], gaps: [...first.gaps, ...second.gaps] };
  }

  /** Ids of the rows of a second that are gathered and not committed, those of `except` left out. */
  idsGatheredIn(second: UnixSeconds, except: Page): Set<CompletionId> {
    const ids = new Set<CompletionId>();
    const left = new Set(except.items);
    for (const { item } of [...this.#inFlight.items, ...this.#gathered.items]) {
      if (item.createdAt === second && item.id !== null && !left.has(item)) ids.add(item.id);
    }
    return ids;
  }

  addPage(page: Page): void {
    for (const item of page.items) this.#addItem(item, page.observedAtMs);
    this.#counts = {
      ...this.#counts,
      pages: this.#counts.pages + 1,
      rowsRead: this.#counts.rowsRead + page.items.length,
    };
  }

  #addItem(item: Item, observedAtMs: number): void {
    const gathered = this.#gathered;
    const key = `${item.createdAt} ${item.id}`;
    const known = gathered.byKey.get(key);
    if (known !== undefined && item.id !== null && isSameText(known.item, item)) {
      known.observedAtMs = Math.max(known.observedAtMs, observedAtMs);
      return;
    }
    const observed = { item, observedAtMs };
    gathered.byKey.set(key, observed);
    gathered.items.push(observed);
    gathered.bytes += item.raw.length;
    if (known === undefined && !this.#keysBefore.has(key)) gathered.rowsNew += 1;
  }

  addMessages(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#gathered.messages.push(message);
      this.#gathered.bytes += message.raw.length;
    }
  }

  /**
   * To be called after the pages that prove it were added.
   * @param isMet whether these pages held every row of it.
   */
  addCovered(covered: SecondRange | null, isMet: boolean): void {
    if (covered === null) return;
    this.#gathered.covered.push(covered);
    if (isMet) this.#gathered.met.push(covered);
  }

  addGap(gap: Gap): void {
    this.#gathered.gaps.push(gap);
  }

  /**
   * Begins to commit when the batch is full or old enough, or early, see {@link EARLY_FULLNESS}; waits where it is full and the one
   * before it is still under way. So a process that is killed has to read two batches again at the most.
   *
   * @throws what the batch before it failed with; that is gathered again then.
   */
  async commitIfDue(): Promise<void> {
    this.#throwFailure();
    while (this.#isDue()) {
      if (this.#loading === null) {
        this.#begin({});
        return;
      }
      if (!this.#isFull()) return;
      // Several walkers may wait here: the first that goes on begins the next batch.
      await this.#loading;
      this.#throwFailure();
    }
  }

  /** Commits all that is gathered. @throws as {@link commitIfDue}, or what this batch failed with. */
  async commit(last: LastWords = {}): Promise<void> {
    while (this.#loading !== null) await this.#loading;
    this.#throwFailure();
    this.#begin(last);
    await this.#loading;
    this.#throwFailure();
  }

  /** Of one batch: 1 and more is full. */
  get #fullness(): number {
    const { rowsNew, messages, bytes } = this.#gathered;
    return Math.max((rowsNew + messages.length) / this.#options.batchRows, bytes / BATCH_BYTES);
  }

  #isFull(): boolean {
    return this.#fullness >= 1;
  }

  #isDue(): boolean {
    const age = (this.#clock.nowMs() - this.#lastCommitMs) / (this.#options.batchSeconds * 1000);
    return this.#isFull() || age >= 1 || (this.#fullness >= EARLY_FULLNESS && age >= EARLY_AGE);
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }

  #begin(last: LastWords): void {
    this.#inFlight = this.#gathered;
    this.#keysBefore = new Set(this.#gathered.byKey.keys());
    this.#gathered = nothingGathered();
    this.#lastCommitMs = this.#clock.nowMs();
    this.#loading = this.#load(this.#inFlight, last)
      .catch((error: unknown) => {
        // Nothing of it is committed: it comes first again, and the run fails, or tries once more to commit it.
        this.#gathered = together(this.#inFlight, this.#gathered);
        this.#failure = { error };
      })
      .finally(() => {
        this.#inFlight = nothingGathered();
        this.#loading = null;
      });
  }

  async #load({ items, messages, covered, met, gaps }: Gathered, last: LastWords): Promise<void> {
    const reread = this.#options.reread();
    const startedMs = this.#clock.nowMs();
    const loaded = await this.#warehouse.load({
      runId: this.#options.runId,
      source: this.#options.source,
      scope: this.#options.scope,
      items,
      messages,
      covered: union([], covered),
      gaps,
      checkpoint: last.checkpoint ?? null,
      oldestServedAt: last.oldestServedAt ?? null,
      reread: reread === null ? null : { ...reread, met },
      counts: this.counts,
      end: last.end ?? null,
    });
    this.#counts = {
      ...this.#counts,
      rowsInserted: this.#counts.rowsInserted + loaded.rowsInserted,
      rowsUpdated: this.#counts.rowsUpdated + loaded.rowsUpdated,
      rowsRejected: this.#counts.rowsRejected + loaded.rowsRejected,
      rowsDeleted: this.#counts.rowsDeleted + loaded.rowsDeleted,
    };
    this.#options.onCommit({ rows: items.length, elapsedMs: this.#clock.nowMs() - startedMs });
  }
}
