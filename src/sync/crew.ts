/** The walkers of a run: each fills a piece of a hole, and who is done takes over a part of what another one still has before it. */
import type { FillContext } from './context.ts';
import { glimpseOldest } from './end.ts';
import { fillPiece } from './fill.ts';
import { fillUpwards } from './fill-upwards.ts';
import { Piece } from './piece.ts';
import {
  type Item,
  type KnownRow,
  type Page,
  type SecondRange,
  type UnixSeconds,
  unixSeconds,
} from './ports.ts';
import { candidatesOf, scout } from './scout.ts';
import { dimensionKey } from './traits.ts';

/** Pages that have to be left of a piece for it to be cut: each cut costs about one. */
const PAGES_MIN = 3;
/** And for a scout to be sent, which costs some five. */
const SCOUT_PAGES_MIN = 24;
/** Rows looked at for a filter that few pass: fewer know of no rare one, more keep the others waiting. */
const SAMPLE_ROWS = 60;

export type AroundPiece = (hole: SecondRange, fill: () => Promise<void>) => Promise<void>;

export interface CrewOptions {
  /** At the most so many walkers; 1: none is looked for to help the first. */
  readonly concurrency: number;
  /** Every second is to be met from above: those that are read upwards tell nothing of deletions. */
  readonly isReread: boolean;
  /** A context for each walker; the signal ends it. */
  readonly contextOf: (signal: AbortSignal) => FillContext;
  /** Called around the filling of each piece. */
  readonly aroundPiece: AroundPiece;
}

type Progress = 'not yet' | 'under way' | 'over';

export class Crew {
  readonly #options: CrewOptions;
  readonly #queue: Piece[];
  readonly #active = new Set<Piece>();
  /** Found by the scout; oldest last. */
  #cuts: KnownRow[] = [];
  #sample: Pick<Item, 'model' | 'metadata'>[] = [];
  #scouting: Progress = 'not yet';
  #asking: Progress = 'not yet';
  /** The list has no rows before this second; 0: that is not known. */
  #begins = 0;
  /** Seconds a page of the pieces that were walked last. */
  #pace: number | null = null;
  /** Two walkers meet in it. */
  #shared: Piece | null = null;
  #isWalkedUpwards = false;
  /** Rows held were looked for inside a piece, and there were none. */
  readonly #unheld = new WeakSet<Piece>();
  #changes = 0;
  #waiting: (() => void)[] = [];

  constructor(holes: readonly SecondRange[], options: CrewOptions) {
    this.#queue = holes.map((hole) => new Piece(hole));
    this.#options = options;
  }

