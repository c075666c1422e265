/**
 * The walkers of a run: each fills a piece of a hole, and who is done takes over a part of what another one still has before it.
 *
 * They keep near to each other, newest first: a piece is cut not far below its walker, and the rest goes to the next one. So rows that are
 * loaded together are of one time, and what lies above the walkers is dealt with.
 */
import type { FillContext } from './context.ts';
import { glimpseOldest } from './end.ts';
import { fillPiece } from './fill.ts';
import { fillUpwards } from './fill-upwards.ts';
import { HeldRows } from './held.ts';
import { Piece } from './piece.ts';
import {
  type HeldRow,
  type Item,
  type KnownRow,
  type Page,
  type SecondRange,
  type UnixSeconds,
  unixSeconds,
} from './ports.ts';
import { candidatesOf, Scout } from './scout.ts';
import { dimensionKey } from './traits.ts';

/** Pages that have to be left of a piece for it to be cut: each cut costs about one. */
const PAGES_MIN = 4;
/** And for a scout to be sent, which costs some five. */
const SCOUT_PAGES_MIN = 24;
/** Of a piece that is cut off, at the most: each cut costs about a page, and rows that are loaded together are to be of one time. */
const CHUNK_ROWS = 4_000;
/** Holes that are looked for held rows in, and how many of them: shorter ones are read in a moment. */
const HELD_SECONDS_MIN = 3_600;
const HELD_HOLES_MAX = 8;
const HELD_ROWS = 4_096;
/** A cut nearer than so many is none. */
const NEAR_PAGES = 2;
/** Rows looked at for a filter that few pass: fewer know of no rare one, more keep the others waiting. */
const SAMPLE_ROWS = 40;

export type AroundPiece = (hole: SecondRange, fill: () => Promise<void>) => Promise<void>;

