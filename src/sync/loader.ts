/** Gathers what pages bring and commits it by batch: rows, and the coverage they prove, in one transaction. */
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

/** 32 Mi characters: long answers must not make a batch of 2,000 rows a matter of gigabytes. */
const BATCH_CHARACTERS_MAX = 32 * 1024 * 1024;

interface Gathered {
  items: { item: Item; observedAtMs: number }[];
  messages: Message[];
  covered: SecondRange[];
  met: SecondRange[];
  gaps: Gap[];
  characters: number;
}

const nothingGathered = (): Gathered => ({
  items: [],
  messages: [],
  covered: [],
  met: [],
  gaps: [],
  characters: 0,
});

export class Loader {
  readonly #warehouse: Warehouse;
  readonly #clock: Clock;
  readonly #sourceCounts: () => SourceCounts;
  readonly #options: LoaderOptions;
  #gathered = nothingGathered();
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

  /** What the next commit will add. */
  get pending(): { readonly covered: readonly SecondRange[]; readonly gaps: readonly Gap[] } {
    return this.#gathered;
  }

  /** Ids of the rows of a second that are gathered and not committed, those of `except` left out. */
  idsGatheredIn(second: UnixSeconds, except: Page): Set<CompletionId> {
    const ids = new Set<CompletionId>();
    const left = new Set(except.items);
    for (const { item } of this.#gathered.items) {
      if (item.createdAt === second && item.id !== null && !left.has(item)) ids.add(item.id);
    }
    return ids;
  }

  addPage(page: Page): void {
    for (const item of page.items) {
      this.#gathered.items.push({ item, observedAtMs: page.observedAtMs });
      this.#gathered.characters += item.raw.length;
    }
    this.#counts = {
      ...this.#counts,
      pages: this.#counts.pages + 1,
      rowsRead: this.#counts.rowsRead + page.items.length,
    };
  }

  addMessages(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#gathered.messages.push(message);
      this.#gathered.characters += message.raw.length;
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

  /** Commits when the batch is full or old enough. */
  async commitIfDue(): Promise<void> {
    const { items, messages, characters } = this.#gathered;
    const isFull =
      items.length + messages.length >= this.#options.batchRows || characters >= BATCH_CHARACTERS_MAX;
    const isOld = this.#clock.nowMs() - this.#lastCommitMs >= this.#options.batchSeconds * 1000;
    if (isFull || isOld) await this.commit();
  }

  async commit(
    last: { checkpoint?: Checkpoint | null; oldestServedAt?: UnixSeconds | null; end?: RunEnd } = {},
  ): Promise<void> {
    const { items, messages, covered, met, gaps } = this.#gathered;
    const reread = this.#options.reread();
    const startedMs = this.#clock.nowMs();
    const loaded = await this.#warehouse.load({
      runId: this.#options.runId,
      source: this.#options.source,
      scope: this.#options.scope,
      items,
      messages,
      covered,
      gaps,
      checkpoint: last.checkpoint ?? null,
      oldestServedAt: last.oldestServedAt ?? null,
      reread: reread === null ? null : { ...reread, met },
      counts: this.counts,
      end: last.end ?? null,
    });
    // Only now: a batch that failed to load is gathered still, and the run fails.
    this.#gathered = nothingGathered();
    this.#counts = {
      ...this.#counts,
      rowsInserted: this.#counts.rowsInserted + loaded.rowsInserted,
      rowsUpdated: this.#counts.rowsUpdated + loaded.rowsUpdated,
      rowsRejected: this.#counts.rowsRejected + loaded.rowsRejected,
      rowsDeleted: this.#counts.rowsDeleted + loaded.rowsDeleted,
    };
    this.#lastCommitMs = this.#clock.nowMs();
    this.#options.onCommit({ rows: items.length, elapsedMs: this.#lastCommitMs - startedMs });
  }
}