  /** Estimate, by how many seconds a page of each piece has come to; null: no page has come yet. */
  get pagesLeft(): number | null {
    const paces = [...this.#active].flatMap(({ secondsAPage }) => secondsAPage ?? []);
    const usual = paces.length === 0 ? this.#pace : paces.reduce((sum, pace) => sum + pace, 0) / paces.length;
    if (usual === null) return null;
    this.#pace = usual;
    const left = [...this.#queue, ...this.#active].map((piece) => this.#pagesOf(piece, usual));
    return left.reduce((sum, pages) => sum + pages, 0);
  }

  /** Walkers that are at work on a piece. */
  get walkers(): number {
    return this.#active.size + (this.#isWalkedUpwards ? 1 : 0);
  }

  /** All seconds from here up are dealt with; null: all of them. */
  get reached(): UnixSeconds | null {
    const frontiers = [...this.#queue, ...this.#active].map(({ frontier }) => frontier);
    return frontiers.length === 0 ? null : unixSeconds(Math.max(...frontiers));
  }

  /** @throws the first error of a walker, when all have ended. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const end = (): void => ended.abort(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    try {
      const walkers = Array.from({ length: this.#options.concurrency }, () =>
        this.#work(this.#options.contextOf(ended.signal)).catch((error: unknown) => {
          // The others end with it. What they have gathered is committed all the same.
          ended.abort(error);
          this.#changed();
          throw error;
        }),
      );
      const results = await Promise.allSettled(walkers);
      signal.throwIfAborted();
      // The signal's reason is the first walker's error, whoever else failed by it.
      if (results.some(({ status }) => status === 'rejected')) throw ended.signal.reason;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  async #work(given: FillContext): Promise<void> {
    const context = this.#watched(given);
    for (;;) {
      context.signal.throwIfAborted();
      const changes = this.#changes;
      const piece = this.#queue.shift() ?? (await this.#cutOff(context));
      if (piece !== null) await this.#fill(piece, context);
      else if (this.#active.size === 0) return;
      else if (!(await this.#help(context))) await this.#changeAfter(changes);
    }
  }

  async #fill(piece: Piece, context: FillContext): Promise<void> {
    this.#active.add(piece);
    // One that fails stays: what it has before it is not dealt with.
    await this.#options.aroundPiece(piece.hole, () => fillPiece(piece, context));
    this.#active.delete(piece);
    this.#changed();
  }

  /** With what the crew wants to know of its pages. */
  #watched(context: FillContext): FillContext {
    return {
      ...context,
      fetchPage: async (request, foresee) => {
        const page = await context.fetchPage(request, foresee);
        if (this.#scouting === 'not yet') this.#look(page);
        // Who walks alone has nobody who would ask meanwhile.
        if (this.#options.concurrency === 1) await this.#askBeginning(context.signal);
        return page;
      },
      onProgress: (reached) => {
        context.onProgress(reached);
        this.#changed();
      },
    };
  }

  #look(page: Page): void {
    this.#sample.push(...page.items.map(({ model, metadata }) => ({ model, metadata })));
  }

  /** A part of the piece that has most before it; null: no piece is worth it, or can be cut. */
  async #cutOff(context: FillContext): Promise<Piece | null> {
    if (this.#options.concurrency === 1) return null;
    await this.#askBeginning(context.signal);
    const pieces = [...this.#active]
      .filter((piece) => piece !== this.#shared && this.#pagesLeft(piece) >= PAGES_MIN)
      .sort((a, b) => this.#pagesLeft(b) - this.#pagesLeft(a));
    for (const piece of pieces) {
      const cut = this.#cutIn(piece) ?? (await this.#heldIn(piece, context));
      const part = cut !== null && piece !== this.#shared ? piece.split(cut) : null;
      if (part === null) continue;
      // At once: whoever asks what is left must not miss it.
      this.#active.add(part);
      return part;
    }
    return null;
  }

  #pagesLeft(piece: Piece): number {
    return piece.secondsAPage === null ? 0 : this.#pagesOf(piece, piece.secondsAPage);
  }

  #pagesOf({ secondsAPage, secondsLeft, frontier }: Piece, usual: number): number {
    return Math.max(0, Math.min(secondsLeft, frontier - this.#begins)) / (secondsAPage ?? usual);
  }

  /** The scout's row in the middle; the oldest where the scout has not come through the piece yet. */
  #cutIn(piece: Piece): KnownRow | null {
    const inside = this.#cuts.filter(
      ({ createdAt }) => createdAt > piece.hole.from && createdAt < piece.frontier,
    );
    const isThrough =
      this.#scouting !== 'under way' || (this.#cuts.at(-1)?.createdAt ?? 0) <= piece.hole.from;
    return inside.at(isThrough ? Math.floor(inside.length / 2) : -1) ?? null;
  }

  /** A row that is held, near the middle. */
  async #heldIn(piece: Piece, context: FillContext): Promise<KnownRow | null> {
    if (this.#unheld.has(piece)) return null;
    const { from } = piece.hole;
    const middle = unixSeconds(Math.floor((from + piece.frontier) / 2));
    const isInside = (row: KnownRow | null): row is KnownRow =>
      row !== null && row.createdAt < piece.frontier;
    for (const second of [middle, from]) {
      const row = await context.warehouse.knownRowAbove(context.source.name, second, 1);
      if (isInside(row)) return row;
    }
    this.#unheld.add(piece);
    return null;
  }

  /** What an idle walker may do for the others. @returns false: nothing. */
  async #help(context: FillContext): Promise<boolean> {
    if (this.#options.concurrency === 1) return false;
    const [largest] = [...this.#active].sort((a, b) => this.#pagesLeft(b) - this.#pagesLeft(a));
    // How far there is to go is known then.
    if (largest === undefined || this.#asking !== 'over') return false;
    if (this.#pagesLeft(largest) < SCOUT_PAGES_MIN) return false;
    if (this.#scouting === 'not yet' && this.#sample.length >= SAMPLE_ROWS) {
      this.#scouting = 'under way';
      const candidates = candidatesOf(this.#sample, (dimension) =>
        context.traits.filtersIgnored.has(dimensionKey(dimension)),
      );
      const { hole } = largest;
      const secondsAPage = (): number | null => largest.secondsAPage;
      const isOver = (): boolean => this.#active.size === 0;
      await scout({ hole, candidates, secondsAPage, isOver, onRows: (rows) => this.#add(rows) }, context);
      this.#scouting = 'over';
      this.#changed();
      return true;
    }
    if (this.#scouting === 'over' && this.#shared === null && !this.#options.isReread) {
      this.#shared = largest;
      this.#isWalkedUpwards = true;
      await fillUpwards(largest, context);
      this.#isWalkedUpwards = false;
      // No one else needs to try: where it ended early, it would end again.
      this.#changed();
      return true;
    }
    return false;
  }

  /** Once, where there may be far to go: how far that is. */
  async #askBeginning(signal: AbortSignal): Promise<void> {
    const isFar = [...this.#active].some((piece) => this.#pagesLeft(piece) >= PAGES_MIN);
    if (this.#asking !== 'not yet' || !isFar) return;
    this.#asking = 'under way';
    // Not with the context of a walker, whose next page is on its way.
    const context = this.#options.contextOf(signal);
    const oldest = await glimpseOldest(context);
    this.#asking = 'over';
    this.#changed();
    if (oldest === null) return;
    this.#begins = oldest;
    context.noteOldestServed(oldest);
  }

  #add(rows: readonly KnownRow[]): void {
    this.#cuts = [...this.#cuts, ...rows].sort((a, b) => b.createdAt - a.createdAt);
    this.#changed();
  }

  /** At once when something has changed since then. */
  async #changeAfter(changes: number): Promise<void> {
    if (this.#changes === changes) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    this.#changes += 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}