export interface CrewOptions {
  /** Rows a page is asked for. */
  readonly pageSize: number;
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
  /** Of what is read again. */
  #held = new HeldRows([]);
  #sample: Pick<Item, 'model' | 'metadata'>[] = [];
  #scout: Scout | null = null;
  #isScouting = false;
  #asking: Progress = 'not yet';
  /** The list has no rows before this second; 0: that is not known. */
  #begins = 0;
  /** Seconds a page of the pieces that were walked last. */
  #pace: number | null = null;
  /** Two walkers meet in it. */
  #shared: Piece | null = null;
  #isWalkedUpwards = false;
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
      if (this.#options.concurrency > 1) await this.#lookForHeld(ended.signal);
      // The others end with the first that fails. What they have gathered is committed all the same.
      const watched = (task: Promise<void>): Promise<void> =>
        task.catch((error: unknown) => {
          ended.abort(error);
          this.#changed();
          throw error;
        });
      const walkers = Array.from({ length: this.#options.concurrency }, () =>
        watched(this.#work(this.#options.contextOf(ended.signal))),
      );
      const ahead = this.#options.concurrency > 1 ? this.#lookAhead(ended.signal) : null;
      const results = await Promise.allSettled(walkers);
      await ahead?.end();
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
      const piece = this.#queue.shift() ?? this.#cutOff();
      if (piece !== null) await this.#fill(piece, context);
      else if (this.#isThrough) return;
      else if (!(await this.#help(context))) await this.#changeAfter(changes);
    }
  }

  /**
   * Beside the walkers: looks where the list begins, and for cuts. Whatever it fails with they meet themselves, if it matters.
   *
   * @returns `end` to be called when they are through.
   */
  #lookAhead(signal: AbortSignal): { end(): Promise<void> } {
    const own = new AbortController();
    const stop = (): void => own.abort();
    signal.addEventListener('abort', stop, { once: true });
    const look = async (): Promise<void> => {
      const context = this.#options.contextOf(own.signal);
      while (!own.signal.aborted) {
        const changes = this.#changes;
        if (this.#queue.length > 0 || !(await this.#scoutAhead(context))) await this.#changeAfter(changes);
      }
    };
    const looking = look().catch(() => {
      this.#scout = new Scout([]);
      this.#asking = 'over';
      this.#changed();
    });
    return {
      end: async () => {
        signal.removeEventListener('abort', stop);
        stop();
        this.#changed();
        await looking;
      },
    };
  }

  get #isThrough(): boolean {
    return this.#queue.length === 0 && this.#active.size === 0;
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
        if (this.#sample.length < SAMPLE_ROWS) this.#look(page);
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
  #cutOff(): Piece | null {
    const pieces = [...this.#active]
      .filter((piece) => piece !== this.#shared && this.#pagesLeft(piece) >= PAGES_MIN)
      .sort((a, b) => this.#pagesLeft(b) - this.#pagesLeft(a));
    for (const piece of pieces) {
      const cut = this.#cutIn(piece);
      const part = cut === null ? null : piece.split(cut);
      if (part === null) continue;
      // At once: whoever asks what is left must not miss it.
      this.#active.add(part);
      return part;
    }
    return null;
  }

  #pagesLeft(piece: Piece): number {
    return (
      this.#heldPagesIn(piece) ?? (piece.secondsAPage === null ? 0 : this.#pagesOf(piece, piece.secondsAPage))
    );
  }

  #pagesOf(piece: Piece, usual: number): number {
    const { secondsAPage, secondsLeft, frontier } = piece;
    const seconds = Math.max(0, Math.min(secondsLeft, frontier - this.#begins));
    return this.#heldPagesIn(piece) ?? seconds / (secondsAPage ?? usual);
  }

  /** What is left of a piece that is read again; null: no row of it is known to be held. */
  #heldPagesIn({ hole, frontier }: Piece): number | null {
    const rows = this.#held.rowsBetween(hole.from, frontier);
    return rows === 0 ? null : rows / this.#options.pageSize;
  }

  get #chunkPages(): number {
    return CHUNK_ROWS / this.#options.pageSize;
  }

  /** The second that a piece is best cut at: not far below its walker, and no farther than its middle. */
  #targetIn(piece: Piece): number {
    const pages = Math.min(this.#chunkPages, this.#pagesLeft(piece) / 2);
    if (this.#heldPagesIn(piece) !== null)
      return this.#held.secondBelow(piece.frontier, pages * this.#options.pageSize);
    return piece.frontier - pages * (piece.secondsAPage ?? 0);
  }

  /** The first row known below the target; where there is none, the last one above. */
  #cutIn(piece: Piece): KnownRow | null {
    const { hole, frontier, secondsAPage } = piece;
    const target = this.#targetIn(piece);
    const index = this.#cuts.findIndex(({ createdAt }) => createdAt <= target);
    const below = this.#cuts[index];
    if (below !== undefined && below.createdAt > hole.from) return below;
    const above = index === -1 ? this.#cuts.at(-1) : this.#cuts[index - 1];
    const near = frontier - NEAR_PAGES * (secondsAPage ?? 0);
    return above !== undefined && above.createdAt > hole.from && above.createdAt <= near ? above : null;
  }

  /**
   * The scout goes a page further, where not enough cuts are known ahead of the walkers. One walker at a time sees to it.
   *
   * @returns whether it did.
   */
  async #scoutAhead(context: FillContext): Promise<boolean> {
    const largest = this.#largest;
    if (this.#options.concurrency === 1 || largest === null) return false;
    // How far there is to go has to be known for it.
    if (await this.#askBeginning(context.signal)) return true;
    if (this.#asking !== 'over' || this.#isScouting || this.#pagesLeft(largest) < SCOUT_PAGES_MIN)
      return false;
    if (this.#scout === null && this.#sample.length < SAMPLE_ROWS) return false;
    this.#scout ??= new Scout(
      candidatesOf(this.#sample, (dimension) => context.traits.filtersIgnored.has(dimensionKey(dimension))),
    );
    if (this.#scout.isOver || this.#areCutsKnownIn(largest)) return false;
    this.#isScouting = true;
    this.#add(await this.#scout.next(largest.hole.from, largest.secondsAPage, context));
    this.#isScouting = false;
    return true;
  }

  /** Enough for all walkers to be given a part next, or down to where the list begins. */
  #areCutsKnownIn(piece: Piece): boolean {
    const { hole, frontier, secondsAPage } = piece;
    const ahead = this.#chunkPages * this.#options.concurrency * (secondsAPage ?? 0);
    const end = Math.max(hole.from, this.#begins);
    const wanted = Math.max(end, frontier - ahead);
    const isKnown = this.#cuts.some(({ createdAt }) => createdAt > hole.from && createdAt <= wanted);
    // Of one that ends nearer than that, whatever lies inside.
    if (isKnown || (wanted === end && this.#cutIn(piece) !== null)) return true;
    return (this.#scout?.reached ?? Number.POSITIVE_INFINITY) <= wanted;
  }

  /** What an idle walker may do for the others. @returns false: nothing. */
  async #help(context: FillContext): Promise<boolean> {
    const largest = this.#largest;
    if (this.#options.concurrency === 1 || largest === null || this.#scout?.isOver !== true) return false;
    if (this.#shared !== null || this.#options.isReread || this.#pagesLeft(largest) < SCOUT_PAGES_MIN)
      return false;
    this.#shared = largest;
    this.#isWalkedUpwards = true;
    await fillUpwards(largest, context);
    this.#isWalkedUpwards = false;
    // No one else needs to try: where it ended early, it would end again.
    this.#changed();
    return true;
  }

  /** The piece with most pages before its walker. */
  get #largest(): Piece | null {
    return [...this.#active].sort((a, b) => this.#pagesLeft(b) - this.#pagesLeft(a))[0] ?? null;
  }

  /** Once, where there may be far to go: how far that is. @returns whether it did. */
  async #askBeginning(signal: AbortSignal): Promise<boolean> {
    const isFar = [...this.#active].some((piece) => this.#pagesLeft(piece) >= PAGES_MIN);
    if (this.#asking !== 'not yet' || !isFar) return false;
    this.#asking = 'under way';
    // Not with the context of a walker, whose next page is on its way.
    const context = this.#options.contextOf(signal);
    const oldest = await glimpseOldest(context);
    this.#asking = 'over';
    if (oldest !== null) {
      this.#begins = oldest;
      context.noteOldestServed(oldest);
    }
    this.#changed();
    return true;
  }

  /** Rows that are held in the longest holes, to cut them at. */
  async #lookForHeld(signal: AbortSignal): Promise<void> {
    const { source, warehouse } = this.#options.contextOf(signal);
    const found: HeldRow[] = [];
    const long = this.#queue
      .map(({ hole }) => hole)
      .filter(({ from, to }) => to - from >= HELD_SECONDS_MIN)
      .sort((a, b) => b.to - b.from - (a.to - a.from));
    for (const hole of long.slice(0, HELD_HOLES_MAX)) {
      found.push(...(await warehouse.knownRowsWithin(source.name, hole, HELD_ROWS)));
    }
    this.#add(found);
    // Elsewhere there are rows that are not held, and nobody knows how many.
    if (this.#options.isReread) this.#held = new HeldRows(found);
  }

  #add(rows: readonly KnownRow[]): void {
    // Those above the walkers are of no more use.
    const reached = this.reached ?? 0;
    this.#cuts = [...this.#cuts, ...rows]
      .filter(({ createdAt }) => createdAt < reached)
      .sort((a, b) => b.createdAt - a.createdAt);
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
