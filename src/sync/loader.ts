/**
 * Gathers what pages bring and commits it by batch: rows, and the coverage they prove, in one transaction. A batch is loaded while
 * the walk goes on and the next one is gathered; never two at a time, so that each proves its seconds with all batches before it.
 *
 * Pages read newest first and pages read oldest first are gathered apart: rows that are loaded together lie together in the file, and of
 * two ends of a list each day's reader would have to read all of it.
 */

import { union } from './coverage.ts';
import type {
  Checkpoint,
  Clock,
  CompletionId,
  Gap,
  Item,
  Message,
  Order,
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
  /** When the last batch of these pages was begun. */
  sinceMs: number;
  /** Keys of that batch. */
  readonly keysBefore: ReadonlySet<string>;
}

const nothingGathered = (sinceMs: number, keysBefore: ReadonlySet<string> = new Set()): Gathered => ({
  byKey: new Map(),
  items: [],
  rowsNew: 0,
  messages: [],
  covered: [],
  met: [],
  gaps: [],
  bytes: 0,
  sinceMs,
  keysBefore,
});

const isNothing = ({ items, messages, covered }: Gathered): boolean =>
  items.length + messages.length + covered.length === 0;

/** What `first` and then `second` gathered. */
const together = (first: Gathered, second: Gathered): Gathered => ({
  ...second,
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

const BOTH: readonly Order[] = ['asc', 'desc'];

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
  readonly #gathered: Record<Order, Gathered>;
  /** Seconds of one may have been proven by rows of the other: both are loaded together the next time. */
  #areEntangled = false;
  /** The batch that is being loaded; null: none is. */
  #inFlight: Gathered | null = null;
  /** Ends with that batch, and never fails: see `#failure`. */
  #loading: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;
  #counts: RunCounts = NO_COUNTS;

  constructor(warehouse: Warehouse, clock: Clock, sourceCounts: () => SourceCounts, options: LoaderOptions) {
    this.#warehouse = warehouse;
    this.#clock = clock;
    this.#sourceCounts = sourceCounts;
    this.#options = options;
    const now = clock.nowMs();
    this.#gathered = { desc: nothingGathered(now), asc: nothingGathered(now) };
  }

  get counts(): RunCounts {
    return { ...this.#counts, ...this.#sourceCounts() };
  }

  /** What is not committed yet. */
  get pending(): { readonly covered: readonly SecondRange[]; readonly gaps: readonly Gap[] } {
    return {
      covered: this.#uncommitted.flatMap(({ covered }) => covered),
      gaps: this.#uncommitted.flatMap(({ gaps }) => gaps),
    };
  }

  get #uncommitted(): readonly Gathered[] {
    const { desc, asc } = this.#gathered;
    return [...(this.#inFlight === null ? [] : [this.#inFlight]), asc, desc];
  }

  /** Ids of the rows of a second that are gathered and not committed, those of `except` left out. */
  idsGatheredIn(second: UnixSeconds, except: Page): Set<CompletionId> {
    const ids = new Set<CompletionId>();
    const left = new Set(except.items);
    for (const gathered of this.#uncommitted) {
      for (const { item } of gathered.items) {
        if (item.createdAt !== second || item.id === null || left.has(item)) continue;
        ids.add(item.id);
        // Whoever asks goes down the list, and may prove the second with them.
        this.#areEntangled ||= gathered === this.#gathered.asc;
      }
    }
    return ids;
  }

  /** @param order that the page was asked for in. */
  addPage(page: Page, order: Order): void {
    for (const item of page.items) this.#addItem(item, page.observedAtMs, this.#gathered[order]);
    this.#counts = {
      ...this.#counts,
      pages: this.#counts.pages + 1,
      rowsRead: this.#counts.rowsRead + page.items.length,
    };
  }

  #addItem(item: Item, observedAtMs: number, gathered: Gathered): void {
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
    if (known === undefined && !gathered.keysBefore.has(key)) gathered.rowsNew += 1;
  }

  /** @param order of the page whose rows they belong to. */
  addMessages(messages: readonly Message[], order: Order): void {
    const gathered = this.#gathered[order];
    for (const message of messages) {
      gathered.messages.push(message);
      gathered.bytes += message.raw.length;
    }
  }

  /**
   * To be called after the pages that prove it were added.
   * @param isMet whether these pages held every row of it.
   * @param order that they were asked for in.
   */
  addCovered(covered: SecondRange | null, isMet: boolean, order: Order = 'desc'): void {
    if (covered === null) return;
    this.#gathered[order].covered.push(covered);
    if (isMet) this.#gathered[order].met.push(covered);
  }

  addGap(gap: Gap): void {
    this.#gathered.desc.gaps.push(gap);
  }

  /**
   * Begins to commit when a batch is full or old enough, or early, see {@link EARLY_FULLNESS}; waits where it is full and the one
   * before it is still under way. So a process that is killed has to read three batches again at the most, two where no page was
   * asked for oldest first.
   *
   * @throws what the batch before it failed with; that is gathered again then.
   */
  async commitIfDue(): Promise<void> {
    this.#throwFailure();
    for (let due = this.#due; due !== null; due = this.#due) {
      if (this.#loading === null) {
        this.#begin(this.#areOneBatch ? BOTH : [due], {});
        return;
      }
      if (this.#fullness(this.#gathered[due]) < 1) return;
      // Several walkers may wait here: the first that goes on begins the next batch.
      await this.#loading;
      this.#throwFailure();
    }
  }

  /** Commits all that is gathered. @throws as {@link commitIfDue}, or what a batch failed with. */
  async commit(last: LastWords = {}): Promise<void> {
    await this.#idle();
    if (!this.#areOneBatch) {
      this.#begin(['asc'], {});
      await this.#idle();
    }
    this.#begin(BOTH, last);
    await this.#idle();
  }

  async #idle(): Promise<void> {
    while (this.#loading !== null) await this.#loading;
    this.#throwFailure();
  }

  /** Of one batch: 1 and more is full. */
  #fullness({ rowsNew, messages, bytes }: Gathered): number {
    return Math.max((rowsNew + messages.length) / this.#options.batchRows, bytes / BATCH_BYTES);
  }

  /** The fuller one that is due; null: neither is. */
  get #due(): Order | null {
    const now = this.#clock.nowMs();
    const isDue = (order: Order): boolean => {
      const gathered = this.#gathered[order];
      // Nothing is read oldest first, most often: that must not have the other batches begun before they are full.
      if (order === 'asc' && isNothing(gathered)) return false;
      const fullness = this.#fullness(gathered);
      const age = (now - gathered.sinceMs) / (this.#options.batchSeconds * 1000);
      return fullness >= 1 || age >= 1 || (fullness >= EARLY_FULLNESS && age >= EARLY_AGE);
    };
    const { asc, desc } = this.#gathered;
    const fullerFirst: readonly Order[] =
      this.#fullness(asc) > this.#fullness(desc) ? ['asc', 'desc'] : ['desc', 'asc'];
    return fullerFirst.find(isDue) ?? null;
  }

  get #areOneBatch(): boolean {
    const { desc, asc } = this.#gathered;
    return this.#areEntangled || this.#fullness(desc) + this.#fullness(asc) <= 1;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }

  #begin(orders: readonly Order[], last: LastWords): void {
    const now = this.#clock.nowMs();
    const batch = orders.map((order) => this.#gathered[order]).reduce(together);
    for (const order of orders) {
      this.#gathered[order] = nothingGathered(now, new Set(this.#gathered[order].byKey.keys()));
    }
    this.#areEntangled = false;
    this.#inFlight = batch;
    this.#loading = this.#load(batch, last)
      .catch((error: unknown) => {
        // Nothing of it is committed: it comes first again, and the run fails, or tries once more to commit it. What was gathered
        // since may rest on it, from whichever end.
        this.#gathered.desc = together(batch, this.#gathered.desc);
        this.#areEntangled = true;
        this.#failure = { error };
      })
      .finally(() => {
        this.#inFlight = null;
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
